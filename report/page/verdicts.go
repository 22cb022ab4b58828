package page

import (
	"strings"

	"tussle/report/check"
	"tussle/report/model"
	"tussle/report/say"
)

// VerdictTable is a table whose rows each end with a verdict.
type VerdictTable struct {
	Caption string
	Head    []string
	Rows    []VerdictRow
}

// VerdictRow is a row with its verdict, as word, tone and sign, and a note.
type VerdictRow struct {
	Cells                     []string
	Verdict, Tone, Sign, Note string
}

func newRow(v check.Verdict, note string, cells ...string) VerdictRow {
	return VerdictRow{cells, say.Visible(string(v), 20), say.Tone(v), say.Sign(v), say.Visible(note, say.CutText)}
}

// PromiseTables separates what is promised, or broken, from what was checked
// besides.
func PromiseTables(r *model.Report) (promises, others VerdictTable) {
	names := []string{"strategy", "property", "promised", "could be broken", "violations", "verdict", "evidence"}
	promises = VerdictTable{Caption: "What each strategy promises, and what it broke. Only what is promised counts for the verdict of the run.", Head: names}
	others = VerdictTable{Caption: "Checked, not promised and not broken", Head: names}
	for _, s := range r.Strategies {
		for _, p := range s.Properties {
			note, promised := p.Evidence, "no"
			if p.Reason != "" {
				note = strings.TrimLeft(note+"; "+p.Reason, "; ")
			}
			if p.Promised {
				promised = "yes"
			}
			row := newRow(p.Verdict, note, say.Visible(s.Name, say.CutName), say.Visible(p.Name, say.CutName), promised, say.Plural(p.Exercised, "time"), say.Count(p.Violations))
			if p.Promised || p.Verdict == check.Violated {
				promises.Rows = append(promises.Rows, row)
			} else {
				others.Rows = append(others.Rows, row)
			}
		}
	}
	return promises, others
}

// ThresholdTable holds limit and measured value of each threshold.
func ThresholdTable(r *model.Report) VerdictTable {
	t := VerdictTable{Caption: "Thresholds of the scenario, with the limit and what was measured", Head: []string{"strategy", "metric", "limit", "measured", "verdict", "note"}}
	for _, h := range r.Thresholds {
		t.Rows = append(t.Rows, newRow(h.Verdict, h.Note, say.Visible(h.Strategy, say.CutName), say.Visible(h.Metric, say.CutName), say.Visible(h.Limit, say.CutName), say.Figure(h.Measured)))
	}
	return t
}

// FaultTable holds what became of each fault.
func FaultTable(r *model.Report) VerdictTable {
	t := VerdictTable{Caption: "Faults: planned, done, and with an effect", Head: []string{"strategy", "fault", "planned", "injected", "effective", "at least", "verdict", "note"}}
	for _, s := range r.Strategies {
		for _, f := range s.Faults {
			v, note := check.Pass, "enough of them had an effect"
			if f.Effective < f.Min {
				v, note = check.NotExercised, "too few had an effect to judge by"
			}
			t.Rows = append(t.Rows, newRow(v, note, say.Visible(s.Name, say.CutName), say.Visible(f.Kind, say.CutName), say.Count(f.Planned), say.Count(f.Injected), say.Count(f.Effective), say.Count(f.Min)))
		}
	}
	return t
}

// SelfCheckTable holds the tests of the instrument itself.
func SelfCheckTable(r *model.Report) VerdictTable {
	t := VerdictTable{Caption: "Self-checks: is the instrument itself to be trusted?", Head: []string{"check", "strategy", "value", "limit", "verdict", "note"}}
	for _, c := range r.SelfChecks {
		val := say.Figure(c.Value)
		if c.Unit != "" && c.Value != nil {
			val += " " + say.Visible(c.Unit, say.CutName)
		}
		t.Rows = append(t.Rows, newRow(c.Verdict, c.Note, say.Visible(c.Name, say.CutName), say.Visible(c.Strategy, say.CutName), val, say.Visible(c.Limit, say.CutName)))
	}
	return t
}
