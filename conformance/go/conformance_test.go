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

	"github.com/tetratelabs/wazero"

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
var recorded = map[string]int{"own": 496, "public": 486}

var surfaces = map[string]func() conformance.Surface{
	"own":    func() conformance.Surface { return own.New(cache) },
	"public": func() conformance.Surface { return public.New(cache) },
}

// cacheVariable names a folder to keep compiled code in from run to run; without it, each run compiles each guest once.
const cacheVariable = "PLUGWRIGHT_WAZERO_CACHE"

var cache = newCache()

func newCache() wazero.CompilationCache {
	folder := os.Getenv(cacheVariable)
	if folder == "" {
		return wazero.NewCompilationCache()
	}
	cache, err := wazero.NewCompilationCacheWithDir(folder)
	if err != nil {
		panic(fmt.Sprintf("%s=%s: %v", cacheVariable, folder, err))
	}
	return cache
}

var sdk = flag.String("sdk", "own", "the SDK to run the cases by: own, or public to learn its behaviour")

func TestCases(t *testing.T) {
	open, known := surfaces[*sdk]
	if !known {
		t.Fatalf("-sdk is one of %v", slices.Sorted(maps.Keys(surfaces)))
	}
	bench := newBench(t, open())
	leftOut, expressible := make(map[string]int), 0
	for _, loaded := range bench.cases {
		reason := conformance.LeftOut(loaded.Case, bench.surface.Abilities())
		switch {
		case reason == "":
			expressible++
			bench.try(t, &loaded, conformance.Run)
		case conformance.MissingFeature(loaded.Case) != "":
			leftOut[reason]++
			bench.try(t, &loaded, conformance.RunRefused)
		default:
			leftOut[reason]++
		}
	}
	t.Logf("%d of %d cases can be expressed", expressible, len(bench.cases))
	for _, reason := range slices.Sorted(maps.Keys(leftOut)) {
		t.Logf("  %d left out: %s", leftOut[reason], reason)
	}
	if expressible < recorded[*sdk] {
		t.Errorf("%d cases can be expressed: less than %d", expressible, recorded[*sdk])
	}
}

// TestTypedHostFunctions runs the cases with host functions once more, with functions that our SDK makes of ordinary functions of Go.
func TestTypedHostFunctions(t *testing.T) {
	surface := own.New(cache)
	surface.Typed = true
	bench := newBench(t, surface)
	for _, loaded := range bench.cases {
		if len(loaded.Case.HostFunctions) > 0 && conformance.LeftOut(loaded.Case, surface.Abilities()) == "" {
			bench.try(t, &loaded, conformance.Run)
		}
	}
}

// bench is what cases need to run.
type bench struct {
	surface conformance.Surface
	cases   []conformance.Loaded
	guests  string
	server  *conformance.Server
}

func newBench(t *testing.T, surface conformance.Surface) *bench {
	t.Helper()
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
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{surface, cases, guests, server}
}

// try runs a case as a test of its own.
func (b *bench) try(t *testing.T, loaded *conformance.Loaded, run runner) {
	t.Run(loaded.Topic+"/"+loaded.Case.Name, func(t *testing.T) {
		if missing := loaded.Unbuilt(b.guests); missing != "" {
			t.Fatalf("guests/%s is not built: run `cargo xtask guests`", missing)
		}
		// Not t.TempDir: a case that hangs may still write into it.
		folder, err := os.MkdirTemp("", "conformance-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(folder)
		if err := runInTime(run, loaded, conformance.NewWorld(b.server, b.guests, folder), b.surface); err != nil {
			t.Error(err)
		}
	})
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
