package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A judge with three rules, of which the tests know two. The third one cannot
// matter (a sum of absolute values is never negative).
func judge(t *testing.T) run {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module judge\n\ngo 1.26\n",
		"judge.go": `package judge

func Holds(a, b int) bool {
	if a > b {
		return false
	}
	switch {
	case a == b:
		return true
	}
	if a*a+b*b < 0 {
		return false
	}
	return b-a < 10
}
`,
		"judge_test.go": `package judge

import "testing"

func TestHolds(t *testing.T) {
	if Holds(2, 1) || !Holds(1, 2) || !Holds(100, 100) || Holds(1, 50) {
		t.Error("wrong")
	}
}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return run{dir: dir, limit: run{}.defaultLimit(), parallel: 2}
}

const (
	pointless = "judge.go Holds: a*a+b*b < 0: removed"
	equal     = "judge.go Holds: a == b: removed"
)

func TestEachRuleIsNegatedAndRemoved(t *testing.T) {
	all, err := mutate(judge(t).dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range all {
		names = append(names, m.name)
	}
	want := []string{
		"judge.go Holds: a > b: negated", "judge.go Holds: a > b: removed",
		"judge.go Holds: a == b: negated", equal,
		"judge.go Holds: a*a+b*b < 0: negated", pointless,
	}
	if strings.Join(names, "\n") != strings.Join(want, "\n") {
		t.Errorf("mutants:\n%s\nwant:\n%s", strings.Join(names, "\n"), strings.Join(want, "\n"))
	}
}

func TestSurvivorsWithoutAReasonFailTheRound(t *testing.T) {
	r := judge(t)
	for _, c := range []struct {
		why, known string
		code       int
	}{
		{"two rules that no test needs", "", 1},
		{"both with a reason", pointless + "\n  squares are never negative\n" + equal + "\n  the last line says the same\n", 0},
		{"one without", pointless + "\n  squares are never negative\n", 1},
		{"one that is noticed", pointless + "\n  x\n" + equal + "\n  x\njudge.go Holds: a > b: negated\n  x\n", 1},
	} {
		code, err := r.main(regexp.MustCompile(""), false, c.known)
		if err != nil || code != c.code {
			t.Errorf("%s: exit %d, %v, want %d", c.why, code, err, c.code)
		}
	}
}

func TestListOfSurvivorsNamesReasons(t *testing.T) {
	for _, text := range []string{"a mutant\n", "  a reason\n", "a\nb\n  c\n"} {
		if _, err := parseKnown(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if _, err := parseKnown(known); err != nil {
		t.Errorf("survivors.txt: %v", err)
	}
}
