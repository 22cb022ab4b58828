package page

import (
	"fmt"
	"math"
	"slices"

	"tussle/report/measure"
	"tussle/report/model"
	"tussle/report/say"
	"tussle/report/svg"
)

// maxBuckets bounds the points of a line over time, and the rows of the table
// beside it.
const maxBuckets = 48

// Merged makes few buckets of many: means of rates and medians, the highest p99.
func Merged(in []measure.Bucket) []measure.Bucket {
	k := (len(in) + maxBuckets - 1) / maxBuckets
	if k <= 1 {
		return in
	}
	var out []measure.Bucket
	for i := 0; i < len(in); i += k {
		part := in[i:min(i+k, len(in))]
		m := measure.Bucket{At: part[0].At}
		var medians, n float64
		for _, b := range part {
			m.Goodput += b.Goodput / float64(len(part))
			m.Conflicts += b.Conflicts / float64(len(part))
			m.Errors += b.Errors / float64(len(part))
			if b.P99 != nil && (m.P99 == nil || *b.P99 > *m.P99) {
				m.P99 = b.P99
			}
			if b.P50 != nil {
				medians, n = medians+*b.P50, n+1
			}
		}
		if n > 0 {
			mean := medians / n
			m.P50 = &mean
		}
		out = append(out, m)
	}
	return out
}

// tail reports whether every strategy has a p99 in most slices of time; with
// fewer commits the median is drawn.
func tail(r *model.Report) bool {
	for i := range r.Strategies {
		buckets := Merged(r.Strategies[i].Pictures.Series)
		n := 0
		for _, b := range buckets {
			if b.P99 != nil {
				n++
			}
		}
		if 2*n < len(buckets) {
			return false
		}
	}
	return true
}

// timePicture draws goodput, time to commit, and conflicts with errors over
// block time, with the faults' windows.
func timePicture(r *model.Report) (Picture, bool) {
	p := Picture{Name: "time", Wide: true, Question: "What happened in the course of a block?",
		Table: Table{Caption: "By second of block time, mean over the strategy's blocks; p99 is the highest of a slice", Head: []string{"s"}}}
	which, why, of := "p99", "", func(b measure.Bucket) *float64 { return b.P99 }
	if !tail(r) {
		which, why, of = "p50", "; a slice has too few commits for more", func(b measure.Bucket) *float64 { return b.P50 }
	}
	panels := []svg.Panel{{Title: "commits/s", Height: 96}, {Title: which + " of the time to commit, ms (log scale" + why + ")", Log: true, Height: 96},
		{Title: "conflicts/s", Height: 96}, {Title: "errors/s", Height: 60}}
	var at []float64
	cells := map[float64][]string{}
	failed := false
	for i := range r.Strategies {
		s := &r.Strategies[i]
		buckets := Merged(s.Pictures.Series)
		if len(buckets) == 0 {
			continue
		}
		lines := [4]svg.Series{}
		for k := range lines {
			lines[k] = svg.Series{Name: label(s), Look: i, Hollow: !model.Clean(s)}
		}
		p.Table.Head = append(p.Table.Head, label(s)+" commits/s", which+" ms", "conflicts/s", "errors/s")
		for _, b := range buckets {
			failed = failed || b.Errors > 0
			for k, v := range []float64{b.Goodput, Value(of(b)), b.Conflicts, b.Errors} {
				lines[k].Points = append(lines[k].Points, svg.Point{X: b.At, Y: v})
			}
			if _, ok := cells[b.At]; !ok {
				at = append(at, b.At)
			}
			for len(cells[b.At]) < len(p.Table.Head)-5 {
				cells[b.At] = append(cells[b.At], "–")
			}
			cells[b.At] = append(cells[b.At], svg.Number(b.Goodput), say.Figure(of(b)), svg.Number(b.Conflicts), svg.Number(b.Errors))
		}
		for k := range panels {
			panels[k].Series = append(panels[k].Series, lines[k])
			panels[k].NoLabels = k > 0
		}
	}
	slices.Sort(at)
	for _, x := range at {
		p.Table.Rows = append(p.Table.Rows, append([]string{svg.Number(x)}, cells[x]...))
	}
	windows, names := faultWindows(r, at)
	if len(names) > 0 {
		p.Question = "What happened in the course of a block, and when a fault struck?"
	}
	panels = slices.DeleteFunc(panels, func(q svg.Panel) bool { // p99 and errors only where there are any
		return q.Log && !hasValues(q) || q.Title == "errors/s" && !failed
	})
	p.Answer = timeAnswer(r, windows, names)
	p.draw = func(f svg.Frame) string {
		return svg.Lines{Frame: f, XTitle: "seconds since the start of a block", Panels: panels, Windows: windows, Width: 1080}.Render()
	}
	return p, len(at) > 1
}

func hasValues(p svg.Panel) bool {
	return slices.ContainsFunc(p.Series, func(s svg.Series) bool {
		return slices.ContainsFunc(s.Points, func(pt svg.Point) bool { return !math.IsNaN(pt.Y) })
	})
}

// faultWindows places the planned faults on block time.
func faultWindows(r *model.Report, at []float64) (out []svg.Window, names []string) {
	if len(at) == 0 {
		return nil, nil
	}
	for _, f := range r.Scenario.Faults {
		names = append(names, say.Visible(f.Kind, say.CutName))
		if f.From == 0 && f.For == 0 {
			continue // all the time: nothing to shade
		}
		w := svg.Window{From: float64(f.From) / 1e9, To: at[len(at)-1], Label: say.Visible(f.Kind, say.CutName)}
		if f.For > 0 {
			w.To = float64(f.From+f.For) / 1e9
		}
		out = append(out, w)
	}
	return out, names
}

// timeAnswer compares each sound strategy's goodput inside the windows with
// the rest of the block, or tells how far it varied.
func timeAnswer(r *model.Report, windows []svg.Window, names []string) string {
	text := ""
	for i := range r.Strategies {
		s := &r.Strategies[i]
		var in, out, n, m float64
		low, high := math.Inf(1), 0.0
		for _, b := range Merged(s.Pictures.Series) {
			low, high = math.Min(low, b.Goodput), math.Max(high, b.Goodput)
			if slices.ContainsFunc(windows, func(w svg.Window) bool { return b.At >= w.From && b.At < w.To }) {
				in, n = in+b.Goodput, n+1
			} else {
				out, m = out+b.Goodput, m+1
			}
		}
		if n+m == 0 {
			continue
		}
		if text != "" {
			text += "; "
		}
		if n > 0 && m > 0 && out > 0 {
			text += fmt.Sprintf("%s committed %s/s inside the windows and %s/s outside", say.Visible(s.Name, say.CutName), svg.Number(in/n), svg.Number(out/m))
		} else {
			text += fmt.Sprintf("%s stayed between %s and %s commits/s", say.Visible(s.Name, say.CutName), svg.Number(low), svg.Number(high))
		}
	}
	if len(names) == 0 {
		return text + ". No fault was planned."
	}
	return text + ". Faults: " + say.List(names) + "."
}
