package say

import (
	"testing"

	"tussle/report/internal/samples"
	"tussle/report/measure"
)

// One block is no ground to call anything fast.
func TestFastNeedsBlocks(t *testing.T) {
	r := samples.Rich()
	for i := range r.Strategies {
		r.Strategies[i].Blocks = r.Strategies[i].Blocks[:2]
	}
	if Faster(r, &r.Strategies[2]) {
		t.Error("two blocks were enough")
	}
}

// What was not compared is no comparison, and figures are told from claims in
// plain words.
func TestComparisonsInPlainWords(t *testing.T) {
	r := samples.Rich()
	if got := apart(r); got != "3 of 3 metrics differ significantly from optimistic." {
		t.Error(got)
	}
	r.Comparisons[0].Verdict = measure.WithinNoise
	if got := apart(r); got != "2 of 3 metrics differ significantly from optimistic." {
		t.Error(got)
	}
	for i := range r.Comparisons[:3] {
		r.Comparisons[i].Verdict = measure.NoDifference
	}
	if got := apart(r); got != "None of 3 metrics differs significantly from optimistic." {
		t.Error(got)
	}
	r.Comparisons = r.Comparisons[3:]
	if got := apart(r); got != "" {
		t.Error(got)
	}
}
