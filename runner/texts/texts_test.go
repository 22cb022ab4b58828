package texts

import (
	"fmt"
	"testing"
)

func TestTextsSurviveGrowth(t *testing.T) {
	var a Arena
	for round := range 3 {
		a.Reset()
		var got []string
		for i := range 2000 {
			got = append(got, a.Keep(fmt.Sprintf("%d-%d", round, i)))
			b := append(a.Begin(), "x"...)
			got = append(got, a.End(fmt.Appendf(b, "%d", i)))
		}
		for i := range 2000 {
			if got[2*i] != fmt.Sprintf("%d-%d", round, i) || got[2*i+1] != fmt.Sprintf("x%d", i) {
				t.Fatalf("round %d: text %d became %q, %q", round, i, got[2*i], got[2*i+1])
			}
		}
	}
	if s := a.Keep(""); s != "" || a.End(a.Begin()) != "" {
		t.Error("empty texts are not empty")
	}
}

func TestKeepDoesNotAllocateInTheSteadyState(t *testing.T) {
	var a Arena
	n := testing.AllocsPerRun(100, func() {
		a.Reset()
		for range 50 {
			a.Keep("a text of some length")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
