package page

import (
	"fmt"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
)

// Row is one strategy's line of the comparison table, as text.
type Row struct {
	S        *model.Strategy
	I        int
	Verdict  check.Verdict // violated also when nothing was promised
	Standing string
	Lost     bool // its speed does not count
	Promised bool // what is broken was promised
	Goodput  string
	Spread   string
	Versus   string // against the base: "+6 %", "~", "–" (base), "!" (broke a property)
	VsNote   string // what Versus means, in words
	P        string // of the comparison, with n: "p=0.002 n=6"
	Conflict string
	P50, P95 string
	P99, Max string
	Tries    string
	Requests string // a commit
	Abandon  string
	Jain     string
	N        string
}

// Rows is the comparison table, a row a strategy.
func Rows(r *model.Report) []Row {
	var out []Row
	for i := range r.Strategies {
		s := &r.Strategies[i]
		v, text := say.Standing(s)
		q := s.TimeToCommit
		o := Row{S: s, I: i, Verdict: v, Standing: text, Lost: !model.Clean(s), Goodput: say.Figure(s.Goodput), Spread: say.Spread(s.Goodput, s.GoodputCI),
			Conflict: say.Percent(s.Conflicts.Rate), P50: say.Figure(q.P50), P95: say.Figure(q.P95), P99: say.Figure(q.P99), Max: say.Figure(q.Max),
			Tries: say.Tries(s), Requests: say.Figure(s.Amplification), Abandon: say.Percent(s.AbandonRate), Jain: say.Jain(s.Fairness), N: say.Count(q.N)}
		if o.Lost {
			o.Promised = model.Broken(s)[0].Promised
		}
		o.Versus, o.VsNote = against(r, i)
		if c := model.Find(r, s.Name, model.Goodput); i > 0 && c != nil && c.P != nil && !o.Lost {
			o.P = fmt.Sprintf("%s n=%d", strings.ReplaceAll(say.PValue(c.P), " ", ""), c.N)
		}
		out = append(out, o)
	}
	return out
}

// against compares a strategy's goodput with the base's, which is the first.
func against(r *model.Report, i int) (short, words string) {
	s := &r.Strategies[i]
	if i == 0 {
		return "base", ""
	}
	if !model.Clean(s) {
		return "!", "not compared"
	}
	if !model.Clean(&r.Strategies[0]) {
		return "–", "not compared: the base " + say.HarmShort(model.Broken(&r.Strategies[0])[0])
	}
	return delta(model.Find(r, s.Name, model.Goodput))
}

// delta is a comparison in one cell: a percentage only where a difference is
// claimed.
func delta(c *measure.Comparison) (short, words string) {
	if c == nil {
		return "–", "not compared"
	}
	why := ""
	if c.P != nil {
		why = fmt.Sprintf("%s, n = %d", say.PValue(c.P), c.N)
	}
	switch c.Verdict {
	case "better", "worse":
		if c.Ratio != nil {
			return fmt.Sprintf("%+.0f %%", (*c.Ratio-1)*100), why
		}
	case "no-difference":
		return "~", "no difference detected, " + why
	case "within-noise":
		return "≈", "within the noise threshold, " + why
	}
	if c.Note != "" {
		return "–", "not compared: " + say.Visible(c.Note, say.CutText)
	}
	return "–", "not compared"
}
