package say

import (
	"fmt"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/svg"
)

// Diagnosis says what share of the refusals tells a client what it needs.
func Diagnosis(d *measure.Diagnosis) string {
	return fmt.Sprintf("of %s, %s name the resource, %s name the version, %s say what to do (RFC 9110, 15.5.10), %s are problem documents (RFC 9457).",
		Plural(d.N, "refusal"), Share(d.Resource), Share(d.Version), Share(d.Advice), Share(d.Problem))
}

// About says in one sentence what was found about a strategy: right or wrong
// first, speed only if nothing was broken. The lead is the word to stress.
func About(r *model.Report, s *model.Strategy) (lead, rest string) {
	if bad := model.Broken(s); len(bad) > 0 {
		p := bad[0]
		lead = Harm(p)
		if e := gist(p.Evidence); e != "" {
			rest = " in " + e
		}
		if p.Promised {
			rest += "; it promised " + Visible(p.Name, CutName)
		} else if len(s.Promised) == 0 {
			rest += "; it promises nothing"
		} else {
			rest += "; it does not promise " + Visible(p.Name, CutName)
		}
		for _, q := range bad[1:] {
			rest += ". " + harmAlone(q)
		}
		if text := price(s, bad[0], Faster(r, s)); text != "" {
			rest += ". " + text
		}
		return lead, rest + "."
	}
	lead = Visible(string(s.Verdict), 20)
	switch s.Verdict {
	case check.Holds:
		rest = ": " + absent(s.Promised)
	case check.NotJudged:
		rest = ": it promises nothing, and no violation was found"
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
func evidence(s *model.Strategy) string {
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
	return Visible(evidence, CutText)
}

func whyOpen(s *model.Strategy) string {
	for _, p := range s.Properties {
		if p.Verdict == s.Verdict && p.Reason != "" {
			return Visible(p.Reason, CutText)
		}
	}
	return "the record does not decide it"
}

// List joins names: "a, b and c".
func List(names []string) string {
	var out []string
	for _, n := range names {
		out = append(out, Visible(n, CutName))
	}
	switch len(out) {
	case 0:
		return "what was checked"
	}
	return joined(out)
}

// joined is "a, b and c".
func joined(out []string) string {
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}

// Headline is what was run, in one line of parts.
func Headline(r *model.Report) []string {
	w, l := r.Scenario.Workload, r.Scenario.Load
	parts := []string{Visible(r.Scenario.Name, CutName), fmt.Sprintf("seed %d", r.Scenario.Seed)}
	if w.Kind != "" {
		text := Visible(w.Kind, CutName)
		if w.Keys > 0 {
			text += ", " + Plural(int64(w.Keys), "key")
		}
		if w.Skew != "" && w.Keys > 1 {
			text += " " + Visible(w.Skew, CutName)
		}
		parts = append(parts, text)
	}
	if n := len(r.Explorations); n > 0 { // no load
		return append(parts, Plural(int64(n), "pair")+" of requests, every order of their statements")
	}
	if len(r.Sweeps) > 0 {
		parts = append(parts, swept(&r.Sweeps[0]))
	} else if l.Rate != "" {
		parts = append(parts, "open load "+Visible(l.Rate, CutName))
	} else if l.Clients > 0 {
		parts = append(parts, Plural(int64(l.Clients), "client"))
	}
	if l.Repeat > 0 {
		parts = append(parts, fmt.Sprintf("%s × %s of %s", strategies(r), Plural(int64(l.Repeat), "block"), span(l.Duration)))
	}
	if n := r.Provenance.Machine.CPUs; n > 0 {
		parts = append(parts, Plural(int64(n), "CPU"))
	}
	return parts
}

// swept names a sweep: "load.clients from 1 to 64".
func swept(s *measure.Sweep) string {
	text := "sweep of " + Visible(s.Parameter, CutName)
	if n := len(s.Points); n > 0 {
		text += " from " + Visible(s.Points[0].Label, 20) + " to " + Visible(s.Points[n-1].Label, 20)
	}
	return text
}

func strategies(r *model.Report) string {
	if len(r.Strategies) == 1 {
		return "1 strategy"
	}
	return svg.Number(float64(len(r.Strategies))) + " strategies"
}

// Cuts says what is missing from the record.
func Cuts(r *model.Report) []string {
	var out []string
	if r.Interrupted {
		out = append(out, "the run was interrupted; figures are of what was measured until then")
	}
	if r.Cut != "" {
		out = append(out, "the history was cut off: "+Visible(r.Cut, CutText))
	}
	return out
}

// Untold returns the reasons of the verdict that its sentence, as shown, does
// not tell already.
func Untold(r *model.Report, sentence string) []string {
	var out []string
	told := strings.ToLower(sentence)
	for _, s := range r.Reasons {
		if !strings.Contains(told, strings.ToLower(Visible(s, 2*CutText))) {
			out = append(out, s)
		}
	}
	return out
}

// price says what a violated property makes of the goodput of s; nothing of
// one that committed nothing. Fast is said only of what measured faster.
func price(s *model.Strategy, p check.Property, fast bool) string {
	if s.Goodput == nil || *s.Goodput == 0 {
		return ""
	}
	its := "Its " + Figure(s.Goodput) + " commits/s "
	switch p.Name {
	case "no-lost-update", "durability":
		if fast {
			return its + "are fast, but include commits that were lost"
		}
		return its + "include commits that were lost, so its speed does not count"
	case "mutual-exclusion", "fencing":
		return its + "include some made by two holders at once"
	case "progress":
		return its + "date from before it stood still"
	}
	return its + "include wrong ones"
}

// Faster reports whether a difference in goodput would be claimed in favour of
// s against each strategy that broke nothing, were s not barred from comparison
// by what it broke.
func Faster(r *model.Report, s *model.Strategy) bool {
	claimed := false
	for i := range r.Strategies {
		o := &r.Strategies[i]
		if o == s || !model.Clean(o) {
			continue
		}
		for _, c := range measure.Compare(measure.NoiseThreshold, measure.Pair{Base: measure.Side{Name: o.Name, Blocks: o.Blocks}, Head: measure.Side{Name: s.Name, Blocks: s.Blocks}}) {
			if c.Metric == model.Goodput && c.Verdict != measure.Better {
				return false
			}
		}
		claimed = true
	}
	return claimed
}
