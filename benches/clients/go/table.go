package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
)

var headings = []string{"call", "public", "ours", "public/ours", "allocations, public", "ours"}

// table is the result for a terminal.
func table(results []result) string {
	var text strings.Builder
	writer := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(writer, strings.Join(headings, "\t"))
	for _, result := range results {
		fmt.Fprintln(writer, strings.Join(cells(result), "\t"))
	}
	// It writes to memory, which does not fail.
	_ = writer.Flush()
	return text.String()
}

// markdown is a section of the user guide.
func markdown(results []result) string {
	var text strings.Builder
	fmt.Fprintf(&text, "## Go\n\nThe public SDK for Go and ours do the same work in one process, in turns. A sample is the best of three batches, a "+
		"figure the median of the samples, a ratio the median of the rounds' ratios; allocations are objects on Go's heap for each call. "+
		"What was computed was checked.\n\n%s\n\n", versions())
	fmt.Fprintf(&text, "| %s |\n| --- |%s\n", strings.Join(headings, " | "), strings.Repeat(" ---: |", len(headings)-1))
	for _, result := range results {
		fmt.Fprintf(&text, "| %s |\n", strings.Join(cells(result), " | "))
	}
	return text.String()
}

// versions is what took part, in one line.
func versions() string {
	parts := []string{runtime.Version()}
	if info, known := debug.ReadBuildInfo(); known {
		for _, dependency := range info.Deps {
			switch dependency.Path {
			case "github.com/extism/go-sdk", "github.com/tetratelabs/wazero":
				parts = append(parts, "`"+dependency.Path+"` "+dependency.Version)
			}
		}
	}
	return strings.Join(parts, ", ") + " (the engine of both)."
}

func cells(result result) []string {
	return []string{
		result.name, duration(result.public), duration(result.own), fmt.Sprintf("%.1f", result.ratio),
		fmt.Sprintf("%.1f", result.publicAllocations), fmt.Sprintf("%.1f", result.ownAllocations),
	}
}

// duration is a time with three digits or more, and its unit.
func duration(nanoseconds float64) string {
	switch {
	case nanoseconds < 1e3:
		return fmt.Sprintf("%.0f ns", nanoseconds)
	case nanoseconds < 1e5:
		return fmt.Sprintf("%.2f µs", nanoseconds/1e3)
	case nanoseconds < 1e6:
		return fmt.Sprintf("%.0f µs", nanoseconds/1e3)
	default:
		return fmt.Sprintf("%.2f ms", nanoseconds/1e6)
	}
}
