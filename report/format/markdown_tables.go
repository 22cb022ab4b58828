package format

import (
	"fmt"
	"strings"

	"tussle/report/model"
	"tussle/report/page"
	"tussle/report/say"
	"tussle/report/svg"
)

// mdTables are the sections of detail, each folded away.
func mdTables(r *model.Report) []part {
	var out []part
	add := func(rank int, title string, tables ...page.Table) {
		var b strings.Builder
		for _, t := range tables {
			b.WriteString(mdTable(t))
		}
		if b.Len() > 0 {
			out = append(out, part{rank, "<details><summary>" + htmlText(title) + "</summary>\n\n" + b.String() + "</details>\n"})
		}
	}
	for _, p := range page.Pictures(r) {
		rank := 7
		if p.Name == "time" {
			rank = 10
		}
		add(rank, p.Question, p.Table)
	}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		add(9, "Conflicts of "+say.Visible(s.Name, say.CutName), page.MatrixTable(s), page.ProblemTable(s), page.HotKeyTable(s))
	}
	add(6, "All figures", page.FigureTables(r)...)
	var self page.Table
	self.Caption, self.Head = "Self-checks of the instrument", []string{"check", "strategy", "value", "limit", "verdict", "note"}
	for _, c := range page.SelfCheckTable(r).Rows {
		self.Rows = append(self.Rows, append(append([]string(nil), c.Cells...), c.Verdict, c.Note))
	}
	add(6, self.Caption, self)
	return out
}

// mdProperties is the table of promises.
func mdProperties(r *model.Report) string {
	t, others := page.PromiseTables(r)
	m := page.Table{Caption: "", Head: t.Head}
	for _, c := range append(t.Rows, others.Rows...) {
		m.Rows = append(m.Rows, append(append([]string(nil), c.Cells...), c.Sign+" "+c.Verdict, c.Note))
	}
	if len(m.Rows) == 0 {
		return ""
	}
	return "<details><summary>Promises: what was checked, and on what evidence</summary>\n\n" + mdTable(m) + "</details>\n"
}

// mdTable renders a table; every cell is text that is already visible and is
// escaped here.
func mdTable(t page.Table) string {
	if len(t.Rows) == 0 {
		return ""
	}
	var b strings.Builder
	if t.Caption != "" {
		b.WriteString(mdText(t.Caption) + "\n\n")
	}
	cells := func(row []string) {
		b.WriteString("|")
		for _, c := range row {
			b.WriteString(" " + mdCell(c) + " |")
		}
		b.WriteString("\n")
	}
	cells(t.Head)
	b.WriteString("|" + strings.Repeat("---|", len(t.Head)) + "\n")
	for _, r := range t.Rows {
		cells(r)
	}
	b.WriteString("\n")
	return b.String()
}

// mdCell leaves figures as they are and puts any other text into a code span
// when it holds more than letters, digits and spaces.
func mdCell(s string) string {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.ContainsRune(" .,%()/-–✔✘○?≥×", c):
		default:
			return mdCode(s)
		}
	}
	if strings.Contains(s, "www.") {
		return mdCode(s)
	}
	return s
}

// mermaid draws goodput over the swept parameter, or by strategy, in the
// little that GitHub's Mermaid can do: no legend and no log scale, so the
// order of the lines is told in words. Labels hold letters and digits only.
func mermaid(r *model.Report) string {
	var b strings.Builder
	var names []string
	if len(r.Sweeps) > 0 && len(r.Sweeps[0].Points) > 1 {
		sw := r.Sweeps[0]
		var labels []string
		for _, p := range sw.Points {
			if p.Strategy == sw.Points[0].Strategy {
				labels = append(labels, `"`+mdLabel(page.TickLabel(p.Label, p.At), 12)+`"`)
			}
		}
		b.WriteString("    x-axis \"" + mdLabel(sw.Parameter, 30) + "\" [" + strings.Join(labels, ", ") + "]\n    y-axis \"commits a second\" 0 --> %TOP%\n")
		top := 0.0
		for i := range r.Strategies {
			var values []string
			for _, p := range sw.Points {
				if p.Strategy == r.Strategies[i].Name && p.Goodput != nil {
					values = append(values, fmt.Sprintf("%.4g", *p.Goodput))
					top = max(top, *p.Goodput)
				}
			}
			if len(values) == len(labels) && model.Clean(&r.Strategies[i]) {
				b.WriteString("    line [" + strings.Join(values, ", ") + "]\n")
				names = append(names, mdCode(r.Strategies[i].Name))
			}
		}
		if len(names) == 0 {
			return ""
		}
		return "Commits a second; lines in the order " + strings.Join(names, ", ") + " (strategies that broke something are left out).\n\n```mermaid\nxychart-beta\n" +
			strings.Replace(b.String(), "%TOP%", fmt.Sprintf("%.4g", top*1.1), 1) + "```\n"
	}
	return mdBars(r)
}

// mdBars is a picture of characters: one bar a strategy.
func mdBars(r *model.Report) string {
	top := 0.0
	for _, s := range r.Strategies {
		if s.Goodput != nil {
			top = max(top, *s.Goodput)
		}
	}
	if top == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("```text\ncommits a second\n")
	for i := range r.Strategies {
		s := &r.Strategies[i]
		if s.Goodput == nil {
			continue
		}
		n := int(*s.Goodput / top * 40)
		fill, note := "█", ""
		if !model.Clean(s) {
			fill, note = "░", "  "+say.HarmShort(model.Broken(s)[0])
			if say.Faster(r, s) {
				note = "  fast, but " + say.HarmShort(model.Broken(s)[0])
			}
		}
		name := say.Short(strings.ReplaceAll(say.Visible(s.Name, say.CutName), "`", "'"), 24)
		fmt.Fprintf(&b, "%-24s %s %s%s\n", name, strings.Repeat(fill, n), svg.Number(*s.Goodput), strings.ReplaceAll(note, "`", "'"))
	}
	b.WriteString("```\n")
	return b.String()
}
