package report

import (
	"fmt"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
)

// scope keeps two kinds of numbers apart that differ for the same strategy.
const scope = "Figures are of the measured window only; verdicts are of everything recorded."

// row is one strategy's line of the comparison table, as text.
type row struct {
	S        *Strategy
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

func rows(r *Report) []row {
	var out []row
	for i := range r.Strategies {
		s := &r.Strategies[i]
		v, text := standing(s)
		q := s.TimeToCommit
		o := row{S: s, I: i, Verdict: v, Standing: text, Lost: !clean(s), Goodput: figure(s.Goodput), Spread: spread(s.Goodput, s.GoodputCI),
			Conflict: percent(s.Conflicts.Rate), P50: figure(q.P50), P95: figure(q.P95), P99: figure(q.P99), Max: figure(q.Max),
			Tries: tries(s), Requests: figure(s.Amplification), Abandon: percent(s.AbandonRate), Jain: jain(s.Fairness), N: count(q.N)}
		if o.Lost {
			o.Promised = broken(s)[0].Promised
		}
		o.Versus, o.VsNote = against(r, i)
		if c := find(r, s.Name, goodput); i > 0 && c != nil && c.P != nil && !o.Lost {
			o.P = fmt.Sprintf("%s n=%d", strings.ReplaceAll(pvalue(c.P), " ", ""), c.N)
		}
		out = append(out, o)
	}
	return out
}

// tries is the mean number of attempts of a committed operation; ten or more
// count as ten.
func tries(s *Strategy) string {
	var n, sum int64
	for i, c := range s.Anatomy.Attempts {
		n += c
		sum += c * int64(i+1)
	}
	if n == 0 {
		return "–"
	}
	text := fmt.Sprintf("%.2f", float64(sum)/float64(n))
	if len(s.Anatomy.Attempts) >= 10 && s.Anatomy.Attempts[9] > 0 {
		text = "≥ " + text
	}
	return text
}

func jain(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", *v)
}

// against compares a strategy's goodput with the base's, which is the first.
func against(r *Report, i int) (short, words string) {
	s := &r.Strategies[i]
	if i == 0 {
		return "base", ""
	}
	if !clean(s) {
		return "!", "not compared"
	}
	if !clean(&r.Strategies[0]) {
		return "–", "not compared: the base " + harmShort(broken(&r.Strategies[0])[0])
	}
	return delta(find(r, s.Name, goodput))
}

// delta is a comparison in one cell: a percentage only where a difference is
// claimed.
func delta(c *measure.Comparison) (short, words string) {
	if c == nil {
		return "–", "not compared"
	}
	why := ""
	if c.P != nil {
		why = fmt.Sprintf("%s, n = %d", pvalue(c.P), c.N)
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
		return "–", "not compared: " + visible(c.Note, cutText)
	}
	return "–", "not compared"
}

// firstFinding returns the finding to show first: of a promised property if
// there is one.
func firstFinding(r *Report) (*Strategy, *check.Property, *check.Finding) {
	for _, promised := range []bool{true, false} {
		for i := range r.Strategies {
			s := &r.Strategies[i]
			for j := range s.Properties {
				p := &s.Properties[j]
				if p.Promised == promised && p.Verdict == check.Violated && len(p.Findings) > 0 {
					return s, p, &p.Findings[0]
				}
			}
		}
	}
	return nil, nil, nil
}
