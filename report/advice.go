package report

import (
	"fmt"

	"tussle/history"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
)

// advice answers, from what was measured, whether the article's advice held
// here: optimistic locking for little concurrency, pessimistic for much. It is
// empty where a strategy of each kind is not there, or a server-side one that
// says what it does inside: such a scenario does not ask.
func advice(r *model.Report, plan *history.Plan) string {
	opt, pes := ofLocking(r, "optimistic"), ofLocking(r, "pessimistic")
	if opt == nil || pes == nil {
		opt, pes = inside(r, "optimistic", opt), inside(r, "pessimistic", pes)
	}
	if opt == nil || pes == nil {
		return ""
	}
	for _, s := range []*model.Strategy{opt, pes} {
		if lost := say.Lost(s); lost != "" {
			return fmt.Sprintf("The advice \"optimistic for little concurrency, pessimistic for much\" was not tested: %s %s.", s.Name, lost)
		}
	}
	if len(r.Sweeps) > 0 {
		return fromSweep(&r.Sweeps[0], opt.Name, pes.Name)
	}
	return atOnePoint(r, plan, opt, pes)
}

func ofLocking(r *model.Report, locking string) *model.Strategy {
	for i := range r.Strategies {
		if r.Strategies[i].Locking == locking {
			return &r.Strategies[i]
		}
	}
	return nil
}

// inside finds a strategy whose server fails on conflict or waits, unless
// there is one already.
func inside(r *model.Report, kind string, found *model.Strategy) *model.Strategy {
	for i := range r.Strategies {
		if found == nil && r.Strategies[i].Inside == kind {
			found = &r.Strategies[i]
		}
	}
	return found
}

// fromSweep reads the advice off the crossovers. More keys and longer pauses
// are less concurrency; more of anything else (clients, think, rate) is more.
func fromSweep(s *measure.Sweep, opt, pes string) string {
	less := map[string]bool{"keys": true, "pause": true}[lastWord(s.Parameter)]
	for _, c := range s.Crossovers {
		low, high := c.Low, c.High
		if less {
			low, high = high, low
		}
		from, to := at(s, c.From), at(s, c.To)
		switch {
		case low == opt && high == pes:
			return fmt.Sprintf("The advice held here: by goodput, %s is ahead with little concurrency and %s with much; they cross between %s %s and %s.", opt, pes, s.Parameter, from, to)
		case low == pes && high == opt:
			return fmt.Sprintf("The advice did not hold here, it was the other way round: by goodput, %s is ahead with little concurrency and %s with much; they cross between %s %s and %s.", pes, opt, s.Parameter, from, to)
		}
	}
	wins := map[string]int{}
	points := 0
	for _, p := range s.Points {
		if p.Strategy != opt {
			continue
		}
		for _, q := range s.Points {
			if q.Strategy != pes || q.At != p.At || p.GoodputCI == nil || q.GoodputCI == nil {
				continue
			}
			points++
			if p.GoodputCI[0] > q.GoodputCI[1] {
				wins[opt]++
			} else if p.GoodputCI[1] < q.GoodputCI[0] {
				wins[pes]++
			}
		}
	}
	for _, name := range []string{opt, pes} {
		if wins[name] > 0 {
			return fmt.Sprintf("The advice did not decide here: by goodput, %s is ahead at %d of %d points of %s, and the lead never changes hands in the range tested.", name, wins[name], points, s.Parameter)
		}
	}
	if points == 0 {
		return fmt.Sprintf("The advice was not tested: no point of the sweep has the %d whole blocks that an interval needs.", measure.MinBlocks)
	}
	return fmt.Sprintf("The advice made no difference here: by goodput, no significant difference between %s and %s in the range tested.", opt, pes)
}

func lastWord(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

func at(s *measure.Sweep, v float64) string {
	for _, p := range s.Points {
		if p.At == v {
			return p.Label
		}
	}
	return fmt.Sprint(v)
}

// Conflict rates that count as little and as much concurrency. From a half
// on, an optimistic update takes more requests than one under a lock with
// four (2 A requests with A = 1/(1-p) attempts).
const (
	littleConflict = 0.1
	muchConflict   = 0.5
)

func atOnePoint(r *model.Report, plan *history.Plan, opt, pes *model.Strategy) string {
	if opt.Conflicts.Rate == nil {
		return "The advice was not tested: nothing was measured under optimistic locking."
	}
	c := measure.Compare(measure.NoiseThreshold, measure.Pair{Base: measure.Side{Name: opt.Name, Blocks: opt.Blocks}, Head: measure.Side{Name: pes.Name, Blocks: pes.Blocks}})[0]
	where := fmt.Sprintf("With %s on %s, where %s of the optimistic attempts conflicted", say.Plural(int64(plan.Load.Clients), "client"), say.Plural(int64(plan.Workload.Keys), "key"), say.Percent(opt.Conflicts.Rate))
	rate := *opt.Conflicts.Rate
	tail := " This is one load level. Add [sweep] and run with --sweep to test a range."
	switch c.Verdict {
	case measure.NotCompared:
		return where + ", the advice was not tested: " + c.Note + "."
	case measure.NoDifference, measure.WithinNoise:
		return where + fmt.Sprintf(", goodput did not differ significantly between %s and %s.", opt.Name, pes.Name) + tail
	}
	winner, optimistic := pes.Name, false
	if c.Verdict == measure.Worse {
		winner, optimistic = opt.Name, true
	}
	text := where + fmt.Sprintf(", %s had more goodput: ", winner)
	switch {
	case rate < littleConflict && optimistic, rate >= muchConflict && !optimistic:
		text += "as the advice says."
	case rate < littleConflict, rate >= muchConflict:
		text += "against the advice."
	default:
		text += "the advice does not say what to expect in between."
	}
	return text + tail
}
