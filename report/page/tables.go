package page

import (
	"fmt"
	"strings"

	"tussle/report/model"
	"tussle/report/say"
	"tussle/report/svg"
)

// MatrixTable holds the answers of a strategy by step, status and class.
func MatrixTable(s *model.Strategy) Table {
	t := Table{Caption: "Answers by step, status and class", Head: []string{"step", "status", "class", "answers"}}
	for _, m := range s.Anatomy.Matrix {
		status := "none"
		if m.Status != 0 {
			status = fmt.Sprint(m.Status)
		}
		t.Rows = append(t.Rows, []string{say.Visible(m.Step, say.CutName), status, say.Visible(m.Class, say.CutName), say.Count(m.N)})
	}
	return t
}

// ProblemTable holds what the refusals of a strategy said.
func ProblemTable(s *model.Strategy) Table {
	t := Table{Caption: "Bodies of refusals, grouped", Head: []string{"type", "status", "how often", "example"}}
	for _, p := range s.Anatomy.Problems {
		t.Rows = append(t.Rows, []string{say.Visible(p.Type, say.CutName), fmt.Sprint(p.Status), say.Count(p.N), say.Visible(p.Sample, 160)})
	}
	return t
}

// HotKeyTable holds the keys with the most conflicts.
func HotKeyTable(s *model.Strategy) Table {
	t := Table{Caption: "Keys with the most conflicts", Head: []string{"key", "attempts", "conflicts", "share of the operations"}}
	if s.Conflicts.Attempts == 0 {
		t.Caption = "Keys with the most attempts"
	}
	for _, k := range s.Anatomy.HotKeys {
		t.Rows = append(t.Rows, []string{say.Visible(k.Key, say.CutName), say.Count(k.Attempts), say.Count(k.Conflicts), say.Share(k.Share)})
	}
	return t
}

// FigureTables holds the figures that no picture carries.
func FigureTables(r *model.Report) []Table {
	ops := Table{Caption: "Operations, attempts and requests", Head: []string{"strategy", "operations", "committed", "gave up", "failed", "unknown", "plain reads", "attempts", "conflicting", "requests", "requests a commit", "effective keys", "not started", "schedule lag p99, ms"}}
	st := Table{Caption: "Service time of single requests, ms", Head: []string{"strategy", "step", "p50", "p90", "p95", "p99", "p99.9", "max", "requests"}}
	status := Table{Caption: "Answers by status and by class", Head: []string{"strategy", "statuses", "classes"}}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		name := say.Visible(s.Name, say.CutName)
		o := s.Operations
		ops.Rows = append(ops.Rows, []string{name, say.Count(o.Total), say.Count(o.Committed), say.Count(o.GaveUp), say.Count(o.Failed), say.Count(o.Unknown), say.Count(o.Reads), say.Count(s.Attempts),
			say.Count(s.Conflicts.Attempts), say.Count(s.Requests), say.Figure(s.Amplification), say.Figure(s.EffectiveKeys), say.Count(s.NotStarted), say.Figure(s.ScheduleLag.P99)})
		for _, step := range model.SortedKeys(s.ServiceTime) {
			q := s.ServiceTime[step]
			st.Rows = append(st.Rows, []string{name, say.Visible(step, say.CutName), say.Figure(q.P50), say.Figure(q.P90), say.Figure(q.P95), say.Figure(q.P99), say.Figure(q.P999), say.Figure(q.Max), say.Count(q.N)})
		}
		status.Rows = append(status.Rows, []string{name, counts(s.ByStatus), counts(s.ByClass)})
	}
	cmp := Table{Caption: "Comparisons with the base; a difference is claimed only where p (Holm-corrected) is below 0.05 and the interval lies outside the noise threshold",
		Head: []string{"head", "base", "metric", "base median", "head median", "ratio", "95 % CI", "p", "blocks", "verdict", "note"}}
	for _, c := range r.Comparisons {
		cmp.Rows = append(cmp.Rows, []string{say.Visible(c.Head, say.CutName), say.Visible(c.Base, say.CutName), say.Visible(c.Metric, say.CutName), say.Figure(c.BaseMedian), say.Figure(c.HeadMedian), say.Figure(c.Ratio),
			strings.Trim(interval(c.CI95, say.Figure), " ()"), strings.TrimPrefix(say.PValue(c.P), "p = "), say.Count(int64(c.N)), say.Visible(c.Verdict, say.CutName), say.Visible(c.Note, say.CutText)})
	}
	bl := Table{Caption: "Blocks: the unit of statistics", Head: []string{"strategy", "block", "repeat", "at", "goodput/s", "conflict rate", "p50 ms", "p99 ms", "requests a commit", "Jain", "gave up"}}
	for i := range r.Strategies {
		for _, b := range r.Strategies[i].Blocks {
			bl.Rows = append(bl.Rows, []string{say.Visible(r.Strategies[i].Name, say.CutName), fmt.Sprint(b.Block), fmt.Sprint(b.Repeat), svg.Number(b.At), say.Figure(b.Goodput), say.Percent(b.ConflictRate), say.Figure(b.P50), say.Figure(b.P99), say.Figure(b.Amplification), say.Jain(b.Fairness), say.Percent(b.AbandonRate)})
		}
	}
	var out []Table
	for _, t := range []Table{ops, st, status, cmp, bl} {
		if len(t.Rows) > 0 {
			t.Rows = model.First(t.Rows, 80)
			out = append(out, t)
		}
	}
	return out
}

func counts(m map[string]int64) string {
	var out []string
	for _, k := range model.SortedKeys(m) {
		out = append(out, say.Visible(k, 40)+": "+say.Count(m[k]))
	}
	return strings.Join(model.First(out, 40), ", ")
}
