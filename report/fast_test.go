package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/format"
	"tussle/report/internal/samples"
	"tussle/report/say"
)

// A strategy that lost updates is called fast only where it measured faster
// than the ones that lost nothing.
//
//	optimistic 412/s, pessimistic 388/s
//	last-write-wins   455/s: fast, but it lost some
//	                  400/s: not even that
func TestFastIsSaidOnlyOfWhatMeasuredFaster(t *testing.T) {
	for _, c := range []struct {
		rate float64
		fast bool
	}{{455, true}, {400, false}, {168, false}} {
		r := samples.Rich()
		s := samples.Lost(samples.Made{Name: "last-write-wins", Locking: "none", Dialect: "etag", Retry: "none", Rate: c.rate, P50: 7.3, P99: 58.9, Attempts: []int64{2730}}.Strategy(), 499, false)
		r.Strategies[2] = s
		if got := say.Faster(r, &r.Strategies[2]); got != c.fast {
			t.Errorf("%v/s: faster is %v", c.rate, got)
		}
		conclude(r, false, &history.Plan{}, nil)
		for _, kind := range []string{"html", "markdown", "text"} {
			out := strings.ReplaceAll(rendered(t, r, kind, format.Options{Verbose: true}), "\n  ", " ")
			if kind == "html" {
				out, _, _ = strings.Cut(out, `<script type="application/json"`)
			}
			for _, word := range []string{"fast, but", "fast but"} {
				if !c.fast && strings.Contains(out, word) {
					t.Errorf("%v/s, %s says %q", c.rate, kind, word)
				}
			}
			if c.fast && !strings.Contains(out, "is fast, but lost 499 updates") {
				t.Errorf("%v/s, %s does not say that it is fast", c.rate, kind)
			}
			if !c.fast && kind != "markdown" && !strings.Contains(out, "so its speed does not count") {
				t.Errorf("%v/s, %s does not say that its speed does not count", c.rate, kind)
			}
		}
	}
}
