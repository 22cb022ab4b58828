package say

import (
	"fmt"
	"slices"
	"strings"

	"tussle/report/model"
)

// Legend explains the columns of the comparison in one line or two.
func Legend(r *model.Report) string {
	out := []string{"p50, p99: time to commit, retries and waits included", "tries: attempts per commit", "Jain: 1 is even, 1/n is one client of n taking all"}
	for _, c := range r.Comparisons {
		if c.P != nil {
			out = append(out, "p: Holm-corrected U test over n blocks a side; ~: no significant difference")
			break
		}
	}
	return strings.Join(out, " · ")
}

// Point names the point of a sweep that figures and table are of; it is empty
// where there was no sweep.
func Point(r *model.Report) string {
	if len(r.Sweeps) == 0 || len(r.Sweeps[0].Points) == 0 {
		return ""
	}
	s := &r.Sweeps[0]
	return "at " + Visible(s.Parameter, CutName) + " = " + Visible(s.Points[len(s.Points)-1].Label, 20)
}

// Purpose says what went wrong on purpose, and what held all the same: "10 of
// 10 kills took effect; nothing was lost in 8,437 commits". It is empty
// without faults.
func Purpose(r *model.Report) string {
	type sum struct{ injected, effective int64 }
	var kinds []string
	sums := map[string]sum{}
	var commits int64
	broke := ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		commits += s.Operations.Committed
		for _, f := range s.Faults {
			if !slices.Contains(kinds, f.Kind) {
				kinds = append(kinds, f.Kind)
			}
			sums[f.Kind] = sum{sums[f.Kind].injected + f.Injected, sums[f.Kind].effective + f.Effective}
		}
		if broke == "" && !model.Clean(s) {
			broke = Visible(s.Name, CutName) + " " + Lost(s)
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s x%s, %s with an effect", Visible(k, CutName), Count(sums[k].injected), Count(sums[k].effective)))
	}
	end := "no violation was found in " + Plural(commits, "commit")
	if broke != "" {
		end = broke
	}
	return "faults: " + strings.Join(out, "; ") + "; " + end
}
