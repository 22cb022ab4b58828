package check

// A tag stands for one write that was wanted. It may be delivered more than
// once: a proxy's duplicate, a late replay, a client that sends it again under
// one idempotency key because no answer came. However often it was accepted,
// it was wanted once, and counts once.

// wanted is a write with all its deliveries.
type wanted struct {
	first  int32 // the delivery that stands for all
	amount int32 // the one that tells the amount
	effect effectCode
	call   int64 // of the earliest that was not refused
	ret    int64 // by which it surely took effect: of the first that was accepted
}

// resent notes that the write of request i may have been carried out twice: a
// blind one brings its state back, a conditional one when its base came back.
func (k *keyView) resent(i int32) {
	r := &k.requests[i]
	if k.identify != "tag" || k.chained || r.step == create || r.step == remove {
		return
	}
	st := &k.states[k.made[i]]
	st.resent, st.loose = true, st.loose || r.expect == 0
}

// loosen finds the states that may have come back because their base may have.
func (k *keyView) loosen() {
	done := make([]bool, len(k.states))
	var path []int32
	for s := range k.states {
		path = path[:0]
		now := int32(s)
		for now >= 0 && k.states[now].resent && !k.states[now].loose && !done[now] {
			done[now] = true
			path = append(path, now)
			now = k.states[now].base
		}
		if now >= 0 && k.states[now].loose {
			for _, p := range path {
				k.states[p].loose = true
			}
		}
	}
	for s := range k.states {
		if st := &k.states[s]; st.strict && k.states[st.base].loose {
			st.strict = false
		}
	}
}

// findWanted collects the writes that were delivered more than once, and finds
// the states that may have come back by that.
func (k *keyView) findWanted() {
	seen := fill(k.texts.len())
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() || r.tag == 0 {
			continue
		}
		at := seen[r.tag]
		if at == none {
			seen[r.tag] = int32(i)
			if !k.whole && r.lock == 0 && (r.effect == unknown || k.faulty) {
				k.resent(int32(i)) // the record of a second delivery may be missing
			}
			continue
		}
		w := k.delivered[r.tag]
		if w == nil {
			if k.delivered == nil {
				k.delivered = map[uint32]*wanted{}
			}
			f := &k.requests[at]
			w = &wanted{first: at, amount: at, effect: f.effect, call: f.call, ret: f.end()}
			k.delivered[r.tag] = w
		}
		if r.effect == refused {
			continue
		}
		if w.effect == refused {
			w.effect, w.call, w.ret = r.effect, r.call, r.end()
			continue
		}
		// Under a lock its deliveries stand together, unless one comes late.
		if r.lock == 0 || r.call > w.ret {
			k.resent(int32(i))
		}
		w.call, w.ret = min(w.call, r.call), min(w.ret, r.end())
		if r.effect == applied {
			w.effect = applied
		}
	}
}

// write is request i as the write that was wanted, once: fresh is false for
// further deliveries, which count with the first.
func (k *keyView) write(i int32) (w wanted, fresh bool) {
	r := &k.requests[i]
	if r.tag != 0 {
		if w := k.delivered[r.tag]; w != nil {
			return *w, w.first == i
		}
	}
	return wanted{i, i, r.effect, r.call, r.end()}, true
}

// firstDelivery is the earliest request that may have made a state.
func (k *keyView) firstDelivery(s int32) int32 {
	for i := range k.requests {
		if r := &k.requests[i]; r.writes() && k.made[i] == s && r.call == k.states[s].call {
			return int32(i)
		}
	}
	return k.states[s].write
}

// delivery finds a write of a key that may have been carried out more than once
// by an instant: two deliveries of it that were not refused, those that were
// both accepted first. value is what it wrote, 0 for anything; said is what the
// sentence of a finding adds.
func (k *keyView) delivery(by int64, value uint32) (a, b int32, said string) {
	a, b = none, none
	if len(k.delivered) == 0 {
		return a, b, ""
	}
	first, best := fill(k.texts.len()), 0
	for i := range k.requests {
		r := &k.requests[i]
		if !r.writes() || r.effect == refused || k.delivered[r.tag] == nil || r.call > by || value != 0 && r.value != value {
			continue
		}
		at := first[r.tag]
		if at == none {
			first[r.tag] = int32(i)
			continue
		}
		accepted := 1
		for _, q := range []*request{r, &k.requests[at]} {
			if q.effect == applied {
				accepted++
			}
		}
		if accepted > best {
			a, b, best = at, int32(i), accepted
		}
	}
	if a == none {
		return a, b, ""
	}
	r := &k.requests[a]
	said = "; " + who(r.client) + "'s " + string(steps[r.step]) + " (tagged " + k.texts.text(r.tag) + ") was delivered more than once and counts once"
	return a, b, said
}
