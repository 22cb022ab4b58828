package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/format"
	"tussle/report/internal/samples"
	"tussle/report/internal/virtual"
	"tussle/report/measure"
	"tussle/report/model"
)

// twoSides is a flash sale without the strategy that loses updates.
func twoSides(seed uint64, change ...func(*virtual.Load)) virtual.Load {
	load := samples.FlashSale()
	load.Strategies = load.Strategies[:2]
	load.Seed, load.Duration, load.Warmup = seed, 200*time.Millisecond, 20*time.Millisecond
	for _, f := range change {
		f(&load)
	}
	return load
}

func compared(t *testing.T, base, head *model.Report) *model.Change {
	t.Helper()
	c, err := Compare(base, head, false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRunComparedWithItselfShowsNoDifference(t *testing.T) {
	r := reportOf(t, twoSides(1))
	c := compared(t, r, r)
	if c.Verdict != check.Pass || c.Sentence != "No difference detected." || c.ExitCode(false) != 0 || len(c.Notes) != 0 {
		t.Errorf("%s, %q, %q", c.Verdict, c.Sentence, c.Notes)
	}
	for _, s := range c.Strategies {
		if len(s.Metrics) == 0 {
			t.Errorf("%s: nothing was compared", s.Name)
		}
		for _, m := range s.Metrics {
			if m.Verdict != measure.NoDifference {
				t.Errorf("%s %s: %s", s.Name, m.Metric, m.Verdict)
			}
		}
	}
}

func TestTenPairsOfEqualRunsShowNoDifference(t *testing.T) {
	for seed := uint64(10); seed < 30; seed += 2 {
		c := compared(t, reportOf(t, twoSides(seed)), reportOf(t, twoSides(seed+1)))
		if c.Verdict != check.Pass || strings.Contains(c.Sentence, "better") {
			t.Errorf("seeds %d and %d: %s %q", seed, seed+1, c.Verdict, c.Sentence)
		}
	}
}

func TestSlowerTargetIsARegressionOfTheStrategy(t *testing.T) {
	base := reportOf(t, twoSides(1))
	head := reportOf(t, twoSides(2, func(l *virtual.Load) { l.Strategies[1].Slower = 2 }))
	c := compared(t, base, head)
	if c.Verdict != check.Fail || c.ExitCode(true) != 1 || !strings.HasPrefix(c.Sentence, "Slower than base: pessimistic -") {
		t.Errorf("%s: %s", c.Verdict, c.Sentence)
	}
	for _, r := range c.Reasons {
		if strings.HasPrefix(r, "optimistic") {
			t.Errorf("the strategy that did not change: %s", r)
		}
	}
	back := compared(t, head, base)
	if back.Verdict != check.Pass || !strings.Contains(back.Sentence, "pessimistic: goodput_per_s is better") {
		t.Errorf("the other way round: %s %s", back.Verdict, back.Sentence)
	}
}

// Without retries operations are quicker and conflict less, but give up.
func TestRemovedRetryIsARegression(t *testing.T) {
	c := compared(t, reportOf(t, twoSides(1)), reportOf(t, twoSides(2, func(l *virtual.Load) { l.Strategies[0].Attempts = 1 })))
	if c.Verdict != check.Fail || !strings.Contains(strings.Join(c.Reasons, "\n"), "optimistic: abandon_rate is worse: 0 -> 0.") {
		t.Errorf("%s %q", c.Verdict, c.Reasons)
	}
}

func TestNewViolationIsARegressionWhateverTheSpeed(t *testing.T) {
	c := compared(t, reportOf(t, twoSides(1)), reportOf(t, twoSides(1, func(l *virtual.Load) { l.Strategies[0].Broken = true })))
	if c.Verdict != check.Fail || !strings.Contains(c.Reasons[0], "optimistic lost 878 updates") || !strings.Contains(c.Reasons[0], "no-lost-update; before: holds") || !strings.HasPrefix(c.Sentence, "Broken since base: optimistic lost 878 updates") {
		t.Errorf("%s %q", c.Verdict, c.Reasons)
	}
}

func TestOtherScenariosAreRefused(t *testing.T) {
	base := reportOf(t, twoSides(1))
	head := reportOf(t, twoSides(2), func(r *history.Record) {
		if r.Kind == history.KindHeader {
			r.Header.Plan.SHA256, r.Header.Machine.CPUs = "fedcba9876543210", 64
		}
	})
	if _, err := Compare(base, head, false); err == nil || !strings.Contains(err.Error(), "different scenarios") {
		t.Errorf("error %v", err)
	}
	c, err := Compare(base, head, true)
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(c.Notes, "\n")
	if !strings.Contains(notes, "the machines differ") || !strings.Contains(notes, "64 CPUs") || !strings.Contains(notes, "the scenarios differ") {
		t.Errorf("notes %q", c.Notes)
	}
}

func TestTooFewBlocksSettleNothing(t *testing.T) {
	few := reportOf(t, twoSides(1, func(l *virtual.Load) { l.Repeat = 3 }))
	c := compared(t, few, few)
	if c.Verdict != check.Inconclusive || c.ExitCode(false) != 4 || c.ExitCode(true) != 0 || !strings.Contains(c.Sentence, "raise load.repeat") {
		t.Errorf("%s %s", c.Verdict, c.Sentence)
	}
}

func TestComparisonIsWrittenInThreeFormats(t *testing.T) {
	base := reportOf(t, twoSides(1))
	head := reportOf(t, twoSides(2, func(l *virtual.Load) { l.Strategies[1].Slower = 2 }))
	head.RecordedBy = "v2\x1b[31m<b>\n::error::x"
	c := compared(t, base, head)
	for kind, want := range map[string][]string{
		"text":     {"pessimistic: holds -> holds", "goodput_per_s", "worse", "fail  Slower than base: pessimistic -"},
		"markdown": {"### ❌ `virtual`", "|goodput\\_per\\_s|", "**pessimistic**"},
		"json":     {`"verdict": "fail"`, `"metric": "goodput_per_s"`},
	} {
		var b bytes.Buffer
		if err := format.WriteChange(&b, c, kind); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s: no %q in\n%s", kind, w, b.String())
			}
		}
		if strings.ContainsAny(b.String(), "\x1b") || strings.Contains(b.String(), "\n::") || kind == "markdown" && strings.Contains(b.String(), "<b>") {
			t.Errorf("%s: a hostile text came through:\n%s", kind, b.String())
		}
		if kind == "json" && !json.Valid(b.Bytes()) {
			t.Error("the JSON is not valid")
		}
	}
	if err := format.WriteChange(&bytes.Buffer{}, c, "pdf"); err == nil {
		t.Error("an unknown format is no error")
	}
}

// A report that went through its file compares as before.
func TestReportsComparedFromTheirFiles(t *testing.T) {
	var files [2]*model.Report
	for i := range files {
		var b bytes.Buffer
		if err := model.WriteJSON(&b, reportOf(t, twoSides(uint64(i+1)))); err != nil {
			t.Fatal(err)
		}
		r, err := model.ReadJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = r
	}
	direct := compared(t, reportOf(t, twoSides(1)), reportOf(t, twoSides(2)))
	if got := compared(t, files[0], files[1]); fmt.Sprint(got.Sentence, got.Notes, len(got.Strategies)) != fmt.Sprint(direct.Sentence, direct.Notes, len(direct.Strategies)) {
		t.Errorf("%+v, direct %+v", got, direct)
	}
}
