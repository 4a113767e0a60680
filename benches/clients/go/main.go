// Command go measures our SDK for Go beside the public one, in one process and in turns:
//
//	go run . [-quick] [-section] <folder of the guests>
//
// It prints a table, or a section of the user guide. `cargo xtask bench --go` runs it.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	quick := flag.Bool("quick", false, "take few samples")
	section := flag.Bool("section", false, "print a section of the user guide")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: go [-quick] [-section] <folder of the guests>")
		os.Exit(2)
	}
	results, err := measureAll(flag.Arg(0), newPlan(*quick))
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	if *section {
		fmt.Print(markdown(results))
	} else {
		fmt.Print(table(results))
	}
}

// measureAll measures every row.
func measureAll(guests string, plan plan) ([]result, error) {
	var results []result
	for _, row := range rows(guests) {
		result, err := measure(row, plan)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: measured\n", row.name)
		results = append(results, result)
	}
	return results, nil
}
