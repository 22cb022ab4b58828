package check

import "strings"

// Answers to writes are part of the register property: the version that a
// write was answered is the one that reads of the state it made tell. A client
// that goes on with the version it was given must be able to.
//
// Proven: that a read of a state told another version than each answer to the
// write that made it. It needs states that are named by tags, so that reads
// and writes meet without the versions in question. Not judged: states of
// which one delivery was never answered, since that answer might have told the
// version that was read. Weak and gzip forms of an entity tag are the same
// version here (RFC 9110, 8.8.3; Apache appends -gzip). Cost: O(n).

// answers compares what writes were told with what reads tell.
func (c *Case) answers(k *keyView, t *tally) {
	if k.identify != "tag" {
		return
	}
	told := map[int32][]int32{} // state -> its writes' answers; empty when one is missing
	for i := range k.requests {
		r, s := &k.requests[i], k.made[i]
		if !r.writes() || s <= initial || r.effect == refused {
			continue
		}
		if r.effect != applied || r.version == 0 {
			told[s] = []int32{}
		} else if before, known := told[s]; !known || len(before) > 0 {
			told[s] = append(before, int32(i))
		}
	}
	for i := range k.requests {
		r, s := &k.requests[i], k.made[i]
		if r.step != read || s <= initial || r.version == 0 || len(told[s]) == 0 {
			continue
		}
		if k.tellsAny(told[s], i) {
			continue
		}
		at, w := int32(i), told[s][0]
		t.found(1, func() Finding {
			return k.finding(c.strategy, who(k.requests[w].client)+" was told version "+k.texts.text(k.requests[w].version)+" for "+k.stateName(s)+
				", but "+who(k.requests[at].client)+" read that state as version "+k.texts.text(k.requests[at].version),
				exhibit{at: k.from[w]}, exhibit{at: w, offends: true}, exhibit{at: at, offends: true})
		})
		delete(told, s) // one finding a state: its other reads say the same
	}
}

// tellsAny reports whether one of the writes was answered the version that
// request i was told.
func (k *keyView) tellsAny(writes []int32, i int) bool {
	for _, w := range writes {
		if k.requests[w].version == k.requests[i].version || k.entity(w) == k.entity(int32(i)) {
			return true
		}
	}
	return false
}

// entity is the version of request i without the marks of its form.
func (k *keyView) entity(i int32) string {
	v := strings.TrimPrefix(k.texts.text(k.requests[i].version), "W/")
	return strings.Replace(v, `-gzip"`, `"`, 1)
}
