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
