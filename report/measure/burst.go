package measure

import (
	"fmt"
	"slices"
)

// spread is how far apart the writes of a block's bursts arrived.
type spread struct {
	us       float64
	releases int64
}

// arrivals tells how far apart the writes of a burst reached the target: the
// median over the blocks of each block's median from the first to the last
// arrival. It judges nothing; what is near enough depends on the race that is
// looked for.
func arrivals(kind string, spreads []spread, clients int) Check {
	ch := Check{Name: "burst spread", Unit: "us, median", State: Good}
	if len(spreads) == 0 {
		ch.State, ch.Note = Thin, "the target does not tell when requests arrived (built-in targets do)"
		return ch
	}
	var all []float64
	var releases int64
	for _, s := range spreads {
		all, releases = append(all, s.us), releases+s.releases
	}
	slices.Sort(all)
	ch.Value = figure(all[len(all)/2])
	ch.Note = fmt.Sprintf("from the first to the last arrival at the target of what %d clients sent together (%s), %s times", clients, kind, grouped(releases))
	return ch
}
