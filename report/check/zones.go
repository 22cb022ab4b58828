package check

import (
	"cmp"
	"slices"
)

// Blocks against each other. Of each block take f, the earliest end of its
// requests, and s, the latest beginning. Block A must come before block B when
// f_A < s_B. Both ways at once is impossible: two blocks with f < s whose
// stretches [f, s] overlap, or a block with s <= f whose [s, f] lies inside
// such a stretch (Gibbons and Korach's forward and backward zones).
//
// Proven both ways for blind writes with names, unanswered ones included (no
// end of their own, dropped when never seen). O(n log n).

// sweepZones finds blocks that would have to be before and after one another.
func (k *keyView) sweepZones(o *chains) {
	var forward, backward []int32
	for i := range o.blocks {
		if b := &o.blocks[i]; b.f < b.s {
			forward = append(forward, int32(i))
		} else {
			backward = append(backward, int32(i))
		}
	}
	slices.SortFunc(forward, func(x, y int32) int {
		return cmp.Or(cmp.Compare(o.blocks[x].f, o.blocks[y].f), cmp.Compare(x, y))
	})
	reach := make([]int32, len(forward)) // of the zones so far, the one that goes farthest
	for i, at := range forward {
		if i == 0 {
			reach[i] = at
			continue
		}
		far := reach[i-1]
		if o.blocks[at].f < o.blocks[far].s {
			o.cross(far, at)
		}
		if o.blocks[at].s > o.blocks[far].s {
			far = at
		}
		reach[i] = far
	}
	for _, at := range backward {
		b := &o.blocks[at]
		n, _ := slices.BinarySearchFunc(forward, b.s, func(x int32, s int64) int {
			if o.blocks[x].f < s {
				return -1
			}
			return 1
		})
		if n > 0 && o.blocks[reach[n-1]].s > b.f {
			o.cross(reach[n-1], at)
		}
	}
}

func (o *chains) cross(x, y int32) {
	a, b := &o.blocks[x], &o.blocks[y]
	o.contradictions = append(o.contradictions, contradiction{kind: crossed, a: a.head, b: b.head, requests: [4]int32{a.fAt, b.sAt, b.fAt, a.sAt}})
}
