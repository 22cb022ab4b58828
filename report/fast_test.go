package report

import (
	"strings"
	"testing"

	"tussle/history"
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
		r := rich()
		s := lost(made{"last-write-wins", "none", "etag", "none", c.rate, 0, 7.3, 58.9, []int64{2730}, nil}.strategy(), 499, false)
		r.Strategies[2] = s
		if got := faster(r, &r.Strategies[2]); got != c.fast {
			t.Errorf("%v/s: faster is %v", c.rate, got)
		}
		r.conclude(false, &history.Plan{})
		for _, format := range []string{"html", "markdown", "text"} {
			out := strings.ReplaceAll(render(t, r, format, Options{}), "\n  ", " ")
			if format == "html" {
				out, _, _ = strings.Cut(out, dataOpen)
			}
			for _, word := range []string{"fast, but", "fast but"} {
				if !c.fast && strings.Contains(out, word) {
					t.Errorf("%v/s, %s says %q", c.rate, format, word)
				}
			}
			if c.fast && !strings.Contains(out, "is fast, but lost 499 updates") {
				t.Errorf("%v/s, %s does not say that it is fast", c.rate, format)
			}
			if !c.fast && format != "markdown" && !strings.Contains(out, "Its speed does not count: some of its") {
				t.Errorf("%v/s, %s does not say that its speed does not count", c.rate, format)
			}
		}
	}
}

// One block is no ground to call anything fast.
func TestFastNeedsBlocks(t *testing.T) {
	r := rich()
	for i := range r.Strategies {
		r.Strategies[i].Blocks = r.Strategies[i].Blocks[:2]
	}
	if faster(r, &r.Strategies[2]) {
		t.Error("two blocks were enough")
	}
}
