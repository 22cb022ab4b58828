package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	wantDuration = `a duration with its unit, such as "250ms" or "1.5s"`
	wantSpread   = `a duration such as "2ms", "uniform(1ms, 3ms)" or "exp(2ms)"`
	wantSkew     = `"uniform", "zipf(0.99)", "hotspot(0.2, 0.8)" or "single"`
	wantRate     = `a rate such as "200/s", "poisson(200/s)", "sine(200/s, 100/s, 10s)" or "ramp(10/s, 5/s)"`
)

// String returns the duration as a scenario writes it.
func (d Duration) String() string { return time.Duration(d).String() }

// String returns the spread as a scenario writes it.
func (s Spread) String() string {
	switch {
	case s.Text != "":
		return s.Text
	case s.Kind == "uniform":
		return fmt.Sprintf("uniform(%s, %s)", s.A, s.B)
	case s.Kind == "exp":
		return fmt.Sprintf("exp(%s)", s.A)
	}
	return s.A.String()
}

// String returns the skew as a scenario writes it.
func (s Skew) String() string {
	switch {
	case s.Text != "":
		return s.Text
	case s.Kind == "zipf":
		return fmt.Sprintf("zipf(%g)", s.A)
	case s.Kind == "hotspot":
		return fmt.Sprintf("hotspot(%g, %g)", s.A, s.B)
	case s.Kind == "":
		return "uniform"
	}
	return s.Kind
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil {
		m := &mistake{message: fmt.Sprintf("%q is not a duration", s), expected: wantDuration}
		if _, err := strconv.ParseFloat(s, 64); err == nil {
			m.message = fmt.Sprintf("the duration %q has no unit", s)
			m.hint = fmt.Sprintf(`write "%sms" or "%ss"`, s, s)
		}
		return 0, m
	}
	if d < 0 {
		return 0, &mistake{message: fmt.Sprintf("the duration %q is negative", s), expected: wantDuration}
	}
	return d, nil
}

// parseCall reads "name" or "name(a, b)".
func parseCall(s string) (name string, args []string, ok bool) {
	s = strings.TrimSpace(s)
	name, rest, found := strings.Cut(s, "(")
	if !found {
		return name, nil, true
	}
	rest, found = strings.CutSuffix(rest, ")")
	if !found {
		return name, nil, false
	}
	for _, a := range strings.Split(rest, ",") {
		args = append(args, strings.TrimSpace(a))
	}
	return strings.TrimSpace(name), args, true
}

func parseSpread(s string) (Spread, error) {
	name, args, ok := parseCall(s)
	if ok && args == nil {
		d, err := parseDuration(s)
		if err != nil {
			m := asMistake(err)
			m.expected = wantSpread
			if name == "uniform" || name == "exp" {
				m.message = fmt.Sprintf("%s needs its durations", name)
			}
			return Spread{}, m
		}
		return Spread{Kind: "fixed", A: d, Text: s}, nil
	}
	want := map[string]int{"uniform": 2, "exp": 1, "fixed": 1}
	n, known := want[name]
	switch {
	case !ok:
		return Spread{}, &mistake{message: fmt.Sprintf("%q has no closing parenthesis", s), expected: wantSpread}
	case !known:
		return Spread{}, &mistake{message: fmt.Sprintf("unknown distribution %q", name), expected: wantSpread,
			hint: suggest(name, sortedNames(want), "distributions")}
	case len(args) != n:
		return Spread{}, &mistake{message: fmt.Sprintf("%s takes %s, got %d", name, count(n, "duration"), len(args)), expected: wantSpread}
	}
	out := Spread{Kind: name, Text: s}
	for i, a := range args {
		d, err := parseDuration(a)
		if err != nil {
			return Spread{}, err
		}
		if i == 0 {
			out.A = d
		} else {
			out.B = d
		}
	}
	if name == "uniform" && out.B < out.A {
		return Spread{}, &mistake{message: fmt.Sprintf("uniform(%s, %s) ends before it begins", out.A, out.B), expected: wantSpread}
	}
	return out, nil
}

func parseSkew(s string) (Skew, error) {
	name, args, ok := parseCall(s)
	want := map[string]int{"uniform": 0, "single": 0, "zipf": 1, "hotspot": 2}
	n, known := want[name]
	switch {
	case !ok:
		return Skew{}, &mistake{message: fmt.Sprintf("%q has no closing parenthesis", s), expected: wantSkew}
	case !known:
		return Skew{}, &mistake{message: fmt.Sprintf("unknown skew %q", name), expected: wantSkew, hint: suggest(name, sortedNames(want), "skews")}
	case len(args) != n:
		return Skew{}, &mistake{message: fmt.Sprintf("%s takes %s, got %d", name, count(n, "number"), len(args)), expected: wantSkew}
	}
	out := Skew{Kind: name, Text: s}
	for i, a := range args {
		v, err := parseShare(a)
		if err != nil {
			return Skew{}, &mistake{message: fmt.Sprintf("%q in %s is not a number", a, name), expected: wantSkew}
		}
		if i == 0 {
			out.A = v
		} else {
			out.B = v
		}
	}
	switch {
	case name == "zipf" && (out.A <= 0 || out.A > 10):
		return Skew{}, &mistake{message: fmt.Sprintf("zipf's theta %g is out of range", out.A), expected: "a theta above 0, at most 10; 0.99 is usual"}
	case name == "hotspot" && (out.A <= 0 || out.A > 1 || out.B < 0 || out.B > 1):
		return Skew{}, &mistake{message: "hotspot takes two shares", expected: "a share of the keys above 0 and a share of the traffic, both at most 1"}
	}
	return out, nil
}

// parseShare reads "0.2" or "20%".
func parseShare(s string) (float64, error) {
	s = strings.TrimSpace(s)
	num, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(num), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q is not a number", s)
	}
	if percent {
		v /= 100
	}
	return v, nil
}

// Rate is how operations arrive in the open model, in operations per second.
type Rate struct {
	Kind   string        // constant, poisson, sine, ramp
	Mean   float64       // constant, poisson, sine: the mean; ramp: at the start
	Amp    float64       // sine: the most by which it differs from the mean
	Period time.Duration // sine
	Slope  float64       // ramp: operations per second, each second
	Text   string        // as written; "" is no rate
}

// String returns the rate as a scenario writes it.
func (r Rate) String() string { return r.Text }

// Arrivals is how many operations are to arrive within a time, on average.
func (r Rate) Arrivals(within time.Duration) float64 {
	t := within.Seconds()
	return r.Mean*t + r.Slope*t*t/2
}

// ParseRate reads "200/s", "poisson(200/s)", "sine(200/s, 100/s, 10s)" or
// "ramp(10/s, 5/s)".
func ParseRate(s string) (Rate, error) {
	name, args, ok := parseCall(s)
	if ok && args == nil {
		v, err := perSecond(s)
		if err != nil {
			return Rate{}, err
		}
		return Rate{Kind: "constant", Mean: v, Text: s}, nil
	}
	want := map[string]int{"constant": 1, "poisson": 1, "sine": 3, "ramp": 2}
	n, known := want[name]
	switch {
	case !ok:
		return Rate{}, &mistake{message: fmt.Sprintf("%q has no closing parenthesis", s), expected: wantRate}
	case !known:
		return Rate{}, &mistake{message: fmt.Sprintf("unknown kind of rate %q", name), expected: wantRate, hint: suggest(name, sortedNames(want), "rates")}
	case len(args) != n:
		return Rate{}, &mistake{message: fmt.Sprintf("%s takes %s, got %d", name, count(n, "value"), len(args)), expected: wantRate}
	}
	out := Rate{Kind: name, Text: s}
	var err error
	if out.Mean, err = perSecond(args[0]); err != nil {
		return Rate{}, err
	}
	switch name {
	case "sine":
		if out.Amp, err = perSecond(args[1]); err != nil {
			return Rate{}, err
		}
		if out.Period, err = parseDuration(args[2]); err != nil {
			return Rate{}, err
		}
		if out.Amp >= out.Mean || out.Period == 0 {
			return Rate{}, &mistake{message: "a sine needs an amplitude below its mean and a period", expected: wantRate}
		}
	case "ramp":
		out.Slope, err = perSecond(args[1])
	}
	return out, err
}

// perSecond reads "200/s": a whole number of operations in a unit of time, from
// one an hour to a million a second.
func perSecond(s string) (float64, error) {
	num, unit, ok := strings.Cut(s, "/")
	v, err := strconv.Atoi(strings.TrimSpace(num))
	per := map[string]float64{"ms": 1e-3, "s": 1, "m": 60, "h": 3600}[strings.TrimSpace(unit)]
	if !ok || per == 0 || err != nil || v <= 0 || float64(v)/per > 1e6 {
		m := &mistake{message: fmt.Sprintf("%q is not a rate", s), expected: wantRate}
		switch {
		case !ok && err == nil:
			m.message = fmt.Sprintf("the rate %q has no unit", s)
			m.hint = fmt.Sprintf(`write "%s/s"`, strings.TrimSpace(num))
		case ok && per > 0 && err != nil:
			m.hint = "rates are whole numbers; slow ones are written per minute (/m) or hour (/h)"
		case ok && per == 0:
			m.hint = "units are /ms, /s, /m and /h"
		}
		return 0, m
	}
	return float64(v) / per, nil
}

func statusRange(s string) (StatusRange, bool) {
	if c, ok := strings.CutSuffix(strings.ToLower(s), "xx"); ok && len(c) == 1 && c[0] >= '1' && c[0] <= '5' {
		from := int(c[0]-'0') * 100
		return StatusRange{from, from + 99}, true
	}
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		b = a
	}
	from, err1 := strconv.Atoi(strings.TrimSpace(a))
	to, err2 := strconv.Atoi(strings.TrimSpace(b))
	return StatusRange{from, to}, err1 == nil && err2 == nil && from >= 100 && to <= 599 && from <= to
}
