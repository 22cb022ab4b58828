package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tussle/report/model"
	"tussle/report/say"
	"tussle/report/svg"
)

// Words reports whether a cell holds words, which stand at the left; figures
// stand at the right.
func Words(cell string) bool {
	return cell != "" && !strings.ContainsRune("0123456789–-+≥<∞", []rune(cell)[0])
}

// Picture is one chart: a question, its answer, the drawing and the same
// figures as a table.
type Picture struct {
	Name     string // of --chart, and of the element's id
	Question string
	Answer   string
	Wide     bool
	Sweep    bool // curves over a swept parameter
	Table    Table
	draw     func(f svg.Frame) string
}

// Table is the data beside a picture. The first cell of a row is its header.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Left reports whether column i stands at the left: its first cell holds words.
func (t Table) Left(i int) bool {
	return i == 0 || len(t.Rows) > 0 && i < len(t.Rows[0]) && Words(t.Rows[0][i])
}

// Draw renders the picture; id is unique in the page.
func (p Picture) Draw(id string, paper bool) string {
	return p.draw(svg.Frame{ID: id, Title: p.Question, Desc: p.Answer, Paper: paper})
}

// Pictures returns the charts that the report has figures for, in the order
// in which they are shown.
func Pictures(r *model.Report) []Picture {
	var out []Picture
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
	for _, make := range []func(*model.Report) (Picture, bool){percentilePicture, spentPicture, attemptsPicture, fairnessPicture, timePicture} {
		out = appendIf(out, make, r)
	}
	return out
}

func appendIf(out []Picture, make func(*model.Report) (Picture, bool), r *model.Report) []Picture {
	if p, ok := make(r); ok {
		return append(out, p)
	}
	return out
}

// label is a strategy's name in a chart; a strategy that broke a property
// carries a cross.
func label(s *model.Strategy) string {
	name := say.Visible(s.Name, say.CutName)
	if !model.Clean(s) {
		return "✘ " + name
	}
	return name
}

// Value is a figure for a drawing: NaN where it is missing.
func Value(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// Bounds are the ends of an interval, 0 and 0 where there is none.
func Bounds(ci *[2]float64) (lo, hi float64) {
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

func goodputPicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "goodput", Question: "How many writes a second does each strategy get committed?",
		Table: Table{"Committed operations a second, median of the blocks", []string{"strategy", "goodput/s", "95 % CI", "blocks"}, nil}}
	var bars []svg.Row
	for i := range r.Strategies {
		s := &r.Strategies[i]
		lo, hi := Bounds(s.GoodputCI)
		text := say.Figure(s.Goodput) + " " + say.Spread(s.Goodput, s.GoodputCI)
		bars = append(bars, svg.Row{Name: label(s), Look: i, Hollow: !model.Clean(s), Value: Value(s.Goodput), Lo: lo, Hi: hi, Text: text})
		p.Table.Rows = append(p.Table.Rows, []string{label(s), say.Figure(s.Goodput), strings.Trim(interval(s.GoodputCI, say.Figure), " ()"), say.Count(int64(len(s.Blocks)))})
	}
	p.Answer = say.WhichFaster(r).String()
	p.draw = func(f svg.Frame) string {
		return svg.Dots{Frame: f, XTitle: "committed operations a second; line: 95 % interval of the median", Rows: bars}.Render()
	}
	return p, len(bars) > 0
}

func sweepPicture(r *model.Report, k int) (Picture, bool) {
	sw := r.Sweeps[k]
	what := say.Visible(sw.Parameter, say.CutName)
	p := Picture{Name: "sweep", Wide: true, Question: fmt.Sprintf("Which strategy gets more done as %s grows, and what do conflicts cost?", what), Answer: say.Visible(sw.Sentence, say.CutText)}
	p.Sweep, p.Wide = true, true
	if k > 0 {
		p.Name = fmt.Sprintf("sweep-%d", k+1)
	}
	p.Table = Table{Caption: "Goodput and conflict rate by " + what + ", with 95 % intervals", Head: []string{what}}
	good := svg.Panel{Title: "committed operations a second (band: 95 % CI)", Height: 190}
	conf := svg.Panel{Title: "conflict rate (conflicting attempts of all attempts)", Percent: true, Height: 120}
	var ticks []svg.Tick
	cells := map[float64][]string{}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		g := svg.Series{Name: label(s), Look: i, Hollow: !model.Clean(s), Marks: true}
		c := g
		p.Table.Head = append(p.Table.Head, label(s)+" goodput/s", label(s)+" conflicts")
		for _, pt := range sw.Points {
			if pt.Strategy != s.Name {
				continue
			}
			lo, hi := Bounds(pt.GoodputCI)
			g.Points = append(g.Points, svg.Point{X: pt.At, Y: Value(pt.Goodput), Lo: lo, Hi: hi})
			lo, hi = Bounds(pt.ConflictCI)
			c.Points = append(c.Points, svg.Point{X: pt.At, Y: Value(pt.ConflictRate), Lo: lo, Hi: hi})
			if !slices.ContainsFunc(ticks, func(t svg.Tick) bool { return t.At == pt.At }) {
				ticks = append(ticks, svg.Tick{At: pt.At, Label: say.Visible(TickLabel(pt.Label, pt.At), 12)})
			}
			for len(cells[pt.At]) < 2*i {
				cells[pt.At] = append(cells[pt.At], "–")
			}
			cells[pt.At] = append(cells[pt.At], say.Figure(pt.Goodput)+interval(pt.GoodputCI, say.Figure), say.Percent(pt.ConflictRate)+interval(pt.ConflictCI, say.Percent))
		}
		good.Series, conf.Series = append(good.Series, g), append(conf.Series, c)
	}
	slices.SortFunc(ticks, func(a, b svg.Tick) int { return compare(a.At, b.At) })
	for _, t := range ticks {
		p.Table.Rows = append(p.Table.Rows, append([]string{t.Label}, cells[t.At]...))
	}
	var windows []svg.Window
	for _, c := range sw.Crossovers {
		if c.Metric == model.Goodput {
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

// TickLabel names a point of a sweep.
func TickLabel(label string, at float64) string {
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

func percentilePicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "percentiles", Question: "How long until a write is committed, for the slowest 1 in 100?",
		Table: Table{Caption: "Time to commit in ms, from the intended start, retries and waits included", Head: []string{"percentile"}}}
	panel := svg.Panel{Title: "time to commit, ms (log scale)", Log: true, Height: 210}
	worst := ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		l := svg.Series{Name: label(s), Look: i, Hollow: !model.Clean(s)}
		for _, pt := range s.Pictures.Percentiles {
			l.Points = append(l.Points, svg.Point{X: pt.X, Y: pt.Y})
		}
		if len(l.Points) > 0 {
			panel.Series = append(panel.Series, l)
		}
		p.Table.Head = append(p.Table.Head, label(s))
		if s.TimeToCommit.P99 != nil && model.Clean(s) {
			if worst != "" {
				worst += "; "
			}
			worst += fmt.Sprintf("%s: half within %s, 99 %% within %s", say.Visible(s.Name, say.CutName), say.Millis(s.TimeToCommit.P50), say.Millis(s.TimeToCommit.P99))
		}
	}
	p.Answer = worst + "."
	if worst == "" {
		p.Answer = "There are too few committed operations for a p99 (100 are needed)."
	}
	for _, row := range []struct {
		name string
		of   func(*model.Strategy) string
	}{
		{"p50", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.P50) }}, {"p90", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.P90) }},
		{"p95", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.P95) }}, {"p99", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.P99) }},
		{"p99.9", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.P999) }}, {"max", func(s *model.Strategy) string { return say.Figure(s.TimeToCommit.Max) }},
		{"operations", func(s *model.Strategy) string { return say.Count(s.TimeToCommit.N) }},
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
