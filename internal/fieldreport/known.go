package main

import (
	"fmt"
	"strings"
	"time"
)

// What is known of a server, said of one run: "" when the run shows it, and
// otherwise what was expected.

func losesSome(r *result) string {
	if r.exit != 1 || r.property.Verdict != "violated" || r.property.Violations < 1 || len(r.property.Findings) < 1 {
		return "known to lose acknowledged writes, with exit code 1"
	}
	return ""
}

func losesNone(r *result) string {
	if r.exit != 0 || r.property.Verdict != "holds" || r.report.Strategies[0].Operations.Committed < 1 {
		return "known to lose none, with exit code 0"
	}
	return ""
}

func livelocksAndLoses(r *result) string {
	if !strings.Contains(r.livelock, "weak entity tag") {
		return "known for a livelock by weak tags"
	}
	return losesSome(r)
}

// countsConflictsOf200: the server says 200 to what it did and to what it
// refused.
func countsConflictsOf200(r *result) string {
	s := r.report.Strategies[0]
	if len(s.ByStatus) != 1 || s.ByStatus["200"] == 0 || s.Conflicts.Attempts < 1 {
		return fmt.Sprintf("conflicts with status 200 were expected, got %d and %v", s.Conflicts.Attempts, s.ByStatus)
	}
	return losesNone(r)
}

// unexpected lists the runs that do not show what is known of their server, or
// took longer than a run may.
func unexpected(rows []row) []string {
	var out []string
	for _, w := range rows {
		for i, r := range w.runs {
			missing := ""
			if w.known != nil {
				missing = w.known(r)
			}
			if missing == "" && r.took > longest {
				missing = fmt.Sprintf("took %.1f s, at most %.0f s", r.took.Seconds(), longest.Seconds())
			}
			if missing != "" {
				out = append(out, fmt.Sprintf("%s %s, run %d of %d: %s: exit code %d, %s with %d violations",
					w.server, w.scenario, i+1, len(w.runs), missing, r.exit, r.property.Verdict, r.property.Violations))
			}
		}
	}
	return out
}

// longest is what one run may take.
const longest = 30 * time.Second
