package format

import (
	"fmt"
	"html/template"
	"strings"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
)

// explored writes the pairs of an exploration for a terminal: a sentence each,
// below it the shortest order that is not serial, statement by statement.
func (t texter) explored(r *model.Report) {
	for i := range r.Explorations {
		x := &r.Explorations[i]
		t.mark(x.Verdict, say.Visible(x.Strategy, say.CutName)+": "+x.Sentence)
		if len(x.Findings) > 0 {
			f := &x.Findings[0]
			for _, row := range page.OrderTable(f).Rows {
				t.wrap("    ", fmt.Sprintf("%2s  %s  %s  -> %s", row[0], row[1], row[2], row[3]))
			}
			for _, row := range page.OutcomeTable(x, f).Rows {
				text := row[0] + ": " + row[1]
				for k, s := range f.Serial {
					text += "; " + s.Name + ": " + row[2+k]
				}
				t.wrap("    ", text)
			}
			if f.Replays > 0 {
				t.wrap("    ", fmt.Sprintf("repeated %d of %d times; again: --replay order-%d-%d.json", f.Repeated, f.Replays, x.Pair, f.Number))
			}
		}
		for _, note := range x.Notes {
			t.wrap("    ", "note: "+note)
		}
	}
}

// mdExplored is a table of the pairs, and the shortest order of each that is
// not serial.
func mdExplored(r *model.Report) string {
	if len(r.Explorations) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| requests | statements | orders | stand for | not serial | refused | verdict |\n|---|---|--:|--:|--:|--:|---|\n")
	for _, x := range r.Explorations {
		var alone []string
		for _, n := range x.Alone {
			alone = append(alone, fmt.Sprint(n))
		}
		fmt.Fprintf(&b, "| %s: %s | %s | %d | %d | %d | %d | %s |\n", mdCell(x.Strategy), mdCell(strings.Join(x.Steps, " beside ")), strings.Join(alone, " + "),
			x.Orders, x.StandFor, x.NotSerial, x.Refused, say.Sign(x.Verdict)+" "+mdCell(string(x.Verdict)))
	}
	for _, x := range r.Explorations {
		if len(x.Findings) == 0 {
			continue
		}
		f := &x.Findings[0]
		fmt.Fprintf(&b, "\n<details><summary>Requests %s: the shortest order that is not serial</summary>\n\nThe order: %s\n\n| no. | request | statement | the database |\n|--:|---|---|---|\n",
			mdCell(strings.Join(x.Steps, " beside ")), mdCell(f.Sentence))
		for _, row := range page.OrderTable(f).Rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row[0], row[1], mdCell(row[2]), mdCell(row[3]))
		}
		b.WriteString("\n</details>\n")
	}
	return b.String()
}

// viewOrder is one pair of an exploration on the page.
type viewOrder struct {
	ID, Tone, Sign, Verdict, Strategy, Sentence string
	Wants                                       []string
	Varies                                      string
	SVG                                         template.HTML
	Found                                       bool
	Statements, Outcomes                        page.Table
	Replay                                      string
}

func viewOrders(r *model.Report) []viewOrder {
	var out []viewOrder
	for i := range r.Explorations {
		x := &r.Explorations[i]
		v := viewOrder{ID: fmt.Sprintf("o%d", i+1), Tone: say.Tone(x.Verdict), Sign: say.Sign(x.Verdict), Verdict: say.Visible(string(x.Verdict), 20), Strategy: say.Visible(x.Strategy, say.CutName),
			Sentence: say.Visible(x.Sentence, 2*say.CutText)}
		for k, w := range x.Wants {
			v.Wants = append(v.Wants, string(rune('A'+k))+": "+say.Pasted(w))
		}
		if len(x.Varies) > 0 {
			v.Varies = say.Visible(strings.Join(x.Varies, ", "), say.CutText)
		}
		if len(x.Findings) > 0 {
			f := &x.Findings[0]
			pic := page.OrderPicture(x, f)
			v.Found, v.SVG, v.Statements, v.Outcomes = true, drawn(pic.Draw(v.ID+"p", false)), page.OrderTable(f), page.OutcomeTable(x, f)
			if x.Verdict == check.Violated {
				v.Replay = fmt.Sprintf("tussle explore SCENARIO --replay order-%d-%d.json --times 100", x.Pair, f.Number)
			}
		}
		out = append(out, v)
	}
	return out
}
