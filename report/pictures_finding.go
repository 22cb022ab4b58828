package report

import (
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
		events = append(events, svg.Event{Lane: visible(q.Lane, cutName), From: q.Call, To: q.Return, Label: visible(q.Role, 80) + " → " + status, Offends: q.Offends, Unanswered: q.Status == 0})
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

func ms2(v float64) string { return fixed(v) }
