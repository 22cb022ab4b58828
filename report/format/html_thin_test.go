package format

import (
	"fmt"
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/say"
)

// A page that was shortened to its size limit says the same on its first screen
// as one that was not, also with more blocks than the shortest one keeps.
func TestAShortenedPageSaysTheSame(t *testing.T) {
	for _, repeat := range []int{1, 5} {
		r := samples.Rich()
		for i := range r.Strategies {
			s := &r.Strategies[i]
			for range repeat - 1 {
				s.Blocks = append(s.Blocks, s.Blocks...)
			}
		}
		want := fmt.Sprint(say.Questions(r))
		for step := range thinSteps + 1 {
			lean, _, err := thin(r, step)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(say.Questions(lean)); got != want {
				t.Errorf("%d blocks, step %d:\n%s\nexpected:\n%s", len(r.Strategies[0].Blocks), step, got, want)
			}
			if step < thinSteps && len(lean.Strategies[0].Blocks) != len(r.Strategies[0].Blocks) {
				t.Errorf("step %d: %d blocks are left of %d, so that the page cannot be compared", step, len(lean.Strategies[0].Blocks), len(r.Strategies[0].Blocks))
			}
		}
	}
}
