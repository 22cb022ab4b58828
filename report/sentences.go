package report

import (
	"fmt"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/svg"
)

// verdictWord is the gate's verdict in capitals, for the band of each format.
func verdictWord(v check.Verdict) string { return strings.ToUpper(string(v)) }

// about says in one sentence what was found about a strategy: right or wrong
// first, speed only if nothing was lost.
func about(s *Strategy) string {
	var b strings.Builder
	bad := broken(s)
	switch {
	case len(bad) > 0:
		p := bad[0]
		b.WriteString(harm(p))
		if p.Evidence != "" {
			b.WriteString(" in " + visible(p.Evidence, cutText))
		}
		if p.Promised {
			b.WriteString("; it promised " + visible(p.Name, cutName))
		} else {
			b.WriteString("; it did not promise otherwise")
		}
		for _, q := range bad[1:] {
			b.WriteString("; also " + harm(q))
		}
		if s.Goodput != nil {
			b.WriteString(". Fast, but that counts for nothing: " + figure(s.Goodput) + " writes/s of which some are gone")
		}
	case s.Verdict == check.Holds:
		b.WriteString("no violation of " + list(s.Promised))
		if e := evidence(s); e != "" {
			b.WriteString(" in " + e)
		}
	case s.Verdict == check.NotJudged:
		b.WriteString("promises nothing, and no violation was seen")
		if e := evidence(s); e != "" {
			b.WriteString(" in " + e)
		}
	default:
		b.WriteString(string(s.Verdict) + ": ")
		b.WriteString(whyOpen(s))
	}
	return b.String() + "."
}

// evidence is what the first promised property was judged on, or else the
// first one of all.
func evidence(s *Strategy) string {
	first := ""
	for _, p := range s.Properties {
		if p.Promised && p.Evidence != "" {
			return visible(p.Evidence, cutText)
		}
		if first == "" {
			first = visible(p.Evidence, cutText)
		}
	}
	return first
}

func whyOpen(s *Strategy) string {
	for _, p := range s.Properties {
		if p.Verdict == s.Verdict && p.Reason != "" {
			return visible(p.Reason, cutText)
		}
	}
	return "the record does not decide it"
}

func list(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, visible(n, cutName))
	}
	switch len(out) {
	case 0:
		return "what was checked"
	case 1:
		return out[0]
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}

// facts answers the three questions of a reader with ten seconds.
func facts(r *Report) [3]string {
	return [3]string{whoLost(r), whoFaster(r), howSure(r)}
}

func whoLost(r *Report) string {
	var out, open []string
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if bad := broken(s); len(bad) > 0 {
			text := visible(s.Name, cutName) + " " + harm(bad[0])
			if !bad[0].Promised {
				text += " (not promised)"
			}
			out = append(out, text)
		} else if s.Verdict == check.NotExercised || s.Verdict == check.Undecided {
			open = append(open, visible(s.Name, cutName)+" was "+string(s.Verdict))
		}
	}
	switch {
	case len(out) > 0:
		return strings.Join(append(out, open...), "; ") + "."
	case len(open) > 0:
		return "Not known: " + strings.Join(open, "; ") + "."
	}
	return "No strategy: nothing that was checked is violated."
}

// find returns the comparison of head's metric with the base, or nil.
func find(r *Report, head, metric string) *measure.Comparison {
	for i := range r.Comparisons {
		if c := &r.Comparisons[i]; c.Head == head && c.Metric == metric {
			return c
		}
	}
	return nil
}

const goodput = "goodput_per_s"

func whoFaster(r *Report) string {
	if len(r.Strategies) < 2 {
		return "There is one strategy only: nothing to compare."
	}
	base := &r.Strategies[0]
	var out, lost []string
	sound := 0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if !clean(s) {
			lost = append(lost, visible(s.Name, cutName)+" ("+harmShort(broken(s)[0])+")")
			continue
		}
		sound++
		if i == 0 || !clean(base) {
			continue
		}
		if c := find(r, s.Name, goodput); c != nil {
			out = append(out, versus(c))
		}
	}
	tail := ""
	if len(lost) > 0 {
		tail = " The speed of " + strings.Join(lost, " and of ") + " does not count."
	}
	switch {
	case len(out) > 0:
		return strings.Join(out, "; ") + "." + tail
	case sound < 2:
		return "Not compared: fewer than two strategies broke nothing." + tail
	}
	return "Not compared: too few blocks." + tail
}

// versus says what a comparison of goodput found, from the head's side.
func versus(c *measure.Comparison) string {
	base, head := visible(c.Base, cutName), visible(c.Head, cutName)
	switch c.Verdict {
	case "better", "worse":
		if c.Ratio == nil {
			break
		}
		ratio, ci := *c.Ratio, c.CI95
		winner, loser := head, base
		if ratio < 1 && ratio > 0 {
			winner, loser, ratio = base, head, 1/ratio
			if ci != nil && ci[0] > 0 {
				ci = &[2]float64{1 / ci[1], 1 / ci[0]}
			}
		}
		text := fmt.Sprintf("%s committed %s times what %s did", winner, fixed(ratio), loser)
		if ci != nil {
			text += fmt.Sprintf(" (95 %% CI %s to %s)", fixed(ci[0]), fixed(ci[1]))
		}
		return text
	case "within-noise":
		return fmt.Sprintf("%s and %s differ by less than the noise threshold", base, head)
	case "no-difference":
		return fmt.Sprintf("no difference detected between %s and %s", base, head)
	}
	text := fmt.Sprintf("%s and %s were not compared", base, head)
	if c.Note != "" {
		text += " (" + visible(c.Note, cutText) + ")"
	}
	return text
}

func fixed(v float64) string { return fmt.Sprintf("%.2f", v) }

func howSure(r *Report) string {
	n := blocks(r)
	var b strings.Builder
	switch {
	case n == 0:
		b.WriteString("Not sure at all: no block was measured to its end.")
	case n < 6:
		fmt.Fprintf(&b, "Weak on speed: %s a strategy is too few for intervals (6 are needed).", plural(int64(n), "block"))
	default:
		claimed := 0
		for _, c := range r.Comparisons {
			if c.Verdict == "better" || c.Verdict == "worse" {
				claimed++
			}
		}
		fmt.Fprintf(&b, "%d interleaved blocks a strategy; %d of %s claimed as a difference.", n, claimed, plural(int64(len(r.Comparisons)), "comparison"))
	}
	ok, all := selfChecks(r)
	if all > 0 {
		if ok == all {
			fmt.Fprintf(&b, " All %d self-checks are within their limits.", all)
		} else {
			fmt.Fprintf(&b, " %d of %d self-checks are not within their limits.", all-ok, all)
		}
	}
	if r.Interrupted {
		b.WriteString(" The run was interrupted.")
	}
	if r.Cut != "" {
		b.WriteString(" The record was cut off.")
	}
	return b.String()
}

// blocks is the smallest number of measured blocks of a strategy. In a sweep
// the strategy's figures are of the last point, and so are its blocks.
func blocks(r *Report) int {
	least := -1
	for _, s := range r.Strategies {
		if n := len(s.Blocks); least < 0 || n < least {
			least = n
		}
	}
	for _, c := range r.Comparisons {
		if c.N > 0 && (least < 0 || c.N < least) {
			least = c.N
		}
	}
	return max(least, 0)
}

func selfChecks(r *Report) (ok, all int) {
	for _, c := range r.SelfChecks {
		all++
		if c.Verdict == check.Pass {
			ok++
		}
	}
	return ok, all
}

// headline is what was run, in one line of parts.
func headline(r *Report) []string {
	w, l := r.Scenario.Workload, r.Scenario.Load
	parts := []string{visible(r.Scenario.Name, cutName), fmt.Sprintf("seed %d", r.Scenario.Seed)}
	if w.Kind != "" {
		text := w.Kind
		if w.Keys > 0 {
			text += ", " + plural(int64(w.Keys), "key")
		}
		if w.Skew != "" && w.Keys > 1 {
			text += " " + visible(w.Skew, cutName)
		}
		parts = append(parts, text)
	}
	if l.Rate != "" {
		parts = append(parts, "open load "+visible(l.Rate, cutName))
	} else if l.Clients > 0 {
		parts = append(parts, plural(int64(l.Clients), "client"))
	}
	if l.Repeat > 0 {
		parts = append(parts, fmt.Sprintf("%s × %s of %s", strategies(r), plural(int64(l.Repeat), "block"), span(l.Duration)))
	}
	if n := r.Provenance.Machine.CPUs; n > 0 {
		parts = append(parts, plural(int64(n), "CPU"))
	}
	return parts
}

func strategies(r *Report) string {
	if len(r.Strategies) == 1 {
		return "1 strategy"
	}
	return svg.Number(float64(len(r.Strategies))) + " strategies"
}
