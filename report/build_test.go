package report

import (
	"bytes"
	"math"
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

func built(t testing.TB, file []byte) *model.Report {
	t.Helper()
	rd, err := history.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	r, err := Build(rd, "test")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reportOf(t testing.TB, load virtual.Load, change ...func(*history.Record)) *model.Report {
	t.Helper()
	return built(t, samples.Recorded(t, load, change...))
}

func TestReportOfAFlashSale(t *testing.T) {
	r := reportOf(t, samples.FlashSale())
	if r.Verdict != check.Pass || r.ExitCode(false) != 0 {
		t.Fatalf("%s: %s %q", r.Verdict, r.Sentence, r.Reasons)
	}
	opt, pes, lww := &r.Strategies[0], &r.Strategies[1], &r.Strategies[2]
	if opt.Verdict != check.Holds || pes.Verdict != check.Holds || lww.Verdict != check.NotJudged {
		t.Errorf("verdicts %s %s %s", opt.Verdict, pes.Verdict, lww.Verdict)
	}
	if *opt.Conflicts.Rate <= 0 || opt.ByStatus["412"] != opt.Conflicts.Attempts || *pes.Conflicts.Rate != 0 {
		t.Errorf("optimistic: conflict rate %v, %d times 412, %d conflicts; pessimistic: %v", *opt.Conflicts.Rate, opt.ByStatus["412"], opt.Conflicts.Attempts, *pes.Conflicts.Rate)
	}
	if *pes.Amplification != 4 {
		t.Errorf("a commit under a lock takes %v requests, want lock, read, write, unlock", *pes.Amplification)
	}
	for _, s := range r.Strategies {
		if s.Operations.Total != s.Operations.Committed || s.Operations.Reads == 0 {
			t.Errorf("%s: %+v", s.Name, s.Operations)
		}
		if want := float64(s.Operations.Committed) / (6 * 0.3); math.Abs(*s.Goodput-want) > 0.001*want {
			t.Errorf("%s: goodput %v, %d commits in 1.8 s", s.Name, *s.Goodput, s.Operations.Committed)
		}
		if ci := s.GoodputCI; ci == nil || ci[0] > *s.Goodput || ci[1] < *s.Goodput {
			t.Errorf("%s: goodput %v outside %v", s.Name, *s.Goodput, ci)
		}
		if len(s.Blocks) != 6 || len(s.Pictures.Series) == 0 || len(s.Pictures.Series) > 60 || len(s.Pictures.Percentiles) > 60 || len(s.Pictures.Percentiles) < 20 {
			t.Errorf("%s: %d blocks, %d buckets, %d points of a curve", s.Name, len(s.Blocks), len(s.Pictures.Series), len(s.Pictures.Percentiles))
		}
		var spent int64
		for _, p := range s.Anatomy.Spent {
			spent += p.N
		}
		if spent != s.Requests {
			t.Errorf("%s: %d requests, %d of them accounted for", s.Name, s.Requests, spent)
		}
	}
	lost := 0
	for _, c := range r.Comparisons {
		if c.Head == "last-write-wins" {
			lost++
			if c.Verdict != measure.NotCompared || !strings.Contains(c.Note, "lost") || c.HeadMedian == nil && c.N > 0 {
				t.Errorf("%+v: a strategy that lost updates is neither better nor worse, and its figures are shown", c)
			}
		}
	}
	if lost == 0 {
		t.Error("last-write-wins is not in the comparisons")
	}
	for _, c := range r.SelfChecks {
		if c.Verdict != check.Pass && c.Verdict != model.Noted && c.Verdict != check.NotExercised {
			t.Errorf("self-check %+v", c)
		}
	}
	if !strings.Contains(r.Provenance.Order, "A B C C B A") || r.Provenance.Start != "2026-01-02T03:04:05Z" || r.Advice == "" {
		t.Errorf("order %q, start %q, advice %q", r.Provenance.Order, r.Provenance.Start, r.Advice)
	}
}

// rendered is r in the named format.
func rendered(t testing.TB, r *model.Report, kind string, o format.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := format.Write(&b, r, kind, o); err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return b.String()
}

func TestSameHistorySameBytes(t *testing.T) {
	file := samples.Recorded(t, samples.FlashSale())
	var a, b bytes.Buffer
	for _, out := range []*bytes.Buffer{&a, &b} {
		if err := model.WriteJSON(out, built(t, file)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two reports of one history differ")
	}
	back, err := model.ReadJSON(bytes.NewReader(a.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := model.WriteJSON(&again, back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), again.Bytes()) {
		t.Error("a report that was read back is written differently")
	}
}

func TestBrokenPromiseFails(t *testing.T) {
	load := samples.FlashSale()
	load.Strategies = load.Strategies[:1]
	load.Strategies[0].Broken = true
	r := reportOf(t, load)
	if r.Verdict != check.Fail || r.ExitCode(true) != 1 || !strings.Contains(r.Sentence, "optimistic broke its promise of no-lost-update") {
		t.Errorf("%s, exit %d: %s", r.Verdict, r.ExitCode(true), r.Sentence)
	}
	if p := r.Strategies[0].Properties; len(p) == 0 || p[0].Violations == 0 || len(p[0].Findings) == 0 {
		t.Errorf("no finding: %+v", p)
	}
}

func TestOneClientAloneProvesNothing(t *testing.T) {
	load := samples.FlashSale()
	load.Clients = 1
	r := reportOf(t, load)
	if r.Verdict != check.Inconclusive || r.ExitCode(false) != 4 || r.ExitCode(true) != 0 || len(r.Reasons) == 0 {
		t.Errorf("%s, exit %d: %q", r.Verdict, r.ExitCode(false), r.Reasons)
	}
}

func TestCutHistoryIsNeverAPass(t *testing.T) {
	file := samples.Recorded(t, samples.FlashSale())
	for name, cut := range map[string][]byte{"in the middle of a frame": file[:len(file)*99/100], "killed, frames whole": killed(t)} {
		r := built(t, cut)
		if r.Cut == "" || r.Verdict != check.Inconclusive || !strings.Contains(strings.Join(r.Reasons, "\n"), "cut off") {
			t.Errorf("%s: cut %q, %s, %q", name, r.Cut, r.Verdict, r.Reasons)
		}
		if name == "killed, frames whole" && r.Strategies[0].Operations.Committed == 0 {
			t.Error("what was recorded before the cut is not measured")
		}
	}
}

// killed is a run that was killed before its end was written.
func killed(t *testing.T) []byte {
	var file bytes.Buffer
	w, _ := history.NewWriter(&file, 0)
	buf := w.Buffer()
	n := 0
	virtual.Run(samples.FlashSale(), func(r *history.Record) {
		if n++; n < 20000 {
			samples.Put(t, buf, r)
		}
	})
	buf.Flush()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestInterruptWarningAndFaultsAreTold(t *testing.T) {
	count := history.FaultCount{Kind: "lost-response", Planned: 10, Injected: 4, Effective: 1, Min: 3}
	r := reportOf(t, samples.FlashSale(), func(rec *history.Record) {
		if rec.Kind == history.KindEvent && rec.Event.Name == history.EventEnd {
			rec.Event = history.Event{Block: -1, Name: "fault", Fault: &count}
		}
	})
	if f := r.Strategies[0].Faults; len(f) != 1 || f[0].Effective != 1 || f[0].Min != 3 {
		t.Errorf("faults %+v", f)
	}
	if r.Verdict != check.Inconclusive || !strings.Contains(strings.Join(r.Reasons, "\n"), "lost-response took effect 1 time, and at least 3") {
		t.Errorf("%s %q", r.Verdict, r.Reasons)
	}
	r = reportOf(t, samples.FlashSale(), func(rec *history.Record) {
		if rec.Kind == history.KindBlock && rec.Block.Block == 1 && rec.Block.End == 0 {
			*rec = history.Record{Kind: history.KindEvent, Event: history.Event{Name: EventInterrupt}}
		}
	})
	if !r.Interrupted || !strings.Contains(r.Sentence, "interrupted") {
		t.Errorf("an interrupt is not told: %q", r.Sentence)
	}
	r = reportOf(t, samples.FlashSale(), func(rec *history.Record) {
		if rec.Kind == history.KindBlock && rec.Block.Block == 1 && rec.Block.End == 0 {
			*rec = history.Record{Kind: history.KindEvent, Event: history.Event{Name: EventWarning, Note: "the target restarted"}}
		}
	})
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "the target restarted") {
		t.Errorf("warnings %q", r.Warnings)
	}
}

// What was sent and is not in the record could be anything.
func TestRequestsMissingFromTheRecordSettleNothing(t *testing.T) {
	r := reportOf(t, samples.FlashSale(), func(rec *history.Record) {
		if rec.Kind == history.KindBlock && rec.Block.End > 0 && rec.Block.Block == 2 {
			rec.Block.Wire++
		}
	})
	if r.Verdict != check.Inconclusive || !strings.Contains(strings.Join(r.Reasons, "\n"), "requests on the wire") {
		t.Errorf("%s %q", r.Verdict, r.Reasons)
	}
}

func TestFiguresOutliveAChecker(t *testing.T) {
	b := builder{Report: &model.Report{}, figures: measure.New(), judge: check.New()}
	virtual.Run(samples.FlashSale(), func(rec *history.Record) {
		if err := b.add(rec); err != nil {
			t.Fatal(err)
		}
	})
	b.guard(func() error { panic("index out of range") })
	b.finish()
	s := b.Strategies[0]
	if s.Operations.Committed == 0 || s.Goodput == nil {
		t.Error("the figures are lost with the checker")
	}
	if len(s.Properties) != 1 || s.Properties[0].Verdict != check.Undecided || !strings.Contains(s.Properties[0].Reason, "index out of range") {
		t.Errorf("%+v", s.Properties)
	}
	if b.Verdict != check.Inconclusive {
		t.Errorf("verdict %s", b.Verdict)
	}
}
