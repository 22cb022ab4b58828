package report

import (
	"fmt"
	"strings"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/say"
)

// verdictOf returns the worst verdict of the promised properties.
func verdictOf(properties []check.Property) check.Verdict {
	worst := map[check.Verdict]int{check.Holds: 1, check.NotExercised: 2, check.Undecided: 3, check.Violated: 4}
	out := check.NotJudged
	for _, p := range properties {
		if p.Promised && worst[p.Verdict] > worst[out] {
			out = p.Verdict
		}
	}
	return out
}

// conclude gives the run its verdict, with the reasons in plain words and
// what to change. A foreign history has no measured part.
func conclude(r *model.Report, foreign bool, plan *history.Plan, stood []string) {
	var broken, open, missed []string
	promised := 0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		judged := map[string]bool{}
		for _, p := range s.Properties {
			if !p.Promised {
				continue
			}
			promised++
			judged[p.Name] = true
			switch p.Verdict {
			case check.Holds:
			case check.Violated:
				broken = append(broken, fmt.Sprintf("%s broke its promise of %s (%s)", s.Name, p.Name, say.Times(p.Violations, "violation")))
			default:
				open = append(open, because(fmt.Sprintf("%s: %s is %s", s.Name, p.Name, p.Verdict), p.Reason))
			}
		}
		for _, name := range s.Promised {
			if !judged[name] {
				promised++
				open = append(open, fmt.Sprintf("%s: %s is promised, but nothing here can judge it; take it out of promises, or judge with a later version", s.Name, name))
			}
		}
		switch o := s.Operations; {
		case foreign:
		case o.Total+o.Reads == 0:
			open = append(open, fmt.Sprintf("%s: no operation was measured; lengthen load.duration, and look at the target's answers", s.Name))
		case o.Total > 0 && o.Committed+o.Unknown == 0:
			open = append(open, fmt.Sprintf("%s: none of %s that were measured committed; look at the target's answers", s.Name, say.Times(int64(o.Total), "operation")))
		}
	}
	for _, t := range r.Thresholds {
		switch t.Verdict {
		case check.Fail:
			missed = append(missed, fmt.Sprintf("%s missed the threshold %s %s (measured %.6g)", t.Strategy, t.Metric, t.Limit, *t.Measured))
		case check.Inconclusive:
			open = append(open, because(fmt.Sprintf("%s: the threshold %s %s was not tested", t.Strategy, t.Metric, t.Limit), t.Note))
		}
	}
	open = append(append(open, stood...), faultless(r, plan)...)
	for _, c := range r.SelfChecks {
		if c.Verdict == check.Inconclusive {
			open = append(open, because(fmt.Sprintf("%s: the self-check %q speaks against the figures", c.Strategy, c.Name), c.Note))
		}
	}
	if r.Cut != "" {
		open = append(open, "the history is cut off "+r.Cut+"; what came later is not known")
	}
	r.Reasons = append(append(broken, missed...), open...)
	switch {
	case len(broken)+len(missed) > 0:
		r.Verdict = check.Fail
		r.Sentence = upper(strings.Join(append(broken, missed...), "; ")) + "."
	case len(open) > 0:
		r.Verdict = check.Inconclusive
		r.Sentence = "Nothing promised was seen broken, but the run does not settle it: " + open[0] + "."
		if n := len(open) - 1; n > 0 {
			r.Sentence = strings.TrimSuffix(r.Sentence, ".") + fmt.Sprintf(" (and %s).", say.Times(int64(n), "more reason"))
		}
	default:
		r.Verdict = check.Pass
		r.Sentence = kept(promised, len(r.Thresholds)) + unpromised(r)
	}
	if r.Interrupted {
		r.Sentence += " The run was interrupted; this is about what was recorded."
	}
}

// faultless lists the faults that were asked for and had too little effect.
func faultless(r *model.Report, plan *history.Plan) []string {
	var out []string
	seen := map[string]bool{}
	for i := range r.Strategies {
		for _, f := range r.Strategies[i].Faults {
			seen[f.Kind] = true
			if f.Effective < f.Min {
				out = append(out, fmt.Sprintf("%s: the fault %s had an effect %s, at least %d expected; raise its share or its time, or load.duration",
					r.Strategies[i].Name, f.Kind, say.Times(f.Effective, "time"), f.Min))
			}
		}
	}
	for _, f := range plan.Faults {
		if !seen[f.Kind] && f.Min > 0 {
			seen[f.Kind] = true
			out = append(out, fmt.Sprintf("the fault %s was asked for, and nothing of it is recorded", f.Kind))
		}
	}
	return out
}

func kept(promises, limits int) string {
	text := "Nothing was promised"
	if promises > 0 {
		text = "Every promise held (" + say.Times(int64(promises), "promise") + ")"
	}
	if limits > 0 {
		text += ", and every threshold was met (" + say.Times(int64(limits), "threshold") + ")"
	}
	return text + "."
}

// unpromised says what strategies broke without having promised it.
func unpromised(r *model.Report) string {
	var out []string
	for i := range r.Strategies {
		if s := &r.Strategies[i]; len(s.Promised) == 0 {
			if lost := say.Lost(s); lost != "" {
				if say.Faster(r, s) {
					lost = "is fast, but " + lost
				}
				out = append(out, s.Name+" "+lost)
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " Not promised: " + strings.Join(out, "; ") + "."
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + strings.TrimSuffix(why, ".")
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
