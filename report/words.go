package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/svg"
)

// sign is the symbol of a verdict; it always stands beside the word.
func sign(v check.Verdict) string {
	switch v {
	case check.Pass, check.Holds:
		return "✔"
	case check.Fail, check.Violated:
		return "✘"
	case check.Undecided, check.Inconclusive:
		return "?"
	case check.NotExercised:
		return "○"
	case Noted:
		return "!"
	}
	return "–"
}

// tone is the colour class of a verdict: good, bad, open or none.
func tone(v check.Verdict) string {
	switch v {
	case check.Pass, check.Holds:
		return "good"
	case check.Fail, check.Violated:
		return "bad"
	case check.Undecided, check.Inconclusive, check.NotExercised, Noted:
		return "open"
	}
	return "none"
}

// gloss says in a few words what a locking kind does.
func gloss(locking string) string {
	switch locking {
	case "optimistic":
		return "fails on conflict, then retries"
	case "pessimistic":
		return "waits for a lock"
	case "server-side":
		return "the server does it in one request"
	case "none":
		return "no locking, the last write wins"
	}
	return ""
}

// figure formats a number that may be missing; dash says that the sample does
// not support it.
func figure(v *float64) string {
	if v == nil {
		return "–"
	}
	return svg.Number(*v)
}

func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return share(*v)
}

func share(v float64) string {
	switch p := v * 100; {
	case p == 0:
		return "0 %"
	case p == 100:
		return "100 %"
	case math.Abs(p) < 0.1:
		return svg.Number(p) + " %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

func millis(v *float64) string {
	if v == nil {
		return "–"
	}
	return svg.Number(*v) + " ms"
}

func count(n int64) string { return svg.Number(float64(n)) }

// plural counts things: "1 update", "2 updates".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey") {
		return count(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return count(n) + " " + noun + "s"
}

// spread is half the interval as a share of the median: "± 2 %".
func spread(mid *float64, ci *[2]float64) string {
	if mid == nil || ci == nil || *mid == 0 {
		return ""
	}
	half := math.Max(ci[1]-*mid, *mid-ci[0]) / math.Abs(*mid) * 100
	if half < 0.5 {
		return "± <1 %"
	}
	return fmt.Sprintf("± %.0f %%", half)
}

func span(ns int64) string {
	return time.Duration(ns).String()
}

func pvalue(p *float64) string {
	switch {
	case p == nil:
		return ""
	case *p < 0.001:
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.3f", *p)
}

// prose makes a sentence of a text of this package: a capital first, a full
// stop last. A text that begins with a strategy's name keeps the name as it is.
func prose(r *Report, s string) string {
	if s == "" {
		return s
	}
	named := slices.ContainsFunc(r.Strategies, func(o Strategy) bool {
		name := visible(o.Name, cutName)
		return strings.HasPrefix(s, name+" ") || strings.HasPrefix(s, name+":")
	})
	if !named {
		first, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".:!?") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}

// broken returns the violated properties of a strategy, promised ones first.
func broken(s *Strategy) []check.Property {
	var promised, rest []check.Property
	for _, p := range s.Properties {
		if p.Verdict == check.Violated {
			if p.Promised {
				promised = append(promised, p)
			} else {
				rest = append(rest, p)
			}
		}
	}
	return append(promised, rest...)
}

// harms says, property by property, what a violation did, as the end of a
// sentence that begins with the strategy's name; %s is how often.
var harms = []struct{ property, text, noun string }{
	{"no-lost-update", "lost %s", "update"},
	{"register", "showed %s that no order of the writes explains", "answer"},
	{"honest-refusals", "gave %s that do not hold up", "refusal"},
	{"session-guarantees", "showed a client a state older than it had seen, %s", "time"},
	{"counter-bounds", "showed %s that no order of the additions gives", "count"},
	{"append-only", "lost, repeated or reordered %s", "element"},
	{"conservation", "showed %s that the transfers do not explain", "balance"},
	{"create-once", "created the same thing more than once, %s", "time"},
	{"lifecycle", "mixed up the lives of a resource, %s", "time"},
	{"parent-child", "tore parent and child apart, %s", "time"},
	{"mutual-exclusion", "gave a lock to two holders at once, %s", "time"},
	{"fencing", "accepted %s of holders whose lock another had by then", "write"},
	{"progress", "stood still, %s", "time"},
	{"durability", "forgot %s", "accepted change"},
	{"write-skew", "let %s through", "write skew"},
}

// harm says what a violated property did.
func harm(p check.Property) string {
	for _, h := range harms {
		if h.property == p.Name {
			return fmt.Sprintf(h.text, plural(p.Violations, h.noun))
		}
	}
	return "violated " + visible(p.Name, cutName) + ", " + plural(p.Violations, "time")
}

// price says what a violated property makes of the goodput of s. Fast is said
// only of what measured faster.
func price(s *Strategy, p check.Property, fast bool) string {
	its := "Its " + figure(s.Goodput) + " commits/s "
	switch p.Name {
	case "no-lost-update", "durability":
		if fast {
			return its + "are fast, but some of them are gone"
		}
		return "Its speed does not count: some of its " + figure(s.Goodput) + " commits/s are gone"
	case "mutual-exclusion", "fencing":
		return its + "were not always made by one holder at a time"
	case "progress":
		return its + "are those from before it stood still"
	}
	return its + "were counted whether they were right or not"
}

// faster reports whether a difference in goodput would be claimed in favour of
// s against each strategy that broke nothing, were s not barred from comparison
// by what it broke.
func faster(r *Report, s *Strategy) bool {
	claimed := false
	for i := range r.Strategies {
		o := &r.Strategies[i]
		if o == s || !clean(o) {
			continue
		}
		for _, c := range measure.Compare(measure.NoiseThreshold, measure.Pair{Base: measure.Side{Name: o.Name, Blocks: o.Blocks}, Head: measure.Side{Name: s.Name, Blocks: s.Blocks}}) {
			if c.Metric == goodput && c.Verdict != measure.Better {
				return false
			}
		}
		claimed = true
	}
	return claimed
}

// harmShort is harm for a table's cell.
func harmShort(p check.Property) string {
	if p.Name == "no-lost-update" {
		return "lost " + count(p.Violations)
	}
	return count(p.Violations) + " × " + visible(p.Name, cutName)
}

// standing is a strategy's verdict for a table's cell: the word, or what was
// broken. A broken property shows as violated even when it was not promised.
func standing(s *Strategy) (v check.Verdict, text string) {
	if bad := broken(s); len(bad) > 0 {
		return check.Violated, harmShort(bad[0])
	}
	return s.Verdict, visible(string(s.Verdict), 20)
}

// clean reports whether nothing that was checked is violated, promised or not.
func clean(s *Strategy) bool { return len(broken(s)) == 0 }
