package say

import (
	"strings"
	"testing"

	"tussle/report/check"
	"tussle/report/model"
)

// A sentence is made of the first part of an evidence, and never ends within
// a bracket.
func TestGistIsAWhole(t *testing.T) {
	for evidence, want := range map[string]string{
		"812 writes that took effect (all of them conditional: judged along the chain) and 3 reads; 7 pairs": "812 writes that took effect and 3 reads",
		"2 writes (a; b) of 3 (c)": "2 writes of 3",
		"a (b: c":                  "a (b",
		"":                         "",
	} {
		if got := gist(evidence); got != want {
			t.Errorf("%q: %q, want %q", evidence, got, want)
		}
	}
	s := &model.Strategy{Name: "o", Promised: []string{"register"}, Properties: []check.Property{{Name: "register", Verdict: check.Violated,
		Violations: 3, Evidence: "812 writes that took effect (all of them conditional: judged along the chain) and 3 reads; 7 pairs", Promised: true}}}
	_, rest := About(&model.Report{}, s)
	if strings.Contains(rest, "(") || !strings.HasPrefix(rest, " in 812 writes that took effect and 3 reads; it promised register") {
		t.Errorf("%q", rest)
	}
}
