package report

import (
	"fmt"
	"slices"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/say"
)

// concludeExplored gives an exploration its verdict, in the words of its worst
// pair. No load was run, so there is nothing measured to weigh.
func concludeExplored(r *model.Report) {
	rank := []check.Verdict{check.Holds, check.NotExercised, check.Undecided, check.Violated}
	worst, same := 0, 0
	var orders int64
	for i := range r.Explorations {
		x := &r.Explorations[i]
		orders += x.StandFor
		at := slices.Index(rank, x.Verdict)
		if at > 0 {
			r.Reasons = append(r.Reasons, x.Sentence)
		}
		if best := slices.Index(rank, r.Explorations[worst].Verdict); at > best || i == 0 {
			worst, same = i, 0
		} else if at == best {
			same++
		}
	}
	x := &r.Explorations[worst]
	r.Sentence = say.Prose(r, x.Sentence)
	switch x.Verdict {
	case check.Violated:
		r.Verdict = check.Fail
	case check.Holds:
		r.Verdict = check.Pass
		if n := len(r.Explorations); n > 1 {
			r.Sentence = fmt.Sprintf("All %s orders of %d pairs of requests end as one after the other.", say.Count(orders), n)
		}
	default:
		r.Verdict = check.Inconclusive
	}
	if same > 0 && x.Verdict != check.Holds {
		r.Sentence += fmt.Sprintf(" (and %s.)", say.Plural(int64(same), "more pair"))
	}
	if r.Cut != "" && r.Verdict == check.Pass {
		r.Verdict = check.Inconclusive
		r.Reasons = append(r.Reasons, "the history is cut off "+r.Cut+"; what came later is not known")
	}
	if r.Interrupted {
		r.Sentence += " The exploration was interrupted; this is about what was recorded."
	}
}
