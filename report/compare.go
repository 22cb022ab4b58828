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

// RunNoise is the part of a figure below which a difference between two runs
// is not claimed. It is larger than within a run, where strategies take turns
// and share what the machine does to them: two runs happen at two times.
const RunNoise = 0.1

// Compare compares two reports of one scenario, strategy by strategy, with
// the statistics of a run: blocks are the units, a difference is claimed only
// if the Holm-corrected U test and the interval of the ratio agree. It refuses
// reports of different scenarios unless force is set.
func Compare(base, head *model.Report, force bool) (*model.Change, error) {
	if base.Scenario.SHA256 != head.Scenario.SHA256 && !force {
		return nil, fmt.Errorf("the reports are of different scenarios: %s (sha256 %.12s) and %s (sha256 %.12s)",
			say.Visible(base.Scenario.Name, say.CutName), base.Scenario.SHA256, say.Visible(head.Scenario.Name, say.CutName), head.Scenario.SHA256)
	}
	c := &model.Change{Schema: model.Schema, Scenario: head.Scenario.Name, Base: sideOf(base), Head: sideOf(head)}
	c.Notes = differences(base, head)
	var pairs []measure.Pair
	var lost []string
	for i := range head.Strategies {
		h := &head.Strategies[i]
		b := named(base, h.Name)
		if b == nil {
			c.Notes = append(c.Notes, h.Name+" is in the newer report only")
			continue
		}
		c.Strategies = append(c.Strategies, model.StrategyChange{Name: h.Name, Base: b.Verdict, Head: h.Verdict})
		lost = append(lost, broke(c, b, h)...)
		pairs = append(pairs, measure.Pair{Base: measure.Side{Name: "base", Blocks: b.Blocks}, Head: measure.Side{Name: "head", Blocks: h.Blocks}})
	}
	for i := range base.Strategies {
		if named(head, base.Strategies[i].Name) == nil {
			c.Notes = append(c.Notes, base.Strategies[i].Name+" is in the older report only")
		}
	}
	c.Notes = append(lost, c.Notes...)
	figures(c, base, head, pairs)
	settle(c, slices.ContainsFunc(head.Strategies, func(s model.Strategy) bool { return !model.Clean(&s) }))
	return c, nil
}

func sideOf(r *model.Report) model.Side {
	return model.Side{Run: r.Provenance.Run, Start: r.Provenance.Start, RecordedBy: r.RecordedBy, Verdict: r.Verdict, Sentence: r.Sentence}
}

func named(r *model.Report, name string) *model.Strategy {
	for i := range r.Strategies {
		if r.Strategies[i].Name == name {
			return &r.Strategies[i]
		}
	}
	return nil
}

// broke adds the promised properties that hold no more, and returns what is said
// of those that were not promised.
func broke(c *model.Change, base, head *model.Strategy) (unpromised []string) {
	was := map[string]check.Verdict{}
	for _, p := range base.Properties {
		was[p.Name] = p.Verdict
	}
	rank := func(p check.Property) int { // losses first
		if p.Name == "no-lost-update" {
			return 0
		}
		return 1
	}
	properties := slices.SortedStableFunc(slices.Values(head.Properties), func(a, b check.Property) int { return rank(a) - rank(b) })
	for _, p := range properties {
		now := fmt.Sprintf("%s %s (%s; before: %s)", head.Name, say.Harm(p), p.Name, orNone(string(was[p.Name])))
		switch {
		case p.Verdict != check.Violated || was[p.Name] == check.Violated:
		case p.Promised:
			c.Reasons = append(c.Reasons, now)
			c.Broken++
		default:
			unpromised = append(unpromised, now+"; not promised")
		}
	}
	return unpromised
}

// figures compares the blocks of all strategies at once, so that the
// correction for many comparisons covers all of them.
func figures(c *model.Change, base, head *model.Report, pairs []measure.Pair) {
	list := measure.Compare(RunNoise, pairs...)
	if len(pairs) == 0 {
		return
	}
	each := len(list) / len(pairs)
	for i := range c.Strategies {
		s := &c.Strategies[i]
		s.Metrics = list[i*each : (i+1)*each]
		for j := range s.Metrics {
			m := &s.Metrics[j]
			for _, o := range []*model.Strategy{named(head, s.Name), named(base, s.Name)} {
				if m.Verdict == measure.Better && !model.Clean(o) {
					m.Verdict, m.Note = measure.NotCompared, s.Name+" "+say.Lost(o)+", so no figure of it is better"
				}
			}
			if m.Verdict == measure.Worse {
				c.Reasons = append(c.Reasons, s.Name+": "+movement(m))
			}
		}
	}
}

// movement says how a metric moved: "goodput_per_s is worse: 810 -> 402
// (ratio 0.5, 95 % CI 0.48 to 0.52, p 0.013, 6 blocks a side)".
func movement(m *measure.Comparison) string {
	text := fmt.Sprintf("%s is %s: %s -> %s", m.Metric, m.Verdict, say.Figure(m.BaseMedian), say.Figure(m.HeadMedian))
	var facts []string
	if m.Ratio != nil {
		facts = append(facts, "ratio "+say.Figure(m.Ratio))
	}
	if m.CI95 != nil {
		facts = append(facts, fmt.Sprintf("95 %% CI %s to %s", say.Figure(&m.CI95[0]), say.Figure(&m.CI95[1])))
	}
	if m.P != nil {
		facts = append(facts, fmt.Sprintf("p %.2g", *m.P))
	}
	return text + " (" + strings.Join(append(facts, say.Plural(int64(m.N), "block")+" a side"), ", ") + ")"
}

// settle gives the comparison its verdict and its headline, which is that of the
// newer run, too: first of all what that lost, unless the comparison begins with
// it anyhow.
func settle(c *model.Change, lossy bool) {
	compared, better := 0, []string{}
	up, down := 0, 0
	for _, s := range c.Strategies {
		for i := range s.Metrics {
			m := &s.Metrics[i]
			if m.Verdict != measure.NotCompared {
				compared++
			}
			if m.Verdict == measure.Better {
				better = append(better, s.Name+": "+movement(m))
			}
			if m.Metric == model.Goodput && m.Ratio != nil {
				if *m.Ratio > 1 {
					up++
				} else if *m.Ratio < 1 {
					down++
				}
			}
		}
	}
	if n := len(c.Strategies); n > 2 && max(up, down) == n && len(c.Reasons)+len(better) > 0 {
		c.Notes = append(c.Notes, "the goodput of every strategy moved the same way: that is the target or the machine, not one strategy")
	}
	switch {
	case len(c.Reasons) > 0:
		c.Verdict = check.Fail
		c.Sentence = regression(c)
	case compared == 0:
		c.Verdict = check.Inconclusive
		why := "the reports have no strategy in common"
		if len(c.Strategies) > 0 {
			why = fmt.Sprintf("no figure has %d blocks on both sides; raise load.repeat", measure.MinBlocks)
		}
		c.Reasons = []string{why}
		c.Sentence = "Nothing could be compared: " + why
	case len(better) > 0:
		c.Verdict = check.Pass
		c.Sentence = "No regression detected; " + strings.Join(better, "; ")
	default:
		c.Verdict = check.Pass
		c.Sentence = "No difference detected"
	}
	c.Sentence += "."
	newer := fmt.Sprintf("The newer run: %s: %s", c.Head.Verdict, c.Head.Sentence)
	switch {
	case c.Broken > 0:
		c.Sentence += " " + newer
	case lossy, c.Head.Verdict == check.Fail:
		c.Sentence = newer + " " + c.Sentence
	case c.Head.Verdict != check.Pass:
		c.Sentence += " " + newer
	}
}

// regression is the headline of a comparison that found one: losses first, then
// what got slower and by how much, then whatever else got worse.
func regression(c *model.Change) string {
	var slower []string
	for i := range c.Strategies {
		s := &c.Strategies[i]
		for _, m := range s.Metrics {
			if m.Metric == model.Goodput && m.Verdict == measure.Worse && m.Ratio != nil {
				slower = append(slower, fmt.Sprintf("%s %+.0f %%", s.Name, (*m.Ratio-1)*100))
			}
		}
	}
	first, n := c.Reasons[0], len(c.Reasons)-1
	switch {
	case c.Broken > 0:
		text := "Broken since base: " + strings.Join(c.Reasons[:c.Broken], "; ")
		if len(slower) > 0 {
			text += "; slower: " + strings.Join(slower, ", ")
		}
		return text
	case len(slower) > 0:
		return "Slower than base: " + strings.Join(slower, ", ")
	case n > 0:
		return fmt.Sprintf("Worse than base: %s (and %d more)", first, n)
	}
	return "Worse than base: " + first
}

// differences lists what was not the same for both runs.
func differences(base, head *model.Report) []string {
	var out []string
	note := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s: %s, then %s", what, orNone(a), orNone(b)))
		}
	}
	if a, b := machine(base.Provenance.Machine), machine(head.Provenance.Machine); a != b {
		note("the machines differ, so figures in seconds may differ for that reason alone", a, b)
	}
	note("the scenarios differ", base.Scenario.SHA256, head.Scenario.SHA256)
	note("the overrides differ", strings.Join(base.Provenance.Overrides, " "), strings.Join(head.Provenance.Overrides, " "))
	note("the targets differ", target(base.Provenance.Target), target(head.Provenance.Target))
	note("the runs were recorded by different versions", base.RecordedBy, head.RecordedBy)
	note("the histories were judged by different versions", base.JudgedBy, head.JudgedBy)
	for _, r := range []*model.Report{base, head} {
		which := "older"
		if r == head {
			which = "newer"
		}
		switch {
		case r.Cut != "":
			out = append(out, "the "+which+" report is of a history that was cut off")
		case r.Interrupted:
			out = append(out, "the "+which+" run was interrupted")
		}
		for _, s := range r.SelfChecks {
			if s.Verdict == check.Inconclusive {
				out = append(out, fmt.Sprintf("in the %s report, self-check %q of %s failed, so its measurements are unreliable", which, s.Name, s.Strategy))
			}
		}
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func machine(e history.Environment) string {
	return strings.Join([]string{e.OS, e.Arch, fmt.Sprint(e.CPUs), "CPUs", e.CPU, e.Kernel}, " ")
}

// target leaves the port out: a built-in target has another one each time.
func target(t history.TargetInfo) string {
	return strings.TrimSpace(t.Use + " " + t.Version)
}
