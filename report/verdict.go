package report

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/measure"
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
	broken, open, promised := promises(r, foreign, plan)
	missed, untested := limits(r)
	open = append(append(append(open, untested...), stood...), faultless(r, plan)...)
	for _, c := range r.SelfChecks {
		switch {
		case c.Verdict != check.Inconclusive:
		case c.Name == measure.Readable, c.Name == measure.Exited: // before all that follows from it
			open = append([]string{c.Strategy + ": " + c.Note}, open...)
		default:
			open = append(open, because(fmt.Sprintf("%s: self-check %q failed, so these measurements are unreliable", c.Strategy, c.Name), c.Note))
		}
	}
	if r.Cut != "" {
		open = append(open, "the history is cut off "+r.Cut+"; what came later is not known")
	}
	r.Reasons = append(append(broken, missed...), open...)
	switch {
	case len(broken)+len(missed) > 0:
		r.Verdict = check.Fail
		r.Sentence = say.Prose(r, strings.Join(append(broken, missed...), "; "))
	case model.Unpromised(r):
		r.Verdict = check.Inconclusive
		r.Sentence = "Nothing was promised, and " + losses(r) + "."
		r.Reasons = append(append(howToPromise(r, plan), promiseless(plan)...), open...)
	case len(open) > 0:
		r.Verdict = check.Inconclusive
		r.Sentence = "No promise was violated, but the run is inconclusive: " + open[0]
		if n := len(open) - 1; n > 0 {
			r.Sentence += fmt.Sprintf(" (and %s)", say.Plural(int64(n), "more reason"))
		}
		r.Sentence += "."
	default:
		r.Verdict = check.Pass
		r.Sentence = kept(promised, len(r.Thresholds)) + unpromised(r)
	}
	r.Reasons = append(r.Reasons, unfenced(r, plan)...)
	if r.Interrupted {
		r.Sentence += " The run was interrupted; this is about what was recorded."
	}
}

// FailOnLoss turns a run in which nothing was promised into a failed one, if
// something was lost or broken in it all the same.
func FailOnLoss(r *model.Report) {
	if r.Verdict != check.Inconclusive || !model.Unpromised(r) || !slices.ContainsFunc(r.Strategies, func(s model.Strategy) bool { return !model.Clean(&s) }) {
		return
	}
	r.Verdict = check.Fail
	r.Sentence = say.Prose(r, losses(r)+" (--fail-on-loss)")
}

// promises goes through what is promised: what is broken, what is open, and
// how many promises there are.
func promises(r *model.Report, foreign bool, plan *history.Plan) (broken, open []string, promised int) {
	if len(r.Strategies) == 0 {
		open = append(open, "the history names no strategy, so there is nothing to judge")
	}
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
				broken = append(broken, fmt.Sprintf("%s broke its promise of %s: it %s", s.Name, p.Name, say.Harm(p)))
			default:
				open = append(open, because(fmt.Sprintf("%s: %s is %s", s.Name, p.Name, p.Verdict), p.Reason))
			}
		}
		for _, name := range s.Promised {
			if !judged[name] {
				promised++
				open = append(open, fmt.Sprintf("%s promises %s, but no checker here judges it; remove it from promises, or use a newer version", s.Name, name))
			}
		}
		switch o := s.Operations; {
		case foreign:
		case o.Total+o.Reads == 0:
			open = append(open, s.Name+": "+nothingMeasured(s))
		case o.Total > 0 && o.Committed+o.Unknown == 0:
			open = append(open, fmt.Sprintf("%s: none of %s committed; %s", s.Name, say.Plural(o.Total, "measured operation"), nothingCommitted(plan)))
		}
	}
	return broken, open, promised
}

// nothingCommitted says where to look when no measured operation committed:
// what can be used up may have been, before the measuring began.
func nothingCommitted(plan *history.Plan) string {
	const look = "look at the target's answers"
	switch w := plan.Workload; {
	case w.Ceiling != nil:
		return fmt.Sprintf("were the %d of each key used up in the warm-up? Raise workload.keys or workload.ceiling; else %s", *w.Ceiling-w.Initial, look)
	case w.Kind == "create-once", w.Kind == "parent-child", len(plan.Operations) > 0:
		return "were the keys used up in the warm-up? Raise workload.keys; else " + look
	}
	return look
}

// nothingMeasured says why a strategy has no operation: the target refused what
// it sent, or its blocks were too short for one.
func nothingMeasured(s *model.Strategy) string {
	worst, n := "", int64(0)
	for status, count := range s.ByStatus {
		if len(status) == 3 && status >= "400" && status < "600" && (count > n || count == n && status < worst) {
			worst, n = status, count
		}
	}
	if n == 0 {
		return "no operation was measured; lengthen load.duration, and look at the target's answers"
	}
	return fmt.Sprintf("no operation ended while it was measured: %s with %s; where the target refuses what a strategy sends, leave the strategy out",
		say.Plural(n, "answer"), worst)
}

// limits goes through the thresholds: the missed ones, and those that could
// not be tested.
func limits(r *model.Report) (missed, untested []string) {
	for _, t := range r.Thresholds {
		switch t.Verdict {
		case check.Fail:
			missed = append(missed, fmt.Sprintf("%s missed the threshold %s %s (measured %s)", t.Strategy, t.Metric, t.Limit, say.Figure(t.Measured)))
		case check.Inconclusive:
			untested = append(untested, because(fmt.Sprintf("%s: the threshold %s %s was not tested", t.Strategy, t.Metric, t.Limit), t.Note))
		}
	}
	return missed, untested
}

// losses says what strategies broke, of a run in which nothing was promised.
func losses(r *model.Report) string {
	var out []string
	for i := range r.Strategies {
		if s := &r.Strategies[i]; !model.Clean(s) {
			out = append(out, s.Name+" "+say.Lost(s))
		}
	}
	if len(out) == 0 {
		return "no violation was found"
	}
	return strings.Join(out, "; ")
}

// howToPromise says how to get a verdict.
func howToPromise(r *model.Report, plan *history.Plan) []string {
	name := "no-lost-update"
	for i := range r.Strategies {
		if bad := model.Broken(&r.Strategies[i]); len(bad) > 0 {
			name = bad[0].Name
			break
		}
	}
	if len(plan.Strategies) == 0 {
		return []string{"a run whose strategies promise something has a verdict"}
	}
	return []string{fmt.Sprintf("to get a verdict, add promises = [%q] to the strategy, or run with --fail-on-loss", name)}
}

// promiseless says of a strategy without locking why it promises nothing.
func promiseless(plan *history.Plan) []string {
	for _, s := range plan.Strategies {
		if s.Locking == "none" && len(s.Promises) == 0 {
			return []string{s.Name + ": locking = \"none\" promises nothing by default"}
		}
	}
	return nil
}

// unfenced says of a lock that can lapse why its strategy promises nothing
// about the data, and what to add.
func unfenced(r *model.Report, plan *history.Plan) []string {
	var out []string
	for i, s := range plan.Strategies {
		if s.Locking == "pessimistic" && s.LeaseTTL > 0 && !s.Fencing && i < len(r.Strategies) && !model.Promises(&r.Strategies[i]) {
			out = append(out, fmt.Sprintf("%s: a lease without a fencing token promises nothing by default: it can expire while its holder still writes; "+
				"capture a token when the lock is granted (fence = ...) and send {fence} with each write, or set promises = [\"no-lost-update\"]", s.Name))
		}
	}
	return out
}

// faultless lists the faults that were asked for and had too little effect.
func faultless(r *model.Report, plan *history.Plan) []string {
	var out []string
	seen := map[string]bool{}
	for i := range r.Strategies {
		for _, f := range r.Strategies[i].Faults {
			seen[f.Kind] = true
			if f.Effective < f.Min {
				out = append(out, fmt.Sprintf("%s: the fault %s took effect %s, and at least %s were asked for; raise its share or its time, or load.duration",
					r.Strategies[i].Name, f.Kind, say.Plural(f.Effective, "time"), say.Count(f.Min)))
			}
		}
	}
	for _, f := range plan.Faults {
		if !seen[f.Kind] && f.Min > 0 {
			seen[f.Kind] = true
			out = append(out, fmt.Sprintf("the fault %s was asked for, but the record holds none", f.Kind))
		}
	}
	return out
}

func kept(promises, limits int) string {
	text := "Every promise held (" + say.Plural(int64(promises), "promise") + ")"
	if limits > 0 {
		text += ", and every threshold was met (" + say.Plural(int64(limits), "threshold") + ")"
	}
	return text + "."
}

// unpromised says what strategies broke without having promised it.
func unpromised(r *model.Report) string {
	var out []string
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if lost := say.Lost(s); lost != "" {
			if say.Faster(r, s) {
				lost = "is fast, but " + lost
			}
			out = append(out, s.Name+" "+lost)
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
