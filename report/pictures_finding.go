package report

import (
	"regexp"
	"strings"

	"tussle/report/check"
	"tussle/report/svg"
)

// findingPicture draws a finding as a space-time diagram.
func findingPicture(f *check.Finding) picture {
	p := picture{Name: "finding", Wide: true, Question: "Exactly how did it happen?", Answer: visible(f.Sentence, cutText),
		Table: table{Caption: "The requests of the finding, in order", Head: []string{"no.", "client", "ms", "what", "status", "version", "built on", "tag", "value", "line"}}}
	var events []svg.Event
	for i, q := range f.Requests {
		status := "no answer"
		if q.Status != 0 {
			status = count(int64(q.Status))
		}
		events = append(events, svg.Event{Lane: visible(q.Lane, cutName), From: q.Call, To: q.Return, Label: visible(brief(q.Role), 80), Answer: "→ " + status, Offends: q.Offends, Unanswered: q.Status == 0})
		mark := count(int64(i + 1))
		if q.Offends {
			mark += " ✘"
		}
		p.Table.Rows = append(p.Table.Rows, []string{mark, visible(q.Lane, cutName), ms2(q.Call) + " – " + ms2(q.Return), visible(q.Role, cutText), status,
			visible(q.Version, cutName), visible(q.Expect, cutName), visible(q.Tag, cutName), visible(q.Value, cutName), count(q.Line)})
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

func ms2(v float64) string { return fixed(v) }
