package check

// One chain of conditional writes: w1, the reads of its state, w2 (conditional
// on that state), its reads, and so on. The chain fixes the order of all its
// requests up to the order of reads of one state, so it explains the record
// exactly when no request ended before one that stands earlier began.
//
// Proven both ways, unanswered writes included: one whose state was seen has
// an interval without end, one whose state was never seen is left out (that it
// never happened explains as much). One sweep, O(n).

// sweepChain walks the chain from head, whose write lies within [call, ret].
func (k *keyView) sweepChain(o *chains, head int32, call, ret int64) {
	b := chainBlock{head: head, headCall: call, f: forever, s: never, fAt: none, sAt: none}
	t, tAt, tState := never, none, none // the latest beginning so far
	at, place := int32(len(o.blocks)), int32(0)
	demand := func(call, ret int64, request, s int32) {
		if ret < t {
			o.contradictions = append(o.contradictions, contradiction{kind: late, a: s, b: tState, requests: [4]int32{request, tAt}})
		}
		if ret < b.f || b.fAt == none && ret == b.f {
			b.f, b.fAt = ret, request
		}
		if call > t {
			t, tAt, tState = call, request, s
		}
	}
	for s := head; s != none && o.blockOf[s] == none; s = k.states[s].next {
		st := &k.states[s]
		o.blockOf[s], o.place[s] = at, place
		place++
		if s != head {
			call, ret = st.call, st.ret
			if st.effect == refused {
				ret = forever
			}
		}
		demand(call, ret, st.write, s)
		o.after[s], o.afterAt[s] = t, tAt
		if early := o.early[s]; early != none {
			demand(never, k.requests[early].ret, early, s)
			last := o.last[s]
			demand(k.requests[last].call, forever, last, s)
		}
	}
	b.s, b.sAt = t, tAt
	o.blocks = append(o.blocks, b)
}
