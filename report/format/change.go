package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tussle/report/check"
	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
)

// WriteChange writes a comparison of two reports as text, markdown or json.
func WriteChange(w io.Writer, c *model.Change, format string) error {
	var b bytes.Buffer
	switch format {
	case "text":
		changeText(&b, c)
	case "markdown":
		changeMarkdown(&b, c)
	case "json":
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		d := *c
		model.NoNulls(&d)
		if err := enc.Encode(&d); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown format %q of a comparison: expected text, markdown or json", format)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func title(s model.Side) string {
	return strings.TrimSpace(say.Visible(s.Run, say.CutName) + " " + say.Visible(s.Start, say.CutName))
}

var changeColumns = []string{"figure", "base", "head", "ratio", "95 % CI", "p", "n", ""}

// cells are the columns of one metric.
func cells(m *measure.Comparison) []string {
	ci, p := "–", "–"
	if m.CI95 != nil {
		ci = say.Figure(&m.CI95[0]) + " to " + say.Figure(&m.CI95[1])
	}
	if m.P != nil {
		p = fmt.Sprintf("%.2g", *m.P)
	}
	verdict := m.Verdict
	if verdict == measure.NoDifference {
		verdict = "~"
	}
	return []string{m.Metric, say.Figure(m.BaseMedian), say.Figure(m.HeadMedian), say.Figure(m.Ratio), ci, p, fmt.Sprint(m.N), verdict}
}

func changeText(b *bytes.Buffer, c *model.Change) {
	fmt.Fprintf(b, "%s: %s -> %s\n", line(say.Visible(c.Scenario, say.CutName)), line(title(c.Base)), line(title(c.Head)))
	for _, s := range c.Strategies {
		fmt.Fprintf(b, "\n%s\n", line(fmt.Sprintf("%s: %s -> %s", say.Visible(s.Name, say.CutName), s.Base, s.Head)))
		tw := tabwriter.NewWriter(b, 2, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "  "+strings.Join(changeColumns, "\t"))
		for i := range s.Metrics {
			row := cells(&s.Metrics[i])
			for j := range row {
				row[j] = say.Visible(row[j], say.CutName)
			}
			fmt.Fprintln(tw, "  "+strings.Join(row, "\t"))
		}
		tw.Flush()
	}
	b.WriteByte('\n')
	for _, n := range c.Notes {
		fmt.Fprintf(b, "%s\n", line("note: "+say.Visible(n, say.CutText)))
	}
	for _, r := range c.Reasons {
		fmt.Fprintf(b, "%s\n", line("because: "+say.Visible(r, say.CutText)))
	}
	fmt.Fprintf(b, "%s %s  %s\n", say.Sign(overall(c)), overall(c), say.Visible(c.Sentence, 2*say.CutText))
}

// overall is the verdict of the headline: the worse one of the comparison and of
// the newer run.
func overall(c *model.Change) check.Verdict {
	for _, v := range []check.Verdict{check.Fail, check.Inconclusive} {
		if c.Verdict == v || c.Head.Verdict == v {
			return v
		}
	}
	return c.Verdict
}

func changeMarkdown(b *bytes.Buffer, c *model.Change) {
	fmt.Fprintf(b, "### %s %s %s\n\n", mdSign(overall(c)), mdCode(c.Scenario), mdText(c.Sentence))
	fmt.Fprintf(b, "base: %s, head: %s\n", mdText(title(c.Base)), mdText(title(c.Head)))
	for _, s := range c.Strategies {
		fmt.Fprintf(b, "\n**%s**: %s, then %s\n\n|%s|\n|%s\n", mdText(s.Name), s.Base, s.Head, strings.Join(changeColumns, "|"), strings.Repeat("---|", len(changeColumns)))
		for i := range s.Metrics {
			row := cells(&s.Metrics[i])
			for j := range row {
				row[j] = mdText(row[j])
			}
			fmt.Fprintf(b, "|%s|\n", strings.Join(row, "|"))
		}
	}
	if len(c.Notes)+len(c.Reasons) > 0 {
		b.WriteByte('\n')
	}
	for _, r := range c.Reasons {
		fmt.Fprintf(b, "- because: %s\n", mdText(r))
	}
	for _, n := range c.Notes {
		fmt.Fprintf(b, "- note: %s\n", mdText(n))
	}
}
