package report

import (
	"strings"
	"testing"
	"time"

	"tussle/history"
	"tussle/report/internal/virtual"
	"tussle/report/measure"
	"tussle/report/model"
)

func twoKinds() []model.Strategy {
	return []model.Strategy{{Name: "opt", Locking: "optimistic", Conflicts: measure.Conflicts{Rate: f(0.05)}}, {Name: "pes", Locking: "pessimistic"}}
}

func TestAdviceIsReadOffTheCrossover(t *testing.T) {
	for _, c := range []struct {
		parameter string
		crossover measure.Crossover
		want      string
	}{
		{"clients", measure.Crossover{Low: "opt", High: "pes", From: 4, To: 16}, "The advice held here: by goodput, opt is ahead with little concurrency and pes with much; they cross between clients 4 and 16."},
		{"clients", measure.Crossover{Low: "pes", High: "opt", From: 4, To: 16}, "The advice did not hold here, it was the other way round"},
		{"workload.keys", measure.Crossover{Low: "pes", High: "opt", From: 4, To: 16}, "The advice held here"}, // more keys, less contention
		{"clients", measure.Crossover{Low: "opt", High: "other", From: 4, To: 16}, "was not tested"},
	} {
		r := &model.Report{Strategies: twoKinds(), Sweeps: []measure.Sweep{{Parameter: c.parameter, Crossovers: []measure.Crossover{c.crossover}}}}
		if got := advice(r, &history.Plan{}); !strings.Contains(got, c.want) {
			t.Errorf("%s %+v: %q, want %q", c.parameter, c.crossover, got, c.want)
		}
	}
}

// A server-side strategy counts as what its server does, where no client does
// it: fails on conflict, or waits.
func TestAdviceAboutServerSideLocking(t *testing.T) {
	version := model.Strategy{Name: "version", Locking: "server-side", Inside: "optimistic", Conflicts: measure.Conflicts{Rate: f(0.05)}}
	row := model.Strategy{Name: "row-lock", Locking: "server-side", Inside: "pessimistic"}
	for _, c := range []struct {
		strategies []model.Strategy
		low, high  string
		want       string
	}{
		{[]model.Strategy{row, version}, "version", "row-lock", "The advice held here: by goodput, version is ahead with little concurrency and row-lock with much"},
		{[]model.Strategy{twoKinds()[0], row}, "row-lock", "opt", "it was the other way round: by goodput, row-lock is ahead with little concurrency and opt with much"},
		{append(twoKinds(), row), "opt", "pes", "The advice held here: by goodput, opt is ahead with little concurrency and pes with much"},
		{[]model.Strategy{row, {Name: "atomic", Locking: "server-side"}}, "row-lock", "atomic", ""},
	} {
		r := &model.Report{Strategies: c.strategies, Sweeps: []measure.Sweep{{Parameter: "clients", Crossovers: []measure.Crossover{{Low: c.low, High: c.high, From: 4, To: 16}}}}}
		if got := advice(r, &history.Plan{}); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestAdviceWithoutACrossover(t *testing.T) {
	point := func(strategy string, at, lo, hi float64) measure.SweepPoint {
		return measure.SweepPoint{Strategy: strategy, At: at, GoodputCI: &[2]float64{lo, hi}}
	}
	for _, c := range []struct {
		points []measure.SweepPoint
		want   string
	}{
		{[]measure.SweepPoint{point("opt", 1, 10, 11), point("opt", 2, 20, 21), point("pes", 1, 5, 6), point("pes", 2, 20, 21)}, "did not decide here: by goodput, opt is ahead at 1 of 2 points of clients"},
		{[]measure.SweepPoint{point("opt", 1, 10, 12), point("pes", 1, 11, 13)}, "made no difference here"},
	} {
		r := &model.Report{Strategies: twoKinds(), Sweeps: []measure.Sweep{{Parameter: "clients", Points: c.points}}}
		if got := advice(r, &history.Plan{}); !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestAdviceAtOnePoint(t *testing.T) {
	blocks := func(goodput float64) (out []measure.BlockFigures) {
		for i := range 6 {
			out = append(out, measure.BlockFigures{Goodput: f(goodput + float64(i)/10)})
		}
		return out
	}
	for _, c := range []struct {
		rate, opt, pes float64
		want           string
	}{
		{0.02, 200, 100, "opt had more goodput: as the advice says"},
		{0.02, 100, 200, "pes had more goodput: against the advice"},
		{0.7, 100, 200, "pes had more goodput: as the advice says"},
		{0.7, 200, 100, "opt had more goodput: against the advice"},
		{0.3, 200, 100, "the advice does not say what to expect in between"},
		{0.3, 200, 200, "goodput did not differ significantly"},
	} {
		r := &model.Report{Strategies: twoKinds()}
		r.Strategies[0].Conflicts.Rate = f(c.rate)
		r.Strategies[0].Blocks, r.Strategies[1].Blocks = blocks(c.opt), blocks(c.pes)
		if got := advice(r, &history.Plan{}); !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
		r.Strategies[1].Blocks = r.Strategies[1].Blocks[:5]
		if got := advice(r, &history.Plan{}); !strings.Contains(got, "was not tested: needs at least 6 blocks") {
			t.Errorf("five blocks: %q", got)
		}
	}
	if got := advice(&model.Report{Strategies: twoKinds()[:1]}, &history.Plan{}); got != "" {
		t.Errorf("one strategy cannot test the advice, and none is printed: %q", got)
	}
}

// Few clients: an optimistic update takes two requests, one under a lock
// four. Many clients that think on one key: the lock's queue wastes nothing,
// and a long window makes nearly every optimistic write fail.
func TestSweepOnTheVirtualClock(t *testing.T) {
	load := virtual.Load{Keys: 1, Repeat: 6, Duration: 400 * time.Millisecond, Warmup: 100 * time.Millisecond, Think: time.Millisecond, Pause: time.Millisecond, Seed: 5,
		Sweep: []float64{1, 4, 16}, Strategies: []virtual.Strategy{{Name: "opt", Locking: "optimistic", Promises: []string{"no-lost-update"}}, {Name: "pes", Locking: "pessimistic", Promises: []string{"no-lost-update"}}}}
	r := reportOf(t, load)
	if len(r.Sweeps) != 1 || len(r.Sweeps[0].Points) != 6 {
		t.Fatalf("sweeps %+v", r.Sweeps)
	}
	s := r.Sweeps[0]
	for _, p := range s.Points {
		if p.N != 6 || p.Goodput == nil || p.GoodputCI == nil || p.ConflictRate == nil {
			t.Errorf("%+v", p)
		}
	}
	if one, many := *s.Points[0].ConflictRate, *s.Points[2].ConflictRate; one != 0 || many < 0.7 {
		t.Errorf("conflict rate of optimistic: %v with 1 client, %v with 16", one, many)
	}
	if !strings.Contains(s.Sentence, "opt is ahead") || !strings.Contains(r.Advice, "opt is ahead") {
		t.Errorf("%q; %q", s.Sentence, r.Advice)
	}
	for _, st := range r.Strategies {
		if len(st.Blocks) != 6 || st.Blocks[0].At != 16 {
			t.Errorf("%s: the figures of a sweep are those of its last point, got %d blocks at %v", st.Name, len(st.Blocks), st.Blocks[0].At)
		}
	}
	if len(r.Comparisons) == 0 || r.Comparisons[0].N != 6 {
		t.Errorf("comparisons %+v", r.Comparisons)
	}
}
