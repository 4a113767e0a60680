package plugwright

import (
	"strings"
	"unicode/utf8"
)

// nearest is the known name that a mistaken one probably stands for; empty if it is like none.
func nearest(name string, known []string) string {
	most := 0
	for _, candidate := range known {
		most = max(most, len(candidate))
	}
	// Far too long to be a slip of any known name, and comparing takes time in proportion.
	if utf8.RuneCountInString(name) > 2*most {
		return ""
	}
	name = strings.ToLower(name)
	best, fewest := "", -1
	for _, candidate := range known {
		count := edits(name, candidate)
		// A part is `timeout` for `timeout_ms`, or `hosts` for `allowed_hosts`.
		isPart := len(name) >= 4 && strings.Contains(candidate, name)
		if (count <= max(len(candidate)/3, 1) || isPart) && (fewest < 0 || count < fewest) {
			best, fewest = candidate, count
		}
	}
	return best
}

// edits counts the insertions, deletions and replacements that turn one text into the other (Levenshtein).
func edits(from, to string) int {
	source := []rune(from)
	row := make([]int, len(source)+1)
	for i := range row {
		row[i] = i
	}
	done := 0
	for _, target := range to {
		diagonal := row[0]
		done++
		row[0] = done
		for j, char := range source {
			replaced := diagonal
			if char != target {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(source)]
}
