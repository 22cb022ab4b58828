package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/svg"
)

// verdictWord is the gate's verdict in capitals, for the band of each format.
func verdictWord(v check.Verdict) string { return strings.ToUpper(visible(string(v), 20)) }

// about says in one sentence what was found about a strategy: right or wrong
// first, speed only if nothing was broken. The lead is the word to stress.
func about(r *Report, s *Strategy) (lead, rest string) {
	if bad := broken(s); len(bad) > 0 {
		p := bad[0]
		lead = harm(p)
		if e := gist(p.Evidence); e != "" {
			rest = " in " + e
		}
		if p.Promised {
			rest += "; it promised " + visible(p.Name, cutName)
		} else if len(s.Promised) == 0 {
			rest += "; it promises nothing"
		} else {
			rest += "; it does not promise " + visible(p.Name, cutName)
		}
		for _, q := range bad[1:] {
			rest += "; also " + harm(q)
		}
		if s.Goodput != nil {
			rest += ". " + price(s, bad[0], faster(r, s))
		}
		return lead, rest + "."
	}
	lead = visible(string(s.Verdict), 20)
	switch s.Verdict {
	case check.Holds:
		rest = ": no violation of " + list(s.Promised)
	case check.NotJudged:
		rest = ": it promises nothing, and no violation was seen"
	default:
		return lead, ": " + whyOpen(s) + "."
	}
	if e := evidence(s); e != "" {
		rest += " in " + e
	}
	return lead, rest + "."
}

// evidence is what the first promised property was judged on, or else the
// first one of all.
func evidence(s *Strategy) string {
	first := ""
	for _, p := range s.Properties {
		if p.Promised && p.Evidence != "" {
			return gist(p.Evidence)
		}
		if first == "" {
			first = gist(p.Evidence)
		}
	}
	return first
}

// gist is the first part of an evidence: what was counted, without what
// brackets say about it.
func gist(evidence string) string {
	for {
		before, rest, open := strings.Cut(evidence, " (")
		_, after, closed := strings.Cut(rest, ")")
		if !open || !closed {
			break
		}
		evidence = before + after
	}
	for _, end := range []string{"; ", ": "} {
		evidence, _, _ = strings.Cut(evidence, end)
	}
	return visible(evidence, cutText)
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

// fact is an answer: what to read in a second, and the rest of the sentence.
type fact struct{ Lead, Rest string }

func (f fact) String() string {
	if f.Rest == "" {
		return f.Lead + "."
	}
	return f.Lead + ". " + f.Rest
}

// facts answers the three questions of a reader with ten seconds. The last two
// answer the third: how sure the losses are is another matter than the speed.
func facts(r *Report) [4]fact {
	out := [4]fact{whoLost(r), whoFaster(r), sureOfLoss(r), sureOfSpeed(r)}
	for i := range out {
		out[i].Lead, out[i].Rest = strings.TrimSuffix(prose(r, out[i].Lead), "."), prose(r, out[i].Rest)
	}
	return out
}

// sureOfLoss says how sure it is what was lost or broken. A violation is
// proven by requests of the record, however few blocks there are.
func sureOfLoss(r *Report) fact {
	what, open := "", false
	for i := range r.Strategies {
		s := &r.Strategies[i]
		for _, p := range broken(s) {
			if p.Name == "no-lost-update" {
				what = "Lost updates"
			} else if what == "" {
				what = "What was broken"
			}
		}
		open = open || s.Verdict == check.NotExercised || s.Verdict == check.Undecided
	}
	switch _, _, f := firstFinding(r); {
	case what != "" && f != nil:
		return fact{what + ": certain", "The requests are shown below."}
	case what != "":
		return fact{what + ": certain", ""}
	case open, len(r.Strategies) == 0:
		return fact{"Losses: not known", ""}
	}
	return fact{"Losses: none in this record", "That is no proof that there are none."}
}

func whoLost(r *Report) fact {
	var out, open []string
	promised, not := true, ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if bad := broken(s); len(bad) > 0 {
			out = append(out, visible(s.Name, cutName)+" "+harm(bad[0]))
			promised, not = bad[0].Promised, "It promised nothing."
			if len(s.Promised) > 0 {
				not = "It did not promise " + visible(bad[0].Name, cutName) + "."
			}
		} else if s.Verdict == check.NotExercised || s.Verdict == check.Undecided {
			open = append(open, visible(s.Name, cutName)+" was "+visible(string(s.Verdict), 20))
		}
	}
	rest := ""
	if len(open) > 0 {
		rest = "Not known of all: " + strings.Join(open, "; ") + "."
	}
	switch {
	case len(out) == 1 && promised:
		return fact{out[0], strings.TrimSpace("It had promised not to. " + rest)}
	case len(out) == 1:
		return fact{out[0], strings.TrimSpace(not + " " + rest)}
	case len(out) > 1:
		return fact{strings.Join(out, "; "), rest}
	case len(open) > 0:
		return fact{"not known", strings.Join(open, "; ") + "."}
	case len(r.Strategies) == 0:
		return fact{"not known", "Nothing was recorded."}
	}
	return fact{"none", "Nothing that was checked is violated."}
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

// whoFaster compares with the first strategy; the largest claimed difference
// leads.
func whoFaster(r *Report) fact {
	if len(r.Strategies) < 2 {
		return fact{"not compared", "There is one strategy only."}
	}
	base := &r.Strategies[0]
	var compared []*measure.Comparison
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
			compared = append(compared, c)
		}
	}
	slices.SortStableFunc(compared, func(a, b *measure.Comparison) int { return cmp.Compare(apartness(b), apartness(a)) })
	for _, c := range compared {
		out = append(out, versus(c))
	}
	tail := ""
	if len(lost) > 0 {
		tail = "The speed of " + strings.Join(lost, " and of ") + " does not count."
	}
	switch {
	case len(out) > 1:
		return fact{out[0], strings.TrimSpace(strings.Join(out[1:], "; ") + ". " + tail)}
	case len(out) > 0:
		return fact{out[0], tail}
	case sound < 2:
		return fact{"not compared", strings.TrimSpace("Fewer than two strategies broke nothing. " + tail)}
	case !clean(base):
		return fact{"not compared", strings.TrimSpace("The strategy that the others are compared with broke a property. " + tail)}
	}
	return fact{"not known", strings.TrimSpace("There are too few blocks to compare. " + tail)}
}

// apartness is how many times one side's figure is the other's, on a scale of
// logarithms; 0 when no difference is claimed.
func apartness(c *measure.Comparison) float64 {
	if c.Verdict != measure.Better && c.Verdict != measure.Worse || c.Ratio == nil || *c.Ratio <= 0 {
		return 0
	}
	return math.Abs(math.Log(*c.Ratio))
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

// sureOfSpeed says how sure the comparison of the figures is.
func sureOfSpeed(r *Report) fact {
	n := blocks(r)
	var f fact
	var rest []string
	switch {
	case n == 0:
		f.Lead = "Speed: not known"
		rest = append(rest, "No block was measured to its end.")
	case n < 6:
		f.Lead = "Speed: weak, " + plural(int64(n), "block") + " a strategy"
		rest = append(rest, "Intervals need 6, and no difference is claimed.")
	default:
		f.Lead = fmt.Sprintf("Speed: %d blocks a strategy", n)
		if w := widest(r); w != "" {
			f.Lead += ", goodput " + w
		}
		if text := apart(r); text != "" {
			rest = append(rest, text)
		}
	}
	if len(r.SelfChecks) > 0 {
		rest = append(rest, selfSentence(r))
	}
	if r.Interrupted {
		rest = append(rest, "The run was interrupted.")
	}
	if r.Cut != "" {
		rest = append(rest, "The record was cut off.")
	}
	f.Rest = strings.Join(rest, " ")
	return f
}

// apart says in how many figures the strategies surely differ from the first.
func apart(r *Report) string {
	all, claimed := 0, 0
	for _, c := range r.Comparisons {
		switch c.Verdict {
		case measure.NotCompared:
			continue
		case measure.Better, measure.Worse:
			claimed++
		}
		all++
	}
	base := ""
	if len(r.Strategies) > 0 {
		base = visible(r.Strategies[0].Name, cutName)
	}
	switch {
	case all == 0:
		return ""
	case claimed == 0:
		return fmt.Sprintf("%s compared with those of %s: no sure difference.", plural(int64(all), "figure"), base)
	case claimed == all:
		return fmt.Sprintf("%s compared with those of %s: a sure difference in each.", plural(int64(all), "figure"), base)
	}
	return fmt.Sprintf("%s compared with those of %s: a sure difference in %d.", plural(int64(all), "figure"), base, claimed)
}

// widest is the widest interval of the goodput of a strategy that broke
// nothing, as a share: what the comparison can resolve at best.
func widest(r *Report) string {
	text, most := "", 0.0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if s.Goodput == nil || s.GoodputCI == nil || *s.Goodput == 0 || !clean(s) {
			continue
		}
		if w := (s.GoodputCI[1] - s.GoodputCI[0]) / *s.Goodput; w >= most {
			text, most = spread(s.Goodput, s.GoodputCI), w
		}
	}
	return text
}

// blocks is the smallest number of measured blocks of a strategy, as its goodput
// was compared (a percentile may need more samples than a block has). In a sweep
// the strategy's figures are of the last point, and so are its blocks. Of a page
// that was shortened the comparisons still know how many there were.
func blocks(r *Report) int {
	if len(r.Strategies) == 0 {
		return 0
	}
	compared := map[string]int{}
	for _, c := range r.Comparisons {
		if c.Metric == goodput && c.N > 0 {
			for _, name := range []string{c.Base, c.Head} {
				if n, known := compared[name]; !known || c.N < n {
					compared[name] = c.N
				}
			}
		}
	}
	least := math.MaxInt
	for _, s := range r.Strategies {
		n := len(s.Blocks)
		if c, known := compared[s.Name]; known && (n == 0 || c < n) {
			n = c
		}
		least = min(least, n)
	}
	return least
}

// selfChecks counts the checks of the instrument: within their limits, worth
// a note, without enough data, and against the figures.
func selfChecks(r *Report) (ok, noted, idle, bad int) {
	for _, c := range r.SelfChecks {
		switch c.Verdict {
		case check.Pass:
			ok++
		case Noted:
			noted++
		case check.NotExercised, check.NotJudged:
			idle++
		default:
			bad++
		}
	}
	return ok, noted, idle, bad
}

func selfSentence(r *Report) string {
	ok, noted, idle, bad := selfChecks(r)
	text := fmt.Sprintf("%s: %d within their limits", plural(int64(len(r.SelfChecks)), "self-check"), ok)
	for _, x := range []struct {
		n    int
		what string
	}{{bad, "against the figures"}, {noted, "with a note"}, {idle, "without enough data"}} {
		if x.n > 0 {
			text += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	return text + "."
}

// headline is what was run, in one line of parts.
func headline(r *Report) []string {
	w, l := r.Scenario.Workload, r.Scenario.Load
	parts := []string{visible(r.Scenario.Name, cutName), fmt.Sprintf("seed %d", r.Scenario.Seed)}
	if w.Kind != "" {
		text := visible(w.Kind, cutName)
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
