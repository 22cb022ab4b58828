package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/model"
)

// thresholds tests every limit of the plan; one without a strategy is tested
// for each. A limit on a figure that is not known is inconclusive: no samples
// never meet a limit.
func thresholds(r *model.Report, limits []history.PlanThreshold) []model.Threshold {
	var out []model.Threshold
	for _, l := range limits {
		found := false
		for i := range r.Strategies {
			if s := &r.Strategies[i]; l.Strategy == "" || l.Strategy == s.Name {
				found = true
				out = append(out, testLimit(s, l))
			}
		}
		if !found {
			out = append(out, model.Threshold{Strategy: l.Strategy, Metric: l.Metric, Limit: l.Limit, Verdict: check.Inconclusive,
				Note: "no strategy has this name"})
		}
	}
	return out
}

func testLimit(s *model.Strategy, l history.PlanThreshold) model.Threshold {
	t := model.Threshold{Strategy: s.Name, Metric: l.Metric, Limit: l.Limit, Verdict: check.Inconclusive}
	lim, err := history.ParseLimit(l.Limit)
	if err == nil && lim.Unit == "ms" && !strings.Contains(l.Metric, "_ms") {
		err = fmt.Errorf("the limit %q is a duration, the metric is not", l.Limit)
	}
	if err != nil {
		t.Note = err.Error()
		return t
	}
	v, err := metric(s, l.Metric)
	if err != nil {
		t.Note = err.Error()
		return t
	}
	t.Measured = &v
	t.Verdict = check.Fail
	if lim.Met(v) {
		t.Verdict = check.Pass
	}
	return t
}

// unsettle turns misses into nothing decided: the figures of a history that
// was cut off are those of a part, which may miss what the whole run met.
func unsettle(list []model.Threshold) {
	for i := range list {
		if t := &list[i]; t.Verdict == check.Fail {
			t.Verdict, t.Note = check.Inconclusive, fmt.Sprintf("it measures %.6g, but the history is cut off, and the whole run may have met it", *t.Measured)
		}
	}
}

// metric looks a figure up by its path in report.json, within its strategy:
// abandon_rate, time_to_commit_ms.p99, by_status.412,
// properties.no-lost-update.violations, faults.lost-response.effective.
func metric(s *model.Strategy, path string) (float64, error) {
	whole := *s
	model.NoNulls(&whole)
	text, err := json.Marshal(whole)
	if err != nil {
		return 0, err
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return 0, err
	}
	rest := path
	for rest != "" {
		name, after, _ := strings.Cut(rest, ".")
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[name]
			if !ok && isCount(path) && s.Requests > 0 {
				return 0, nil // counted, and none seen
			}
			if !ok && isCount(path) {
				return 0, noSample(path)
			}
			if !ok {
				return 0, fmt.Errorf("report.json has no figure %q; see its strategies for the names", path)
			}
			v = next
		case []any:
			v = nil
			for _, e := range at {
				if m, ok := e.(map[string]any); ok && (m["name"] == name || m["kind"] == name) {
					v = m
				}
			}
			if v == nil {
				return 0, fmt.Errorf("%q has no entry %q", path, name)
			}
		case nil:
			return 0, noSample(path)
		default:
			return 0, fmt.Errorf("report.json has no figure %q", path)
		}
		rest = after
	}
	switch v := v.(type) {
	case float64:
		if s.Requests == 0 && !strings.HasPrefix(path, "properties.") {
			return 0, noSample(path)
		}
		return v, nil
	case nil:
		return 0, noSample(path)
	}
	return 0, fmt.Errorf("%q is not a number; it holds several", path)
}

// isCount reports whether a missing member means zero.
func isCount(path string) bool {
	return strings.HasPrefix(path, "by_status.") || strings.HasPrefix(path, "by_class.")
}

func noSample(path string) error {
	return fmt.Errorf("there are too few samples for %s; lengthen load.duration", path)
}
