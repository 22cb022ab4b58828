package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history"
)

const wantLimit = `a limit such as "< 1%", ">= 100", "< 50ms" or ">= 200/s"`

// ParseLimit reads a limit such as "< 1%" for a metric and checks that its
// unit fits.
func ParseLimit(metric, s string) (history.Limit, error) {
	l, err := parseLimit(s)
	if err != nil {
		return l, err
	}
	unit, ok := metricUnit(metric)
	if !ok {
		return l, &mistake{message: fmt.Sprintf("unknown metric %q", metric), expected: "a figure of report.json such as abandon_rate or time_to_commit_ms.p99",
			hint: didYouMean(metric, metricNames())}
	}
	switch {
	case unit == "ms" && l.Unit != "ms":
		return l, &mistake{message: fmt.Sprintf("%s is a time and %q has no unit of time", metric, s), expected: `a limit such as "< 50ms"`}
	case unit != "ms" && l.Unit == "ms":
		return l, &mistake{message: fmt.Sprintf("%s is no time", metric), expected: exampleLimit(unit)}
	case unit == "%" && (l.Unit == "/s" || l.Value < 0 || l.Value > 1):
		return l, &mistake{message: fmt.Sprintf("%s is a share from 0 to 100%%", metric), expected: exampleLimit(unit)}
	case unit != "%" && l.Unit == "%":
		return l, &mistake{message: fmt.Sprintf("%s is no share", metric), expected: exampleLimit(unit)}
	case unit != "/s" && l.Unit == "/s":
		return l, &mistake{message: fmt.Sprintf("%s is no rate", metric), expected: exampleLimit(unit)}
	}
	return l, nil
}

func exampleLimit(unit string) string {
	switch unit {
	case "%":
		return `a limit such as "< 1%"`
	case "/s":
		return `a limit such as ">= 200/s"`
	}
	return `a limit such as "<= 100"`
}

func parseLimit(s string) (history.Limit, error) {
	l, err := history.ParseLimit(s)
	if err != nil {
		return l, &mistake{message: fmt.Sprintf("%q is not a limit", s), expected: wantLimit, hint: beginsWith(l)}
	}
	return l, nil
}

// beginsWith is the hint for a limit without its comparison.
func beginsWith(l history.Limit) string {
	if l.Op == "" {
		return "begin it with <, <=, >, >=, = or !="
	}
	return ""
}

var quantiles = []string{"p50", "p90", "p95", "p99", "p999", "max"}

// metricUnits holds the metrics of a strategy in report.json that a threshold
// may name, with their unit.
var metricUnits = map[string]string{
	"abandon_rate": "%", "conflicts.rate": "%", "fairness_jain": "%",
	"goodput_per_s": "/s", "amplification": "", "effective_keys": "",
	"requests": "", "attempts": "", "not_started": "", "conflicts.attempts": "",
	"operations.total": "", "operations.committed": "", "operations.gave_up": "",
	"operations.failed": "", "operations.unknown": "", "operations.reads": "",
}

func metricNames() []string {
	names := sortedNames(metricUnits)
	for _, t := range []string{"time_to_commit_ms", "schedule_lag_ms", "service_time_ms.read", "service_time_ms.write", "service_time_ms.write_refused", "service_time_ms.lock"} {
		for _, q := range quantiles {
			names = append(names, t+"."+q)
		}
	}
	return names
}

// metricUnit returns the unit of a metric: "ms", "%", "/s" or "".
func metricUnit(metric string) (string, bool) {
	if u, ok := metricUnits[metric]; ok {
		return u, true
	}
	parts := strings.Split(metric, ".")
	isQuantile := func(q string) bool {
		for _, k := range quantiles {
			if k == q {
				return true
			}
		}
		return false
	}
	isStep := func(s string) bool {
		s = strings.TrimSuffix(s, "_refused")
		for _, k := range StepNames() {
			if k == s {
				return true
			}
		}
		return false
	}
	switch {
	case len(parts) == 2 && (parts[0] == "time_to_commit_ms" || parts[0] == "schedule_lag_ms"):
		if parts[1] == "n" {
			return "", true
		}
		return "ms", isQuantile(parts[1])
	case len(parts) == 3 && parts[0] == "service_time_ms" && isStep(parts[1]):
		if parts[2] == "n" {
			return "", true
		}
		return "ms", isQuantile(parts[2])
	case len(parts) == 3 && parts[0] == "faults" && slices.Contains(FaultKinds(), parts[1]):
		return "", slices.Contains([]string{"planned", "injected", "effective"}, parts[2])
	case len(parts) == 3 && parts[0] == "properties" && slices.Contains(history.Properties, parts[1]):
		return "", parts[2] == "violations" || parts[2] == "exercised"
	case len(parts) == 2 && parts[0] == "by_status":
		_, ok := statusRange(parts[1])
		return "", ok && len(parts[1]) == 3
	case len(parts) == 2 && parts[0] == "by_class":
		return "", slices.Contains(history.Classes, history.Class(parts[1]))
	}
	return "", false
}
