package conformance_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	conformance "github.com/plugwright/plugwright/conformance/go"
	"github.com/plugwright/plugwright/conformance/go/own"
	"github.com/plugwright/plugwright/conformance/go/public"
)

const (
	casesFolder  = "../cases"
	guestsFolder = "../../guests"

	// caseTime is when a case counts as hung.
	caseTime = 60 * time.Second
)

// recorded is how many cases run at least: the rule that leaves cases out cannot leave out too many unnoticed.
var recorded = map[string]int{"own": 486, "public": 484}

var surfaces = map[string]func() conformance.Surface{
	"own":    func() conformance.Surface { return own.New() },
	"public": func() conformance.Surface { return public.New() },
}

var sdk = flag.String("sdk", "own", "the SDK to run the cases by: own, or public to learn its behaviour")

func TestCases(t *testing.T) {
	open, known := surfaces[*sdk]
	if !known {
		t.Fatalf("-sdk is one of %v", slices.Sorted(maps.Keys(surfaces)))
	}
	surface := open()
	cases, err := conformance.Load(casesFolder)
	if err != nil {
		t.Fatal(err)
	}
	guests, err := filepath.Abs(guestsFolder)
	if err != nil {
		t.Fatal(err)
	}
	server, err := conformance.StartServer()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()

	leftOut, expressible := make(map[string]int), 0
	for _, loaded := range cases {
		run := conformance.Run
		if reason := conformance.LeftOut(loaded.Case, surface.Abilities()); reason != "" {
			leftOut[reason]++
			if conformance.MissingFeature(loaded.Case) == "" {
				continue
			}
			run = conformance.RunRefused
		} else {
			expressible++
		}
		t.Run(loaded.Topic+"/"+loaded.Case.Name, func(t *testing.T) {
			if missing := loaded.Unbuilt(guests); missing != "" {
				t.Fatalf("guests/%s is not built: run `cargo xtask guests`", missing)
			}
			// Not t.TempDir: a case that hangs may still write into it.
			folder, err := os.MkdirTemp("", "conformance-")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(folder)
			if err := runInTime(run, &loaded, conformance.NewWorld(server, guests, folder), surface); err != nil {
				t.Error(err)
			}
		})
	}
	t.Logf("%d of %d cases can be expressed", expressible, len(cases))
	for _, reason := range slices.Sorted(maps.Keys(leftOut)) {
		t.Logf("  %d left out: %s", leftOut[reason], reason)
	}
	if expressible < recorded[*sdk] {
		t.Errorf("%d cases can be expressed: less than %d", expressible, recorded[*sdk])
	}
}

type runner func(context.Context, *conformance.Case, *conformance.World, conformance.Surface) error

// runInTime runs a case on a goroutine of its own, which is left behind when it hangs.
func runInTime(run runner, loaded *conformance.Loaded, world *conformance.World, surface conformance.Surface) error {
	resolved, err := loaded.Resolve(world)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		// A panic of an SDK is the failure of the case, and no reason to run no other.
		defer func() {
			if value := recover(); value != nil {
				ended <- fmt.Errorf("panicked: %v\n%s", value, debug.Stack())
			}
		}()
		ended <- run(context.Background(), resolved, world, surface)
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(caseTime):
		return fmt.Errorf("still running after %s", caseTime)
	}
}
