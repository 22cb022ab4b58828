package check

import (
	"slices"
	"strings"
)

// A delete of what is gone may be answered with 2xx (RFC 9110, 9.3.5 and
// 13.1.1): it did nothing. An accepted delete whose state was replaced by
// another accepted write as well is such a one, where the resource may have
// been gone at some instant of it. Nothing is concluded from that delete; if it
// did remove what had replaced its state, then that is missing, and nobody
// deleted it.

// idleDeletes takes back the effect of deletes that may have found nothing.
func (k *keyView) idleDeletes() {
	replaced := make([]bool, len(k.states)) // by a write that took effect
	var deletes []int32
	var signs []possible // of something being there: accepted creates, and reads
	for s := range k.states {
		st := &k.states[s]
		if st.write == none || st.effect == refused {
			continue
		}
		switch k.requests[st.write].step {
		case remove:
			deletes = append(deletes, int32(s))
			continue
		case create:
			if st.effect == applied {
				signs = append(signs, possible{st.call, st.ret})
			}
		}
		if st.base >= 0 && st.effective() {
			replaced[st.base] = true
		}
	}
	if !k.whole { // the delete that came first may be missing
		for _, s := range deletes {
			k.doubtDelete(s)
		}
		return
	}
	if len(deletes) < 2 {
		return
	}
	slices.SortFunc(deletes, func(a, b int32) int { return compare(k.states[a].call, k.states[b].call) })
	for i := range k.requests {
		if r := &k.requests[i]; r.step == read && k.made[i] >= 0 && !k.deletes(k.made[i]) {
			signs = append(signs, possible{r.call, r.ret})
		}
	}
	slices.SortFunc(signs, func(a, b possible) int { return compare(a.to, b.to) })
	gone := make([]lastTwo, len(deletes)) // of the deletes up to each: by when the latest was surely over
	for i, s := range deletes {
		if i > 0 {
			gone[i] = gone[i-1]
		}
		if st := &k.states[s]; st.base < 0 || !replaced[st.base] || !st.strict || k.blindlyBuilt(st.write) {
			gone[i].add(st.ret, s) // a condition on what was replaced was not met
		}
	}
	there := make([]int64, len(signs)) // of the signs up to each: when the latest began
	for i := range signs {
		there[i] = signs[i].from
		if i > 0 {
			there[i] = max(there[i], there[i-1])
		}
	}
	idle := []int32{}
	for _, s := range deletes {
		st := &k.states[s]
		if st.effect != applied || st.base < 0 || !replaced[st.base] {
			continue
		}
		n, _ := slices.BinarySearchFunc(deletes, st.ret, func(d int32, ret int64) int {
			if k.states[d].call <= ret {
				return -1
			}
			return 1
		})
		over, other := gone[n-1].but(s)
		if !other {
			continue
		}
		before, _ := slices.BinarySearchFunc(signs, st.call, func(sign possible, call int64) int {
			if sign.to < call {
				return -1
			}
			return 1
		})
		if before > 0 && there[before-1] > over {
			continue // it was there again before this delete began
		}
		idle = append(idle, s)
	}
	for _, s := range idle {
		k.doubtDelete(s)
	}
}

// doubtDelete takes back the effect of an accepted delete.
func (k *keyView) doubtDelete(s int32) {
	if st := &k.states[s]; st.effect == applied {
		st.effect, st.ret = unknown, forever
		k.requests[st.write].effect = unknown
	}
}

// lastTwo holds the two latest instants of different states.
type lastTwo struct {
	first, second int64
	of            int32
	n             int
}

func (l *lastTwo) add(at int64, of int32) {
	switch {
	case l.n == 0 || at > l.first:
		l.first, l.second, l.of = at, l.first, of
	case l.n == 1 || at > l.second:
		l.second = at
	}
	l.n++
}

// but is the latest instant of another state, false when there is none.
func (l *lastTwo) but(of int32) (at int64, known bool) {
	if l.n > 0 && l.of != of {
		return l.first, true
	}
	return l.second, l.n > 1
}

// A 2xx answer to a create need not mean that the create made anything: a
// server may hand out what is there already (find-or-create), or ignore a
// duplicate (upsert). Such an answer is not told apart by its status, so
// nothing is concluded from a create that shows the object of another one. And
// of names that are given once, a create counts only where its answer claims
// to have made the object.

// shownBy is the text that the answer to an accepted create shows of the
// object: that of the write that made it; 0 when it shows none.
func (r *request) shownBy() uint32 {
	if r.step != create || !r.good() {
		return 0
	}
	return r.problem
}

// shows reports whether the answer shows what the create itself had sent.
func (r *request) showsOwn() bool {
	shown := r.shownBy()
	return shown != 0 && (shown == r.tag || shown == r.value)
}

// doubtCreates takes back the effect of creates that found what another had
// made, and of those that do not say whether they made it.
func (k *keyView) doubtCreates() {
	var accepted []int32
	others := false
	for i := range k.requests {
		if r := &k.requests[i]; r.step == create && r.name == 0 && r.effect == applied {
			accepted = append(accepted, int32(i))
			others = others || r.shownBy() != 0 && !r.showsOwn()
		}
	}
	if others {
		accepted = k.doubtFound(accepted)
	}
	if k.onceOnly {
		k.doubtUntold(accepted)
	}
}

// doubtFound takes the effect from creates whose answers show the object of
// another write, and returns the others.
func (k *keyView) doubtFound(accepted []int32) (rest []int32) {
	maker := fill(k.texts.len()) // by text: a write that sent it
	for i := range k.requests {
		if r := &k.requests[i]; r.step == create || r.step == setup || r.step == write {
			maker[r.tag], maker[r.value] = int32(i), int32(i)
		}
	}
	for _, i := range accepted {
		r := &k.requests[i]
		if shown := r.shownBy(); shown != 0 && !r.showsOwn() && maker[shown] != none {
			r.effect = unknown
			k.found++
			continue
		}
		rest = append(rest, i)
	}
	return rest
}

// doubtUntold takes the effect from creates of a name whose answers leave open
// which of them made the object, where there are several.
func (k *keyView) doubtUntold(accepted []int32) {
	writes := map[uint32]bool{}
	refuses := k.tellsCreates // a duplicate would be refused
	for i := range k.requests {
		r := &k.requests[i]
		refuses = refuses || r.step == create && r.class == exists
	}
	ids := map[uint32]int{}
	for _, i := range accepted {
		r := &k.requests[i]
		writes[r.tag] = true
		ids[r.value]++
	}
	if len(accepted) < 2 || len(writes) == 1 && !writes[0] {
		return
	}
	for _, i := range accepted {
		r := &k.requests[i]
		id := k.texts.text(r.value)
		assigned := k.createIDs && id != "" && !strings.Contains(id, k.key) // by the target
		switch {
		case r.showsOwn(), refuses, assigned && ids[r.value] == 1:
		case r.status == 201 && !(assigned && ids[r.value] > 1): // RFC 9110, 15.3.2: it made one
		default:
			r.effect = unknown
			k.untold = append(k.untold, i)
		}
	}
}
