package measure

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/report/internal/virtual"
)

func TestTheSpreadOfBurstsIsToldForEachStrategy(t *testing.T) {
	load := virtual.Load{Clients: 4, Repeat: 3, Seed: 3, Strategies: []virtual.Strategy{{Name: "a", Locking: "optimistic"}, {Name: "b", Locking: "optimistic"}}}
	c := New()
	strategyOf := map[int]int{}
	virtual.Run(load, func(r *history.Record) {
		switch r.Kind {
		case history.KindHeader:
			r.Header.Plan.Load.Burst = "last-byte"
		case history.KindBlock:
			strategyOf[r.Block.Block] = r.Block.Strategy
		}
		c.Add(r)
	})
	spreads := []int64{300_000, 100_000, 200_000}
	told := 0
	for b := range len(strategyOf) {
		if strategyOf[b] == 0 && told < len(spreads) {
			c.Add(&history.Record{Kind: history.KindEvent, Event: *history.NewBurst(0, b, "last-byte", 4, spreads[told], 10)})
			told++
		}
	}
	f := c.Finish()
	if told != 3 {
		t.Fatalf("%d blocks of the first strategy", told)
	}
	if ch := check(t, f[0], "burst spread"); ch.State != Good || *ch.Value != 200 || !strings.Contains(ch.Note, "30 times") || !strings.Contains(ch.Note, "4 clients sent together (last-byte)") {
		t.Errorf("%+v %v", ch, *ch.Value)
	}
	if ch := check(t, f[1], "burst spread"); ch.State != Thin || ch.Value != nil {
		t.Errorf("a target that stamps nothing: %+v", ch)
	}
}

// Of a sweep, as in all other figures, only the last point counts.
func TestTheSpreadOfBurstsIsTheSweepsLastPoints(t *testing.T) {
	load := virtual.Load{Sweep: []float64{2, 8}, Repeat: 2, Seed: 3, Strategies: []virtual.Strategy{{Name: "a", Locking: "optimistic"}}}
	c := New()
	var blocks []history.Block
	virtual.Run(load, func(r *history.Record) {
		switch r.Kind {
		case history.KindHeader:
			r.Header.Plan.Load.Burst = "barrier"
		case history.KindBlock:
			if r.Block.End > 0 {
				blocks = append(blocks, r.Block)
			}
		}
		c.Add(r)
	})
	for _, b := range blocks {
		c.Add(&history.Record{Kind: history.KindEvent, Event: *history.NewBurst(0, b.Block, "barrier", 0, int64(1+b.Point)*1e5, 10)})
	}
	ch := check(t, c.Finish()[0], "burst spread")
	if len(blocks) != 4 || *ch.Value != 200 || !strings.Contains(ch.Note, "20 times") || !strings.Contains(ch.Note, "what 8 clients") {
		t.Errorf("%d blocks: %+v %v", len(blocks), ch, *ch.Value)
	}
}
