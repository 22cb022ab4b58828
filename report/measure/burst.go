package measure

import (
	"fmt"
	"slices"

	"tussle/history"
)

// spread is how far apart the writes of a block's bursts arrived.
type spread struct {
	us       float64
	releases int64
}

// burst notes what the runner found at the end of a block.
func (c *Collector) burst(e *history.Event) {
	at, releases, ok := e.Burst()
	if b := c.block(e.Block); b != nil && ok && releases > 0 {
		b.spread = &spread{float64(at) / 1e3, releases}
		if b.folded && c.lastPoint(b) { // told after the block's end
			k := &c.tallies[b.Strategy].checks
			k.spreads = append(k.spreads, *b.spread)
		}
	}
}

// arrivals tells how far apart the writes of a burst reached the target: the
// median over the blocks of each block's median from the first to the last
// arrival. It judges nothing; what is near enough depends on the race that is
// looked for.
func (k *checks) arrivals(kind string) Check {
	ch := Check{Name: "burst spread", Unit: "us, median", State: Good}
	if len(k.spreads) == 0 {
		ch.State, ch.Note = Thin, "the target does not tell when requests arrived (built-in targets do)"
		return ch
	}
	var all []float64
	var releases int64
	for _, s := range k.spreads {
		all, releases = append(all, s.us), releases+s.releases
	}
	slices.Sort(all)
	ch.Value = figure(all[len(all)/2])
	ch.Note = fmt.Sprintf("from the first to the last arrival at the target of what %d clients sent together (%s), %s times", k.clients, kind, grouped(releases))
	return ch
}
