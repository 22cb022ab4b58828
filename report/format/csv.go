package format

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"tussle/report/model"
	"tussle/report/page"
)

// writeCSV writes one line a figure: name, strategy, the other labels, value.
// An empty value says that the sample does not support the figure. Verdicts
// come first, as lines whose value is a word.
func writeCSV(w io.Writer, r *model.Report, _ Options) error {
	out := csv.NewWriter(w)
	put := func(cells ...string) error {
		for i, c := range cells[:len(cells)-1] { // the value may begin with a minus
			cells[i] = csvCell(c)
		}
		return out.Write(cells)
	}
	err := put("figure", "strategy", "labels", "value")
	line := func(name, strategy, labels, value string) {
		if err == nil {
			err = put(name, strategy, labels, value)
		}
	}
	line("verdict", "", "", csvCell(string(r.Verdict)))
	for i := range r.Strategies {
		s := &r.Strategies[i]
		line("verdict", s.Name, "", csvCell(string(s.Verdict)))
		for _, p := range s.Properties {
			line("property_verdict", s.Name, "property="+p.Name, csvCell(string(p.Verdict)))
		}
	}
	for _, t := range r.Thresholds {
		line("threshold_verdict", t.Strategy, "metric="+t.Metric+" limit="+t.Limit, csvCell(string(t.Verdict)))
	}
	for _, c := range r.SelfChecks {
		line("self_check_verdict", c.Strategy, "check="+c.Name, csvCell(string(c.Verdict)))
	}
	for _, c := range r.Comparisons {
		line("comparison_verdict", c.Head, "base="+c.Base+" metric="+c.Metric, csvCell(c.Verdict))
	}
	for _, f := range page.Items(r) {
		strategy := ""
		var labels []string
		for i := 0; i+1 < len(f.Labels); i += 2 {
			if f.Labels[i] == "strategy" {
				strategy = f.Labels[i+1]
			} else if f.Labels[i+1] != "" {
				labels = append(labels, f.Labels[i]+"="+f.Labels[i+1])
			}
		}
		value := ""
		if f.Value != nil {
			value = strconv.FormatFloat(*f.Value, 'g', -1, 64)
		}
		line(f.Name, strategy, strings.Join(labels, " "), value)
	}
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}
