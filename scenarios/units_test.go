package scenarios

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tussle/history"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"200/s":                   {Kind: "constant", Mean: 200},
		"constant(1/ms)":          {Kind: "constant", Mean: 1000},
		"6000/m":                  {Kind: "constant", Mean: 100},
		" 36/h":                   {Kind: "constant", Mean: 0.01},
		"poisson(5/s)":            {Kind: "poisson", Mean: 5},
		"sine(200/s, 100/s, 10s)": {Kind: "sine", Mean: 200, Amp: 100, Period: 10 * time.Second},
		"ramp(10/s, 5/s)":         {Kind: "ramp", Mean: 10, Slope: 5},
	} {
		got, err := ParseRate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		want.Text = text
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
	for _, text := range []string{"", "2e2/s", "0/s", "-1/s", "200", "1/d", "2000000/s", "sine(1/s,1/s,1s)", "sine(2/s,1/s,0s)", "sine(2/s,1/s)", "ramp(x, 1/s)", "poisson(1/s", "1/s/s", "poisson()"} {
		if _, err := ParseRate(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// A limit is kept in the unit of report.json and refused when its unit does
// not fit the metric.
func TestParseLimit(t *testing.T) {
	for _, tc := range []struct {
		metric, text string
		want         history.Limit
	}{
		{"abandon_rate", "< 1%", history.Limit{Op: "<", Value: 0.01, Unit: "%"}},
		{"abandon_rate", "<= 0.02", history.Limit{Op: "<=", Value: 0.02, Unit: ""}},
		{"fairness_jain", ">=0.9", history.Limit{Op: ">=", Value: 0.9, Unit: ""}},
		{"goodput_per_s", "> 200/s", history.Limit{Op: ">", Value: 200, Unit: "/s"}},
		{"goodput_per_s", "> 200", history.Limit{Op: ">", Value: 200, Unit: ""}},
		{"time_to_commit_ms.p99", "< 1.5s", history.Limit{Op: "<", Value: 1500, Unit: "ms"}},
		{"service_time_ms.write_refused.p50", "< 500us", history.Limit{Op: "<", Value: 0.5, Unit: "ms"}},
		{"by_status.409", "== 0", history.Limit{Op: "==", Value: 0, Unit: ""}},
		{"by_class.stale", "< 10", history.Limit{Op: "<", Value: 10, Unit: ""}},
		{"requests", "!= 0", history.Limit{Op: "!=", Value: 0, Unit: ""}},
		{"by_status.500", "= 0", history.Limit{Op: "==", Value: 0, Unit: ""}},
		{"faults.lost-response.effective", ">= 5", history.Limit{Op: ">=", Value: 5, Unit: ""}},
		{"properties.no-lost-update.violations", "= 0", history.Limit{Op: "==", Value: 0, Unit: ""}},
		{"time_to_commit_ms.n", "> 100", history.Limit{Op: ">", Value: 100, Unit: ""}},
	} {
		got, err := ParseLimit(tc.metric, tc.text)
		if err != nil || got != tc.want {
			t.Errorf("%s %s: %+v, %v", tc.metric, tc.text, got, err)
		}
	}
	for metric, text := range map[string]string{
		"abandon_rate": "< 2", "goodput_per_s": "> 20%", "requests": "> 1/s", "time_to_commit_ms.p99": "< 5", "amplification": "< 3ms",
		"time_to_commit_ms.p98": "< 5ms", "service_time_ms.p99": "< 5ms", "service_time_ms.nap.p99": "< 5ms", "by_status.abc": "< 1", "by_class.odd": "< 1", "conflicts": "< 1",
		"effective_keys": "1", "faults.no-such.effective": "> 1", "faults.kill.odd": "> 1", "properties.odd.violations": "= 0",
	} {
		if _, err := ParseLimit(metric, text); err == nil {
			t.Errorf("%s %s was accepted", metric, text)
		}
	}
}

// What a value prints is what would be read as the same value.
func TestUnitsRoundTrip(t *testing.T) {
	for _, text := range []string{"2ms", "uniform(1ms, 3ms)", "exp(2.5ms)", "0s"} {
		s, err := parseSpread(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Text = ""
		again, err := parseSpread(s.String())
		again.Text = ""
		if err != nil || again != s {
			t.Errorf("%s: %+v became %+v, %v", text, s, again, err)
		}
	}
	for _, text := range []string{"uniform", "single", "zipf(0.99)", "hotspot(0.2, 0.8)", "hotspot(20%, 80%)"} {
		s, err := parseSkew(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Text = ""
		again, err := parseSkew(s.String())
		again.Text = ""
		if err != nil || again != s {
			t.Errorf("%s: %+v became %+v, %v", text, s, again, err)
		}
	}
	if (Spread{}).String() != "0s" || (Skew{}).String() != "uniform" || Duration(1500*time.Millisecond).String() != "1.5s" {
		t.Error("zero values")
	}
}

func TestNearest(t *testing.T) {
	for _, tc := range []struct{ word, want string }{
		{"clinets", "clients"}, {"Clients", "clients"}, {"warm_up", "warmup"}, {"repeats", "repeat"}, {"", ""}, {"q", ""}, {"vegetables", ""}, {"bursts", "burst"},
	} {
		if got := nearest(tc.word, fieldNames(reflect.TypeFor[LoadPlan]())); got != tc.want {
			t.Errorf("%s: got %q", tc.word, got)
		}
	}
}

func TestStatusRange(t *testing.T) {
	for text, want := range map[string]StatusRange{"4xx": {400, 499}, "5XX": {500, 599}, "409": {409, 409}, "500-503": {500, 503}, "500 - 503": {500, 503}} {
		if got, ok := statusRange(text); !ok || got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, text := range []string{"", "6xx", "44x", "x", "99", "600", "503-500", "4-xx", "500-"} {
		if _, ok := statusRange(text); ok {
			t.Errorf("%q was accepted", text)
		}
	}
}
