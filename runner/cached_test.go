package runner

import (
	"testing"
	"time"

	"tussle/runner/transport"
)

// Only what a cache answered is a copy, for as long as it says.
func TestHowLongACopyStaysFresh(t *testing.T) {
	for _, c := range []struct {
		age, control string
		want         time.Duration
	}{
		{"", "max-age=60", 0},
		{"0", "max-age=1", time.Second},
		{"58", "public, Max-Age=60", 2 * time.Second},
		{"61", "max-age=60", 0},
		{"1", "max-age=60, s-maxage=3", 2 * time.Second},
		{"1", "no-store", 0},
		{"x", "max-age=60", 0},
	} {
		h := map[string]string{"Cache-Control": c.control}
		if c.age != "" {
			h["Age"] = c.age
		}
		var r transport.Response
		r.Set(200, h, "")
		if got := freshFor(&r); got != c.want {
			t.Errorf("Age %q, Cache-Control %q: %v, want %v", c.age, c.control, got, c.want)
		}
	}
}
