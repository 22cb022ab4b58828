package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"tussle/report/measure"
)

// WriteChange writes a comparison of two reports as text, markdown or json.
func WriteChange(w io.Writer, c *Change, format string) error {
	var b bytes.Buffer
	switch format {
	case "text":
		c.text(&b)
	case "markdown":
		c.markdown(&b)
	case "json":
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		d := *c
		noNulls(&d)
		if err := enc.Encode(&d); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown format %q of a comparison: expected text, markdown or json", format)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (s Side) title() string {
	return strings.TrimSpace(visible(s.Run, cutName) + " " + visible(s.Start, cutName))
}

var changeColumns = []string{"figure", "base", "head", "ratio", "95 % CI", "p", "n", ""}

// cells are the columns of one metric.
func cells(m *measure.Comparison) []string {
	ci, p := "–", "–"
	if m.CI95 != nil {
		ci = figure(&m.CI95[0]) + " to " + figure(&m.CI95[1])
	}
	if m.P != nil {
		p = fmt.Sprintf("%.2g", *m.P)
	}
	verdict := m.Verdict
	if verdict == measure.NoDifference {
		verdict = "~"
	}
	return []string{m.Metric, figure(m.BaseMedian), figure(m.HeadMedian), figure(m.Ratio), ci, p, fmt.Sprint(m.N), verdict}
}

func (c *Change) text(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s: %s -> %s\n", line(visible(c.Scenario, cutName)), line(c.Base.title()), line(c.Head.title()))
	for _, s := range c.Strategies {
		fmt.Fprintf(b, "\n%s\n", line(fmt.Sprintf("%s: %s -> %s", visible(s.Name, cutName), s.Base, s.Head)))
		tw := tabwriter.NewWriter(b, 2, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "  "+strings.Join(changeColumns, "\t"))
		for i := range s.Metrics {
			row := cells(&s.Metrics[i])
			for j := range row {
				row[j] = visible(row[j], cutName)
			}
			fmt.Fprintln(tw, "  "+strings.Join(row, "\t"))
		}
		tw.Flush()
	}
	b.WriteByte('\n')
	for _, n := range c.Notes {
		fmt.Fprintf(b, "%s\n", line("note: "+visible(n, cutText)))
	}
	for _, r := range c.Reasons {
		fmt.Fprintf(b, "%s\n", line("because: "+visible(r, cutText)))
	}
	fmt.Fprintf(b, "%s %s  %s\n", sign(c.Verdict), c.Verdict, visible(c.Sentence, cutText))
}

func (c *Change) markdown(b *bytes.Buffer) {
	fmt.Fprintf(b, "### %s %s: %s, base against head\n\n%s\n\n", sign(c.Verdict), c.Verdict, mdText(c.Scenario), mdText(c.Sentence))
	fmt.Fprintf(b, "base: %s, head: %s\n", mdText(c.Base.title()), mdText(c.Head.title()))
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
