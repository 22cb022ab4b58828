package check

// Blind and conditional writes on one key. A conditional write that was
// applied directly follows the state that it was conditional on, so in any
// order that explains the record each chain (a blind write, or the initial
// state, and the conditional writes on it) stands together as one block. This
// file contracts chains into blocks; chain.go judges the order inside each,
// zones.go the order between them. A key without blind writes is one block, a
// key without conditional ones is all blocks of one state.
//
// Complete for reads and writes: block A must precede B exactly when something
// in A ended before something in B began; if such demands contradict each
// other at all, then two blocks contradict each other directly
// (f_A < s_B, f_B < s_C, f_C < s_A and no two of them in conflict would give
// f_A >= s_C > f_B >= s_A > f_C >= s_B > f_A), so looking at pairs is enough;
// and any order of the blocks, each in its own inner order, respects the clock.
// The idea follows Gibbons and Korach (1997) and Fan and Golab (2018).

// chainBlock is one chain of states.
type chainBlock struct {
	head     int32 // its first state
	headCall int64 // the earliest instant at which it may have begun
	f, s     int64 // earliest end and latest beginning of its requests
	fAt, sAt int32
}

// chains is the order of a key's states, as far as the record fixes it.
type chains struct {
	blocks  []chainBlock
	blockOf []int32 // by state; none for states that never were
	place   []int32 // by state: how many stand before it in its block
	after   []int64 // by state: the latest beginning of all that its block holds up to its write
	afterAt []int32
	last    []int32 // by state: the read of it that began last
	early   []int32 // by state: the read of it that ended first

	conditional, blind int64
	contradictions     []contradiction
}

// contradiction is one reason why no order explains the record.
type contradiction struct {
	kind     contradictionKind
	a, b     int32    // states
	requests [4]int32 // see the kinds
}

type contradictionKind uint8

const (
	twice   contradictionKind = iota // two conditional writes were applied to one state: a and b
	phantom                          // state a was read and nobody wrote it: requests[0] is the read
	circle                           // a chain of conditions comes back to its beginning: state a
	late                             // requests[0], of state a, ended before requests[1] began, which came before it in the chain (of state b)
	crossed                          // block of a is older and newer than block of b: [0] of a ended before [1] of b began, [2] of b before [3] of a
)

// order works out the chains of a key, in O(n log n), once.
func (k *keyView) order() *chains {
	if k.chain != nil {
		return k.chain
	}
	n := len(k.states)
	o := &chains{blockOf: fill(n), place: fill(n), after: make([]int64, n), afterAt: fill(n), last: fill(n), early: fill(n)}
	k.chain = o
	for i := range k.requests {
		r := &k.requests[i]
		s := k.made[i]
		if r.step != read || s < 0 {
			continue
		}
		if l := o.last[s]; l == none || r.call > k.requests[l].call {
			o.last[s] = int32(i)
		}
		if e := o.early[s]; e == none || r.ret < k.requests[e].ret {
			o.early[s] = int32(i)
		}
	}
	k.link(o)
	k.contract(o)
	k.sweepZones(o)
	return o
}

// exists reports whether a state belongs to the order. One that may have come
// back has no place in it; what was built on it stands as if it were blind.
func (k *keyView) exists(s int) bool {
	return s == int(initial) || k.states[s].effective() && !k.states[s].loose
}

// link sets next, the conditional successor of each state.
func (k *keyView) link(o *chains) {
	for s := 1; s < len(k.states); s++ {
		st := &k.states[s]
		if !k.exists(s) || !st.strict {
			continue
		}
		o.conditional++
		base := &k.states[st.base]
		if base.next == none {
			base.next = int32(s)
			continue
		}
		if k.deletes(base.next) && k.deletes(int32(s)) { // what is deleted twice is gone all the same (RFC 9110, 13.1.1)
			other := &k.states[base.next]
			began := min(st.call, other.call)
			if st.ret < other.ret {
				base.next, other = int32(s), st
			}
			other.call = began // either may have been the one, and it was over when the first was answered
			continue
		}
		o.contradictions = append(o.contradictions, contradiction{kind: twice, a: base.next, b: int32(s)})
	}
	for s := range k.states { // one that was not answered may have been the one, too
		if st := &k.states[s]; st.effect == unknown && !st.seen && st.base >= 0 && k.deletes(int32(s)) {
			if next := k.states[st.base].next; next != none && k.deletes(next) {
				k.states[next].call = min(k.states[next].call, st.call)
			}
		}
	}
}

// contract walks every chain from its head and judges it on the way.
func (k *keyView) contract(o *chains) {
	earliest := k.earliestBlind()
	for s := range k.states {
		st := &k.states[s]
		if early := o.early[s]; st.loose && early != none && k.requests[early].ret < st.call {
			o.contradictions = append(o.contradictions, contradiction{kind: late, a: int32(s), b: int32(s), requests: [4]int32{early, k.firstDelivery(int32(s))}})
		}
		if !k.exists(s) || st.strict {
			continue
		}
		call, ret := st.call, st.ret
		switch {
		case s == int(initial):
		case st.write == none:
			call = earliest
			seen := o.early[s]
			if k.whole && (k.identify != "version" || earliest == forever) || seen != none && k.requests[seen].ret < earliest {
				o.contradictions = append(o.contradictions, contradiction{kind: phantom, a: int32(s), requests: [4]int32{seen}})
				call = never
			}
		default:
			o.blind++
		}
		if st.effect == refused {
			ret = forever
		}
		k.sweepChain(o, int32(s), call, ret)
	}
	for s := range k.states {
		if k.exists(s) && o.blockOf[s] == none && k.states[k.states[s].base].next == int32(s) {
			o.contradictions = append(o.contradictions, contradiction{kind: circle, a: int32(s)})
			return
		}
	}
}

// earliestBlind is the earliest beginning of a write whose state has no name:
// such a write may have made an orphan. A cut history may lack writes, so
// there an orphan may be of any time.
func (k *keyView) earliestBlind() int64 {
	if !k.whole {
		return never
	}
	earliest := forever
	for s := range k.states {
		st := &k.states[s]
		if st.write >= 0 && st.effect != refused && k.name(&k.requests[st.write]) == 0 || st.write >= 0 && st.effect == unknown && k.identify == "version" {
			earliest = min(earliest, st.call)
		}
	}
	return earliest
}
