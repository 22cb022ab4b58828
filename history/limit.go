package history

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limit is what a threshold allows, in the unit of report.json: ms for times,
// shares from 0 to 1, counts, or a number per second.
type Limit struct {
	Op    string // <, <=, >, >=, ==, !=
	Value float64
	Unit  string // "", "%", "ms", "/s": as written, times turned into ms
}

// ParseLimit reads a limit such as "< 1%", ">= 100/s" or "< 50ms". Who checks
// a scenario and who tests its thresholds read the same grammar.
func ParseLimit(text string) (Limit, error) {
	rest := strings.TrimSpace(text)
	var l Limit
	for _, op := range []string{"<=", ">=", "==", "!=", "<", ">", "="} {
		if after, ok := strings.CutPrefix(rest, op); ok {
			l.Op, rest = op, strings.TrimSpace(after)
			break
		}
	}
	if l.Op == "" {
		return l, fmt.Errorf("the limit %q does not begin with <, <=, >, >=, = or !=", text)
	}
	if l.Op == "=" {
		l.Op = "=="
	}
	if num, ok := strings.CutSuffix(rest, "/s"); ok {
		l.Unit, rest = "/s", strings.TrimSpace(num)
	} else if num, ok := strings.CutSuffix(rest, "%"); ok {
		l.Unit, rest = "%", strings.TrimSpace(num)
	}
	v, err := strconv.ParseFloat(rest, 64)
	if err != nil && l.Unit == "" {
		d, wrong := time.ParseDuration(rest)
		v, err, l.Unit = float64(d)/float64(time.Millisecond), wrong, "ms"
	}
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return l, fmt.Errorf("the limit %q holds no number or duration", text)
	}
	if l.Unit == "%" { // 1 % is 0.01, not 0.01 and a bit
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v/100, 'g', 12, 64), 64)
	}
	l.Value = v
	return l, nil
}

// Met reports whether a figure is within the limit.
func (l Limit) Met(v float64) bool {
	switch l.Op {
	case "<":
		return v < l.Value
	case "<=":
		return v <= l.Value
	case ">":
		return v > l.Value
	case ">=":
		return v >= l.Value
	case "!=":
		return v != l.Value
	}
	return v == l.Value
}
