package serial

import (
	"fmt"
	"strings"
)

// group holds all orders of two sequences of requests.
type group struct {
	a, b  string
	walks []*asked // the last try of each
}

func (g *group) promise() string { return g.a + " beside " + g.b }

func (c *probed) groups() []*group {
	var out []*group
	for _, q := range c.asked {
		if q.rule != "order" {
			continue
		}
		if n := len(out); n == 0 || out[n-1].a != q.attrs["a"] || out[n-1].b != q.attrs["b"] {
			out = append(out, &group{a: q.attrs["a"], b: q.attrs["b"]})
		}
		g := out[len(out)-1]
		g.walks = append(g.walks, q)
	}
	return out
}

// orders judges all orders of two sequences and tells of them in one row.
func (c *probed) orders(g *group) answer {
	var wrong, unclear, asides []*walk
	good, total := 0, 0
	for _, q := range g.walks {
		w := c.walk(q)
		total++
		switch {
		case w.wrong != "":
			wrong = append(wrong, w)
		case w.unclear != "":
			unclear = append(unclear, w)
		case w.aside != "":
			asides = append(asides, w)
		default:
			good++
		}
	}
	shortest := func(list []*walk) *walk {
		best := list[0]
		for _, w := range list {
			if best.why == staleRead && w.why != staleRead || len(w.seen) < len(best.seen) && (w.why != staleRead || best.why == staleRead) {
				best = w
			}
		}
		return best
	}
	share := func(n int) string { return fmt.Sprintf("%d of %d orders: ", n, total) }
	switch {
	case len(wrong) > 0:
		w := shortest(wrong)
		return answer{cause: w.why, did: share(len(wrong)) + w.wrong, order: strings.Join(w.trace, ", "), shows: w.seen}
	case len(unclear) > 0:
		w := shortest(unclear)
		return answer{verdict: NotExercised, did: share(len(unclear)) + w.unclear, order: strings.Join(w.trace, ", "), shows: w.seen[max(0, len(w.seen)-1):]}
	case len(asides) > 0:
		return noted(share(len(asides)) + asides[0].aside + "; the others as one step after the other")
	}
	return holds(fmt.Sprintf("all %d orders: as one step after the other", total))
}
