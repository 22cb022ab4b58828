package page

import (
	"regexp"
	"strings"

	"tussle/report/check"
	"tussle/report/say"
	"tussle/report/svg"
)

// FindingPicture draws a finding as a space-time diagram.
func FindingPicture(f *check.Finding) Picture {
	p := Picture{Name: "finding", Wide: true, Question: "Exactly how did it happen?", Answer: say.Visible(f.Sentence, say.CutText),
		Table: Table{Caption: "The requests of the finding, in order", Head: []string{"no.", "client", "ms", "what", "status", "version", "built on", "tag", "value", "line"}}}
	var events []svg.Event
	for i, q := range f.Requests {
		status := "no answer"
		if q.Status != 0 {
			status = say.Count(int64(q.Status))
		}
		events = append(events, svg.Event{Lane: say.Visible(q.Lane, say.CutName), From: q.Call, To: q.Return, Label: say.Visible(brief(q.Role), 80), Answer: "→ " + status, Offends: q.Offends, Unanswered: q.Status == 0})
		mark := say.Count(int64(i + 1))
		if q.Offends {
			mark += " ✘"
		}
		p.Table.Rows = append(p.Table.Rows, []string{mark, say.Visible(q.Lane, say.CutName), ms2(q.Call) + " – " + ms2(q.Return), say.Visible(q.Role, say.CutText), status,
			say.Visible(q.Version, say.CutName), say.Visible(q.Expect, say.CutName), say.Visible(q.Tag, say.CutName), say.Visible(q.Value, say.CutName), say.Count(q.Line)})
	}
	p.draw = func(fr svg.Frame) string { return svg.Lanes{Frame: fr, Events: events}.Render() }
	return p
}

// answers begin the end of a role that says what the client was told; in the
// diagram the status stands there.
var answers = []string{": accepted", ": refused with ", ": no answer", ": answered "}

// shorter is a role's wording for the diagram, where a bar's caption must fit
// beside it; the sentence and the table keep the whole.
var shorter = []struct {
	long *regexp.Regexp
	text string
}{
	{regexp.MustCompile(` \((?:tagged|version) [^()]*\)`), ""},
	{regexp.MustCompile(` on version (\S+), if still that`), " if v$1"},
	{regexp.MustCompile(` on (?:the state tagged \S+|the initial state|a state without a name|an unknown state|version \S+|nothing \(404\)), if still version (\S+)`), " if v$1"},
	{regexp.MustCompile(`, if still version (\S+)`), " if v$1"},
	{regexp.MustCompile(` on the state tagged `), " on "},
	{regexp.MustCompile(`,? the state tagged (\S+?)(, version .*)?$`), " = $1"},
	{regexp.MustCompile(`,? the initial state(, version .*)?$`), " = initial"},
	{regexp.MustCompile(`,? \bversion (\S+)$`), " v$1"},
	{regexp.MustCompile(`, with fencing token `), ", fence "},
	{regexp.MustCompile(`\bv"([^"]*)"`), "v$1"},
}

// brief shortens a role: "wrote 47 (tagged 3.1.1) on the state tagged 2.0.1,
// if still version "46": accepted" is "wrote 47 if v46".
func brief(role string) string {
	for _, a := range answers {
		if at := strings.LastIndex(role, a); at > 0 {
			role = role[:at]
			break
		}
	}
	for _, s := range shorter {
		role = s.long.ReplaceAllString(role, s.text)
	}
	return role
}

func ms2(v float64) string { return say.Fixed(v) }
