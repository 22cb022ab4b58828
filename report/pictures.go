package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tussle/report/svg"
)

// picture is one chart: a question, its answer, the drawing and the same
// figures as a table.
type picture struct {
	Name     string // of --chart, and of the element's id
	Question string
	Answer   string
	Wide     bool
	Table    table
	draw     func(f svg.Frame) string
}

// table is the data beside a picture. The first cell of a row is its header.
type table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Left reports whether column i stands at the left: its first cell holds words.
func (t table) Left(i int) bool {
	return i == 0 || len(t.Rows) > 0 && i < len(t.Rows[0]) && words(t.Rows[0][i])
}

// Draw renders the picture; id is unique in the page.
func (p picture) Draw(id string, paper bool) string {
	return p.draw(svg.Frame{ID: id, Title: p.Question, Desc: p.Answer, Paper: paper})
}

// pictures returns the charts that the report has figures for, in the order
// in which they are shown.
func pictures(r *Report) []picture {
	var out []picture
	sweeps := 0
	for i := range r.Sweeps {
		if p, ok := sweepPicture(r, i); ok {
			out = append(out, p)
			sweeps++
		}
	}
	if sweeps == 0 {
		out = appendIf(out, goodputPicture, r)
	}
	for _, make := range []func(*Report) (picture, bool){percentilePicture, spentPicture, attemptsPicture, fairnessPicture, timePicture} {
		out = appendIf(out, make, r)
	}
	return out
}

func appendIf(out []picture, make func(*Report) (picture, bool), r *Report) []picture {
	if p, ok := make(r); ok {
		return append(out, p)
	}
	return out
}

// label is a strategy's name in a chart; a strategy that broke a property
// carries a cross.
func label(s *Strategy) string {
	name := visible(s.Name, cutName)
	if !clean(s) {
		return "✘ " + name
	}
	return name
}

func value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

func bounds(ci *[2]float64) (lo, hi float64) {
	if ci == nil {
		return 0, 0
	}
	return ci[0], ci[1]
}

func interval(ci *[2]float64, f func(*float64) string) string {
	if ci == nil {
		return ""
	}
	return " (" + f(&ci[0]) + " to " + f(&ci[1]) + ")"
}

func goodputPicture(r *Report) (picture, bool) {
	p := picture{Name: "goodput", Question: "How many writes a second does each strategy get committed?",
		Table: table{"Committed operations a second, median of the blocks", []string{"strategy", "goodput/s", "95 % CI", "blocks"}, nil}}
	var bars []svg.Row
	for i := range r.Strategies {
		s := &r.Strategies[i]
		lo, hi := bounds(s.GoodputCI)
		text := figure(s.Goodput) + " " + spread(s.Goodput, s.GoodputCI)
		bars = append(bars, svg.Row{Name: label(s), Look: i, Hollow: !clean(s), Value: value(s.Goodput), Lo: lo, Hi: hi, Text: text})
		p.Table.Rows = append(p.Table.Rows, []string{label(s), figure(s.Goodput), strings.Trim(interval(s.GoodputCI, figure), " ()"), count(int64(len(s.Blocks)))})
	}
	p.Answer = facts(r)[1].String()
	p.draw = func(f svg.Frame) string {
		return svg.Dots{Frame: f, XTitle: "committed operations a second; line: 95 % interval of the median", Rows: bars}.Render()
	}
	return p, len(bars) > 0
}

func sweepPicture(r *Report, k int) (picture, bool) {
	sw := r.Sweeps[k]
	what := visible(sw.Parameter, cutName)
	p := picture{Name: "sweep", Wide: true, Question: fmt.Sprintf("Which strategy gets more done as %s grows, and what do conflicts cost?", what), Answer: visible(sw.Sentence, cutText)}
	if k > 0 {
		p.Name = fmt.Sprintf("sweep-%d", k+1)
	}
	p.Table = table{Caption: "Goodput and conflict rate by " + what + ", with 95 % intervals", Head: []string{what}}
	good := svg.Panel{Title: "committed operations a second (band: 95 % CI)", Height: 190}
	conf := svg.Panel{Title: "conflict rate (conflicting attempts of all attempts)", Percent: true, Height: 120}
	var ticks []svg.Tick
	cells := map[float64][]string{}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		g := svg.Series{Name: label(s), Look: i, Hollow: !clean(s), Marks: true}
		c := g
		p.Table.Head = append(p.Table.Head, label(s)+" goodput/s", label(s)+" conflicts")
		for _, pt := range sw.Points {
			if pt.Strategy != s.Name {
				continue
			}
			lo, hi := bounds(pt.GoodputCI)
			g.Points = append(g.Points, svg.Point{X: pt.At, Y: value(pt.Goodput), Lo: lo, Hi: hi})
			lo, hi = bounds(pt.ConflictCI)
			c.Points = append(c.Points, svg.Point{X: pt.At, Y: value(pt.ConflictRate), Lo: lo, Hi: hi})
			if !slices.ContainsFunc(ticks, func(t svg.Tick) bool { return t.At == pt.At }) {
				ticks = append(ticks, svg.Tick{At: pt.At, Label: visible(tickLabel(pt.Label, pt.At), 12)})
			}
			for len(cells[pt.At]) < 2*i {
				cells[pt.At] = append(cells[pt.At], "–")
			}
			cells[pt.At] = append(cells[pt.At], figure(pt.Goodput)+interval(pt.GoodputCI, figure), percent(pt.ConflictRate)+interval(pt.ConflictCI, percent))
		}
		good.Series, conf.Series = append(good.Series, g), append(conf.Series, c)
	}
	slices.SortFunc(ticks, func(a, b svg.Tick) int { return compare(a.At, b.At) })
	for _, t := range ticks {
		p.Table.Rows = append(p.Table.Rows, append([]string{t.Label}, cells[t.At]...))
	}
	var windows []svg.Window
	for _, c := range sw.Crossovers {
		if c.Metric == goodput {
			windows = append(windows, svg.Window{From: c.From, To: c.To, Label: "crossover between " + svg.Number(c.From) + " and " + svg.Number(c.To)})
		}
	}
	log := len(ticks) > 2 && ticks[0].At > 0 && ticks[len(ticks)-1].At/ticks[0].At >= 8
	title := what
	if log {
		title += " (log scale)"
	}
	p.draw = func(f svg.Frame) string {
		return svg.Lines{Frame: f, XTitle: title, XLog: log, XTicks: ticks, Panels: []svg.Panel{good, conf}, Windows: windows, Width: 820}.Render()
	}
	return p, len(ticks) > 0
}

func tickLabel(label string, at float64) string {
	if label == "" {
		return svg.Number(at)
	}
	return label
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func percentilePicture(r *Report) (picture, bool) {
	p := picture{Name: "percentiles", Question: "How long until a write is committed, for the slowest 1 in 100?",
		Table: table{Caption: "Time to commit in ms, from the intended start, retries and waits included", Head: []string{"percentile"}}}
	panel := svg.Panel{Title: "time to commit, ms (log scale)", Log: true, Height: 210}
	worst := ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		l := svg.Series{Name: label(s), Look: i, Hollow: !clean(s)}
		for _, pt := range s.Pictures.Percentiles {
			l.Points = append(l.Points, svg.Point{X: pt.X, Y: pt.Y})
		}
		if len(l.Points) > 0 {
			panel.Series = append(panel.Series, l)
		}
		p.Table.Head = append(p.Table.Head, label(s))
		if s.TimeToCommit.P99 != nil && clean(s) {
			if worst != "" {
				worst += "; "
			}
			worst += fmt.Sprintf("%s: half within %s, 99 %% within %s", visible(s.Name, cutName), millis(s.TimeToCommit.P50), millis(s.TimeToCommit.P99))
		}
	}
	p.Answer = worst + "."
	if worst == "" {
		p.Answer = "There are too few committed operations for a p99 (100 are needed)."
	}
	for _, row := range []struct {
		name string
		of   func(*Strategy) string
	}{
		{"p50", func(s *Strategy) string { return figure(s.TimeToCommit.P50) }}, {"p90", func(s *Strategy) string { return figure(s.TimeToCommit.P90) }},
		{"p95", func(s *Strategy) string { return figure(s.TimeToCommit.P95) }}, {"p99", func(s *Strategy) string { return figure(s.TimeToCommit.P99) }},
		{"p99.9", func(s *Strategy) string { return figure(s.TimeToCommit.P999) }}, {"max", func(s *Strategy) string { return figure(s.TimeToCommit.Max) }},
		{"operations", func(s *Strategy) string { return count(s.TimeToCommit.N) }},
	} {
		cells := []string{row.name}
		for i := range r.Strategies {
			cells = append(cells, row.of(&r.Strategies[i]))
		}
		p.Table.Rows = append(p.Table.Rows, cells)
	}
	p.draw = func(f svg.Frame) string {
		return svg.Lines{Frame: f, XTitle: "percentile (log scale of 1 in n)", XLog: true, Panels: []svg.Panel{panel}, RowsAt: []float64{2, 10, 20, 100, 1000},
			XTicks: []svg.Tick{{At: 1, Label: "0"}, {At: 2, Label: "p50"}, {At: 10, Label: "p90"}, {At: 100, Label: "p99"}, {At: 1000, Label: "p99.9"}, {At: 10000, Label: "p99.99"}}}.Render()
	}
	return p, len(panel.Series) > 0
}
