package say

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
)

// Fact is an answer: what to read in a second, and the rest of the sentence.
type Fact struct{ Lead, Rest string }

// String is the answer as a sentence or two.
func (f Fact) String() string {
	if f.Rest == "" {
		return f.Lead + "."
	}
	return f.Lead + ". " + f.Rest
}

// Question is what a reader asks, with its answers.
type Question struct {
	Text    string
	Answers []Fact
	Lost    bool // something was lost or broken
}

// Questions answers what a reader with ten seconds asks of this run: what was
// lost, what went wrong on purpose, which strategy was faster (where there is
// more than one), and how sure all that is. How sure losses are is another
// matter than the speed.
func Questions(r *model.Report) []Question {
	lost := false
	for i := range r.Strategies {
		lost = lost || !model.Clean(&r.Strategies[i])
	}
	q := "Which strategy lost or broke something?"
	if len(r.Strategies) == 1 {
		q = "Was anything lost or broken?"
	}
	out := []Question{{q, []Fact{whoLost(r)}, lost}}
	if text := Purpose(r); text != "" {
		did, held, _ := cutLast(strings.TrimPrefix(text, "faults: "), "; ")
		out = append(out, Question{"What went wrong on purpose, and what held?", []Fact{{did, held + "."}}, false})
	}
	if len(r.Sweeps) > 0 {
		out = append(out, Question{"Where does one overtake the other?", []Fact{{Visible(r.Sweeps[0].Sentence, 2*CutText), ""}}, false})
	} else if len(r.Strategies) > 1 {
		out = append(out, Question{"Which was faster?", []Fact{whoFaster(r)}, false})
	}
	out = append(out, Question{"How sure is this?", []Fact{sureOfLoss(r), sureOfSpeed(r)}, false})
	for i := range out {
		for j, f := range out[i].Answers {
			out[i].Answers[j] = f.prose(r)
		}
	}
	return out
}

func (f Fact) prose(r *model.Report) Fact {
	return Fact{strings.TrimSuffix(Prose(r, f.Lead), "."), Prose(r, f.Rest)}
}

// WhichFaster answers which strategy was faster.
func WhichFaster(r *model.Report) Fact { return whoFaster(r).prose(r) }

// cutLast is strings.Cut at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// sureOfLoss says how sure it is what was lost or broken. A violation is
// proven by requests of the record, however few blocks there are.
func sureOfLoss(r *model.Report) Fact {
	what, open := "", false
	for i := range r.Strategies {
		s := &r.Strategies[i]
		for _, p := range model.Broken(s) {
			if p.Name == "no-lost-update" {
				what = "Lost updates"
			} else if what == "" {
				what = "Violations"
			}
		}
		open = open || s.Verdict == check.NotExercised || s.Verdict == check.Undecided
	}
	switch _, _, f := model.FirstFinding(r); {
	case what != "" && f != nil:
		return Fact{what + ": certain", "The requests are shown below."}
	case what != "":
		return Fact{what + ": certain", ""}
	case open, len(r.Strategies) == 0:
		return Fact{"Losses: not known", ""}
	}
	return Fact{"Losses: none in this record", "That does not prove that none can happen."}
}

func whoLost(r *model.Report) Fact {
	var out, open []string
	promised, not := true, ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if bad := model.Broken(s); len(bad) > 0 {
			out = append(out, Visible(s.Name, CutName)+" "+Harm(bad[0]))
			promised, not = bad[0].Promised, "It promised nothing."
			if len(s.Promised) > 0 {
				not = "It did not promise " + Visible(bad[0].Name, CutName) + "."
			}
		} else if s.Verdict == check.NotExercised || s.Verdict == check.Undecided {
			open = append(open, Visible(s.Name, CutName)+" was "+Visible(string(s.Verdict), 20))
		}
	}
	rest := ""
	if len(open) > 0 {
		rest = "Open: " + strings.Join(open, "; ") + "."
	}
	switch {
	case len(out) == 1 && promised:
		return Fact{out[0], strings.TrimSpace("It had promised not to. " + rest)}
	case len(out) == 1:
		return Fact{out[0], strings.TrimSpace(not + " " + rest)}
	case len(out) > 1:
		return Fact{strings.Join(out, "; "), rest}
	case len(open) > 0:
		return Fact{"not known", strings.Join(open, "; ") + "."}
	case len(r.Strategies) == 0:
		return Fact{"not known", "Nothing was recorded."}
	}
	return Fact{"none", "No checked property was violated."}
}

// whoFaster compares with the first strategy; the largest claimed difference
// leads.
func whoFaster(r *model.Report) Fact {
	if len(r.Strategies) < 2 {
		return Fact{"not compared", "There is one strategy only."}
	}
	base := &r.Strategies[0]
	var compared []*measure.Comparison
	var out, lost []string
	sound := 0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if !model.Clean(s) {
			lost = append(lost, Visible(s.Name, CutName)+" ("+HarmShort(model.Broken(s)[0])+")")
			continue
		}
		sound++
		if i == 0 || !model.Clean(base) {
			continue
		}
		if c := model.Find(r, s.Name, model.Goodput); c != nil {
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
		return Fact{out[0], strings.TrimSpace(strings.Join(out[1:], "; ") + ". " + tail)}
	case len(out) > 0:
		return Fact{out[0], tail}
	case sound < 2:
		return Fact{"not compared", strings.TrimSpace("Fewer than two strategies are free of violations. " + tail)}
	case !model.Clean(base):
		return Fact{"not compared", strings.TrimSpace("The base strategy violated a property. " + tail)}
	}
	return Fact{"not known", strings.TrimSpace("There are too few blocks to compare. " + tail)}
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
	base, head := Visible(c.Base, CutName), Visible(c.Head, CutName)
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
		text := fmt.Sprintf("%s committed %s times what %s did", winner, Fixed(ratio), loser)
		if ci != nil {
			text += fmt.Sprintf(" (95 %% CI %s to %s)", Fixed(ci[0]), Fixed(ci[1]))
		}
		return text
	case "within-noise":
		return fmt.Sprintf("%s and %s differ by less than the noise threshold", base, head)
	case "no-difference":
		return fmt.Sprintf("no difference detected between %s and %s", base, head)
	}
	text := fmt.Sprintf("%s and %s were not compared", base, head)
	if c.Note != "" {
		text += " (" + Visible(c.Note, CutText) + ")"
	}
	return text
}

// sureOfSpeed says how sure the comparison of the figures is.
func sureOfSpeed(r *model.Report) Fact {
	n := model.Blocks(r)
	var f Fact
	var rest []string
	switch {
	case n == 0:
		f.Lead = "Speed: not known"
		rest = append(rest, "No block ran to its end.")
	case n < 6:
		f.Lead = "Speed: weak, " + Plural(int64(n), "block") + " a strategy"
		rest = append(rest, "Intervals and claims need 6 blocks: raise load.repeat.")
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
		rest = append(rest, SelfSentence(r))
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

// apart says in how many metrics strategies differ significantly from the first.
func apart(r *model.Report) string {
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
		base = Visible(r.Strategies[0].Name, CutName)
	}
	switch {
	case all == 0:
		return ""
	case claimed == 0:
		return fmt.Sprintf("None of %s differs significantly from %s.", Plural(int64(all), "metric"), base)
	case claimed == 1:
		return fmt.Sprintf("1 of %s differs significantly from %s.", Plural(int64(all), "metric"), base)
	}
	return fmt.Sprintf("%d of %s differ significantly from %s.", claimed, Plural(int64(all), "metric"), base)
}

// widest is the widest interval of the goodput of a strategy that broke
// nothing, as a share: what the comparison can resolve at best.
func widest(r *model.Report) string {
	text, most := "", 0.0
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if s.Goodput == nil || s.GoodputCI == nil || *s.Goodput == 0 || !model.Clean(s) {
			continue
		}
		if w := (s.GoodputCI[1] - s.GoodputCI[0]) / *s.Goodput; w >= most {
			text, most = Spread(s.Goodput, s.GoodputCI), w
		}
	}
	return text
}

// SelfSentence counts the self-checks by what they showed.
func SelfSentence(r *model.Report) string {
	ok, noted, idle, bad := model.SelfChecks(r)
	text := fmt.Sprintf("%s: %d within limits", Plural(int64(len(r.SelfChecks)), "self-check"), ok)
	for _, x := range []struct {
		n    int
		what string
	}{{bad, "failed"}, {noted, "with a note"}, {idle, "without enough data"}} {
		if x.n > 0 {
			text += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	return text + "."
}
