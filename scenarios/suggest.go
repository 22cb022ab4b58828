package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// suggest returns a hint for an unknown word: the nearest known one, or the
// list of all.
func suggest(word string, known []string, what string) string {
	if near := nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s", what, strings.Join(known, ", "))
}

// nearest returns the known word with the smallest edit distance, when it is
// near enough to be a slip; "" else. Ties go to the first in order.
func nearest(word string, known []string) string {
	best, distance := "", len(word)/3+2
	folded := fold(word)
	for _, k := range known {
		if d := editDistance(folded, fold(k)); d < distance {
			best, distance = k, d
		}
	}
	if distance >= max(len(word), len(best)) {
		return "" // nothing in common
	}
	return best
}

// Nearest returns the known word that a slip probably meant, "" when none is
// near.
func Nearest(word string, known []string) string { return nearest(word, known) }

var separators = strings.NewReplacer("-", "", "_", "", " ", "")

func fold(s string) string { return separators.Replace(strings.ToLower(s)) }

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours (optimal string alignment distance).
func editDistance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next := make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func didYouMean(s string, known []string) string {
	if n := nearest(s, known); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}
