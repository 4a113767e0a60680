package main

import (
	"strings"
	"testing"
)

// TestEveryRow lets every row be measured once, so that one that does not work is noticed before it is needed.
func TestEveryRow(t *testing.T) {
	results, err := measureAll("../../../guests", plan{rounds: 1, batches: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.public <= 0 || result.own <= 0 || result.ratio <= 0 {
			t.Errorf("%+v", result)
		}
	}
	if lines := strings.Count(markdown(results), "\n| "); lines != len(results)+2 {
		t.Errorf("%d lines for %d results", lines, len(results))
	}
}

func TestWrongOutputsAreErrors(t *testing.T) {
	for _, output := range [][]byte{nil, []byte("b"), []byte("aa")} {
		wrong := &operation{call: func() ([]byte, error) { return output, nil }}
		if _, err := newSampler(wrong, &work{output: []byte("a")}, plan{}); err == nil {
			t.Errorf("%q is no error", output)
		}
	}
}

func TestFigures(t *testing.T) {
	for nanoseconds, wanted := range map[float64]string{
		5: "5 ns", 999: "999 ns", 1000: "1.00 µs", 99_994: "99.99 µs", 123_456: "123 µs", 1.5e6: "1.50 ms",
	} {
		if got := duration(nanoseconds); got != wanted {
			t.Errorf("%s instead of %s", got, wanted)
		}
	}
	if got := median([]float64{3, 1, 2}); got != 2 {
		t.Errorf("the median is %v", got)
	}
	if got := size(64<<10) + size(1<<20) + size(64); got != "64 KiB1 MiB64 B" {
		t.Error(got)
	}
}
