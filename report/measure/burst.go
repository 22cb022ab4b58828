package measure

import (
	"fmt"
	"slices"

	"tussle/history"
)

// bursts are the spreads that the target's stamps showed, in us, by strategy.
type bursts map[int][]spread

type spread struct {
	us       float64
	releases int64
}

// burst notes what the runner found at the end of a block.
func (c *Collector) burst(e *history.Event) {
	b := c.block(e.Block)
	at, releases, ok := e.Burst()
	if b == nil || !ok {
		return
	}
	if c.bursts == nil {
		c.bursts = bursts{}
	}
	c.bursts[b.Strategy] = append(c.bursts[b.Strategy], spread{float64(at) / 1e3, releases})
}

// arrivals tells how far apart the writes of a burst reached the target: the
// median over the blocks of each block's median from the first to the last
// arrival. It judges nothing; what is near enough depends on the race that is
// looked for.
func (c *Collector) arrivals(strategy int) Check {
	ch := Check{Name: "burst spread", Unit: "us, median", State: Good}
	var all []float64
	var releases int64
	for _, s := range c.bursts[strategy] {
		if s.releases > 0 {
			all, releases = append(all, s.us), releases+s.releases
		}
	}
	if releases == 0 {
		ch.State, ch.Note = Thin, "the target does not tell when requests arrived (built-in targets do)"
		return ch
	}
	slices.Sort(all)
	ch.Value = figure(all[len(all)/2])
	ch.Note = fmt.Sprintf("from the first to the last arrival at the target of what %d clients sent together (%s), %d times",
		c.plan.Load.Clients, c.plan.Load.Burst, releases)
	return ch
}
