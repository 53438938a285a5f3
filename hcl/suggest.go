package hcl

import (
	"slices"
	"strings"
)

// maxSuggestions is how many names a suggestion has.
const maxSuggestions = 3

// suggest gives the known names that are near a name, the nearest first: within
// a third of its length of edits and swaps of neighbours. Names of two
// characters and less are near everything, and so near nothing.
func suggest(name string, known []string) []string {
	if len(name) <= 2 || len(name) > 64 {
		return nil
	}
	limit := max(1, len(name)/3)
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, k := range known {
		if d := max(len(k), len(name)) - min(len(k), len(name)); d > limit || k == name {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d <= limit {
			found = append(found, near{k, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, n := range found[:min(len(found), maxSuggestions)] {
		out = append(out, n.name)
	}
	return out
}

// distance is the number of edits (insert, delete, replace a byte, swap two
// neighbours) that make b of a.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// didYouMean gives "did you mean X, Y or Z?", or "" for no names.
func didYouMean(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "did you mean " + names[0] + "?"
	default:
		last := len(names) - 1
		return "did you mean " + strings.Join(names[:last], ", ") + " or " + names[last] + "?"
	}
}
