package report

import (
	"fmt"
	"slices"
	"strings"

	"tussle/report/measure"
	"tussle/report/svg"
)

type viewAnatomy struct {
	Name      string
	Empty     bool
	Score     int
	Diagnosis string
	Tables    []openTable
}

type openTable struct {
	table
	Title string
}

// anatomy takes the conflicts of each strategy apart.
func anatomy(r *Report) []viewAnatomy {
	var out []viewAnatomy
	for i := range r.Strategies {
		s := &r.Strategies[i]
		a := viewAnatomy{Name: visible(s.Name, cutName)}
		if d := s.Anatomy.Diagnosis; d != nil && d.N > 0 {
			a.Score, a.Diagnosis = d.Score, diagnosis(d)
		}
		a.Tables = []openTable{
			{matrixTable(s), "Status codes by what they meant"},
			{hotKeyTable(s), "Hot keys"},
			{problemTable(s), "What the refusals said"},
		}
		a.Empty = a.Diagnosis == "" && !slices.ContainsFunc(a.Tables, func(t openTable) bool { return len(t.Rows) > 0 })
		out = append(out, a)
	}
	return out
}

// diagnosis says what share of the refusals tells a client what it needs.
func diagnosis(d *measure.Diagnosis) string {
	return fmt.Sprintf("of %s, %s name the resource, %s name the version, %s say what to do (RFC 9110, 15.5.10), %s are problem documents (RFC 9457).",
		plural(d.N, "refusal"), share(d.Resource), share(d.Version), share(d.Advice), share(d.Problem))
}

func matrixTable(s *Strategy) table {
	t := table{Caption: "Answers by step, status and class", Head: []string{"step", "status", "class", "answers"}}
	for _, m := range s.Anatomy.Matrix {
		status := "none"
		if m.Status != 0 {
			status = fmt.Sprint(m.Status)
		}
		t.Rows = append(t.Rows, []string{visible(m.Step, cutName), status, visible(m.Class, cutName), count(m.N)})
	}
	return t
}

func problemTable(s *Strategy) table {
	t := table{Caption: "Bodies of refusals, grouped", Head: []string{"type", "status", "how often", "example"}}
	for _, p := range s.Anatomy.Problems {
		t.Rows = append(t.Rows, []string{visible(p.Type, cutName), fmt.Sprint(p.Status), count(p.N), visible(p.Sample, 160)})
	}
	return t
}

func hotKeyTable(s *Strategy) table {
	t := table{Caption: "Keys with the most conflicts", Head: []string{"key", "attempts", "conflicts", "share of the operations"}}
	if s.Conflicts.Attempts == 0 {
		t.Caption = "Keys with the most attempts"
	}
	for _, k := range s.Anatomy.HotKeys {
		t.Rows = append(t.Rows, []string{visible(k.Key, cutName), count(k.Attempts), count(k.Conflicts), share(k.Share)})
	}
	return t
}

// figureTables holds the figures that no picture carries.
func figureTables(r *Report) []table {
	ops := table{Caption: "Operations, attempts and requests", Head: []string{"strategy", "operations", "committed", "gave up", "failed", "unknown", "plain reads", "attempts", "conflicting", "requests", "requests a commit", "effective keys", "not started", "schedule lag p99, ms"}}
	st := table{Caption: "Service time of single requests, ms", Head: []string{"strategy", "step", "p50", "p90", "p95", "p99", "p99.9", "max", "requests"}}
	status := table{Caption: "Answers by status and by class", Head: []string{"strategy", "statuses", "classes"}}
	for i := range r.Strategies {
		s := &r.Strategies[i]
		name := visible(s.Name, cutName)
		o := s.Operations
		ops.Rows = append(ops.Rows, []string{name, count(o.Total), count(o.Committed), count(o.GaveUp), count(o.Failed), count(o.Unknown), count(o.Reads), count(s.Attempts),
			count(s.Conflicts.Attempts), count(s.Requests), figure(s.Amplification), figure(s.EffectiveKeys), count(s.NotStarted), figure(s.ScheduleLag.P99)})
		for _, step := range sortedKeys(s.ServiceTime) {
			q := s.ServiceTime[step]
			st.Rows = append(st.Rows, []string{name, visible(step, cutName), figure(q.P50), figure(q.P90), figure(q.P95), figure(q.P99), figure(q.P999), figure(q.Max), count(q.N)})
		}
		status.Rows = append(status.Rows, []string{name, counts(s.ByStatus), counts(s.ByClass)})
	}
	cmp := table{Caption: "Comparisons with the base; a difference is claimed only where p (Holm-corrected) is below 0.05 and the interval lies outside the noise threshold",
		Head: []string{"head", "base", "metric", "base median", "head median", "ratio", "95 % CI", "p", "blocks", "verdict", "note"}}
	for _, c := range r.Comparisons {
		cmp.Rows = append(cmp.Rows, []string{visible(c.Head, cutName), visible(c.Base, cutName), visible(c.Metric, cutName), figure(c.BaseMedian), figure(c.HeadMedian), figure(c.Ratio),
			strings.Trim(interval(c.CI95, figure), " ()"), strings.TrimPrefix(pvalue(c.P), "p = "), count(int64(c.N)), visible(c.Verdict, cutName), visible(c.Note, cutText)})
	}
	bl := table{Caption: "Blocks: the unit of statistics", Head: []string{"strategy", "block", "repeat", "at", "goodput/s", "conflict rate", "p50 ms", "p99 ms", "requests a commit", "Jain", "gave up"}}
	for i := range r.Strategies {
		for _, b := range r.Strategies[i].Blocks {
			bl.Rows = append(bl.Rows, []string{visible(r.Strategies[i].Name, cutName), fmt.Sprint(b.Block), fmt.Sprint(b.Repeat), svg.Number(b.At), figure(b.Goodput), percent(b.ConflictRate), figure(b.P50), figure(b.P99), figure(b.Amplification), jain(b.Fairness), percent(b.AbandonRate)})
		}
	}
	var out []table
	for _, t := range []table{ops, st, status, cmp, bl} {
		if len(t.Rows) > 0 {
			t.Rows = head(t.Rows, 80)
			out = append(out, t)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func counts(m map[string]int64) string {
	var out []string
	for _, k := range sortedKeys(m) {
		out = append(out, visible(k, 40)+": "+count(m[k]))
	}
	return strings.Join(head(out, 40), ", ")
}
