package plugwright

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestErrorsAreFoundByKind(t *testing.T) {
	cause := errors.New("the cause")
	err := fmt.Errorf("wrapped: %w", newError(KindTimeout, "too %s", "late").because(cause).in("p", "f").in("q", "g"))
	var own *Error
	if !errors.As(err, &own) || own.Plugin != "p" || own.Function != "f" || own.Code != -1 {
		t.Fatal(err)
	}
	if !errors.Is(err, KindTimeout) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cause) {
		t.Error(err)
	}
	if errors.Is(err, KindCancelled) || errors.Is(err, context.Canceled) || errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := newError(KindCancelled, "x"); !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if KindHTTP.Error() != "Http" {
		t.Error("a kind's text is its name")
	}
}

func TestErrorTexts(t *testing.T) {
	for expected, err := range map[string]*Error{
		"plug-in `p`, function `f`: too late": newError(KindTimeout, "too late").in("p", "f"),
		"plug-in `p`: too late":               newError(KindTimeout, "too late").in("p", ""),
		"function `f`: too late":              newError(KindTimeout, "too late").in("", "f"),
		"too late":                            newError(KindTimeout, "too late"),
		"what the guest said":                 {Kind: KindGuest, Code: 3, Message: "what the guest said", Plugin: "p"},
		"plug-in `p`, function `f`: the plug-in returned code -3 without a message": {
			Kind: KindGuest, Code: -3, Plugin: "p", Function: "f",
		},
	} {
		if err.Error() != expected {
			t.Errorf("%s and not %s", err, expected)
		}
	}
	if newError(KindTrap, "x").Code != 134 {
		t.Error("a trap's code")
	}
	missing := MissingImport{Module: "env", Name: "f", Type: "(i64) -> i64", Hint: "a hint"}
	if missing.String() != "`env.f` (i64) -> i64 (a hint)" {
		t.Error(missing)
	}
	backtrace := Backtrace{{Function: "f", File: "a.rs", Line: 7}, {}, {Function: "g", File: "b.c"}}
	if backtrace.String() != "  0: f (a.rs:7)\n  1: <unknown function>\n  2: g (b.c)" {
		t.Error(backtrace)
	}
}

func TestVersionIsTheWorkspaces(t *testing.T) {
	text, err := os.ReadFile("../../Cargo.toml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\nversion = \""+version+"\"\n") {
		t.Errorf("Cargo.toml has another version than %s", version)
	}
}
