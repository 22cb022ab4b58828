package report

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/check"
	"tussle/report/format"
	"tussle/report/internal/samples"
	"tussle/report/internal/virtual"
	"tussle/report/measure"
	"tussle/report/model"
)

// A target that ended by itself makes the run inconclusive, and its last words
// are on the first screen, below the strategy that loaded it then.
func TestATargetThatExitedIsTold(t *testing.T) {
	load := samples.FlashSale()
	var ended, second int64
	b := builder{Report: &model.Report{Schema: model.Schema}, figures: measure.New(), judge: check.New()}
	virtual.Run(load, func(rec *history.Record) {
		if rec.Kind == history.KindBlock && rec.Block.Strategy == 1 && second == 0 {
			second, ended = rec.Block.Start, rec.Block.Start+1
		}
		if rec.Kind == history.KindEvent && rec.Event.Name == history.EventEnd {
			e := history.NewExit(ended, rec.Event.At, "exit status 3", []string{"panic: <b>out of memory</b>", "goroutine 1"})
			if err := b.add(&history.Record{Kind: history.KindEvent, Event: *e}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.add(rec); err != nil {
			t.Fatal(err)
		}
	})
	b.finish()
	r := b.Report
	name := load.Strategies[1].Name
	if second == 0 || r.Verdict != check.Inconclusive || !strings.Contains(r.Sentence, name+": the target ended by itself (exit status 3)") {
		t.Errorf("%s: %s", r.Verdict, r.Sentence)
	}
	n := 0
	for _, c := range r.SelfChecks {
		if c.Name == measure.Exited {
			if n++; c.Strategy != name || c.Verdict != check.Inconclusive {
				t.Errorf("%+v", c)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d self-checks tell of the exit", n)
	}
	for _, kind := range []string{"text", "html", "markdown"} {
		if out := rendered(t, r, kind, format.Options{Width: 400}); !strings.Contains(strings.ReplaceAll(out, "\\", ""), "goroutine 1") || kind == "html" && strings.Contains(out, "<b>out") {
			t.Errorf("%s: the last words are missing, or live: %.1500s", kind, out)
		}
	}
}
