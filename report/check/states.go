package check

// A state of a key is named by the write that made it: by that write's tag,
// by the version that it was answered, or by its unique value (the strategy's
// "identify"). A read saw a state, a write was built on one and made one. From
// here on states are whole numbers.
const (
	initial int32 = 0  // what set-up left
	none    int32 = -1 // not known, or nothing
	absent  int32 = -2 // read: there is no such resource
)

// state is one state of a key.
type state struct {
	write int32 // the request that made it; none for the initial one and for orphans
	base  int32 // the state it was built on; none when it was blind
	next  int32 // used by the register's chains

	effect effectCode // of its write; noEffect for initial and orphans
	seen   bool       // a read saw it, or a request was conditional on it
	strict bool       // its write was conditional on its base
	resent bool       // its write was delivered more than once
	loose  bool       // so it may have come back

	call, ret int64 // interval of its write
}

// effective reports whether the state existed, as far as can be known.
func (s *state) effective() bool { return s.effect == applied || s.seen }

// keyView is a key's requests with their states resolved.
type keyView struct {
	*keyLog
	identify string
	whole    bool // the block ended, so nothing that happened is missing
	chained  bool // every write that was built on a state is taken for conditional on it
	guarded  bool // and is made under a lock
	faulty   bool // faults were planned, which may deliver a request twice

	states []state
	made   []int32 // by request: state that a write made; or that a read saw
	base   []int32 // by request: state that a write was built on
	from   []int32 // by request: the read that gave the base
	byText []int32 // text -> state
	clash  [2]int32
	blind  int32 // applied or unknown writes whose state has no name
	moves  bool  // some request moved an amount to another key
	born   bool  // a client created the key, and set-up did not: there was nothing at first

	onceOnly     bool    // the workload creates each key once
	tellsCreates bool    // a 2xx answer to a create always means that it made the object
	createIDs    bool    // the record has the id that the answer to a create gave
	found        int64   // accepted creates that show what another write had made
	untold       []int32 // accepted creates that do not say whether they made it

	delivered map[uint32]*wanted // by tag: writes that were delivered more than once

	final int32 // the read that shows what was left, none if there is none

	chain  *chains
	newer  int32 // see newerThanFinal
	sought bool
	pairs  int64 // pairs of operations by different clients that overlapped

}

func newKeyView(l *keyLog, identify string, whole, chained bool) *keyView {
	return &keyView{keyLog: l, identify: identify, whole: whole, chained: chained}
}

// name is the text that names the state of a write or read, 0 for none.
func (k *keyView) name(r *request) uint32 {
	switch k.identify {
	case "tag":
		if r.step == read || r.step == list {
			return r.ref
		}
		return r.tag
	case "version":
		return r.version
	case "value":
		return r.value
	}
	return 0
}

// index resolves states, in O(n).
func (k *keyView) index() {
	if k.states != nil {
		return
	}
	k.join()
	k.doubtCreates()
	n := len(k.requests)
	k.made, k.base, k.from = fill(n), fill(n), fill(n)
	k.byText = fill(k.texts.len())
	k.states = make([]state, 1, 1+n/2)
	k.states[initial] = state{write: none, base: none, next: none, call: never, ret: never}
	k.clash = [2]int32{none, none}
	k.indexWrites()
	k.findWanted()
	k.nameInitial()
	k.indexReads()
	k.loosen()
	k.markSeen()
	k.idleDeletes()
	k.findFinal()
	k.pairs = overlaps(k.requests)
}

func fill(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = none
	}
	return s
}

func (k *keyView) indexWrites() {
	made := false
	for i := range k.requests {
		r := &k.requests[i]
		k.born = k.born || r.step == create && r.name == 0
		made = made || r.step == setup
		if r.step == setup {
			if name := k.name(r); name != 0 {
				k.byText[name] = initial
			}
			continue
		}
		if !r.writes() {
			continue
		}
		k.moves = k.moves || r.step == transfer
		name := k.name(r)
		if k.identify == "version" && r.effect != applied {
			name = 0 // a refusal tells the version that is there, not one that it made
		}
		if name == 0 || k.byText[name] == none {
			k.made[i] = int32(len(k.states))
			if name != 0 {
				k.byText[name] = k.made[i]
			} else if r.effect != refused {
				k.blind++
			}
			k.states = append(k.states, state{write: int32(i), base: none, next: none, effect: r.effect, call: r.call, ret: r.end()})
			continue
		}
		k.again(int32(i), k.byText[name])
	}
	k.born = k.born && !made
}

// again handles a second write of the same name. The same tag is the same
// request delivered twice: one state, applied if one of them was. The same
// version or value for two writes leaves states that cannot be told apart.
func (k *keyView) again(i, s int32) {
	st, r := &k.states[s], &k.requests[i]
	k.made[i] = s
	if k.identify != "tag" || s == initial {
		if r.effect != refused && k.clash[0] == none {
			k.clash = [2]int32{st.write, i}
		}
		return
	}
	if r.effect == refused {
		return
	}
	if st.effect == refused || st.effect == unknown && r.effect == applied {
		st.write, st.effect, st.ret = i, r.effect, r.end()
		if r.effect == applied && st.call < r.call {
			st.ret = max(st.ret, k.requests[i].ret)
		}
	}
	st.call = min(st.call, r.call)
	st.ret = max(st.ret, r.end())
}

// nameInitial names the initial state when set-up was told no version: it is
// the unknown one that was seen first, before any write that may have made it
// began (in a cut record one may be missing). A key that clients create has
// none.
func (k *keyView) nameInitial() {
	if k.identify == "tag" {
		return
	}
	for _, s := range k.byText {
		if s == initial {
			return
		}
	}
	first, name := k.earliestBlind(), uint32(0)
	for i := range k.requests {
		if k.requests[i].step == create {
			return // there was nothing at first
		}
		if r := &k.requests[i]; r.step == read && r.good() && r.ret < first {
			if n := k.name(r); n != 0 && k.byText[n] == none {
				first, name = r.ret, n
			}
		}
	}
	if name != 0 {
		k.byText[name] = initial
	}
}

// stateOf is the state that a text names; a name that no write is known to
// have made is an orphan.
func (k *keyView) stateOf(name uint32) int32 {
	if k.byText[name] == none {
		k.byText[name] = int32(len(k.states))
		// In a cut record its write may be missing with all its deliveries.
		k.states = append(k.states, state{write: none, base: none, next: none, call: never, ret: forever, loose: !k.whole && k.identify == "tag" && !k.chained})
	}
	return k.byText[name]
}

func (k *keyView) indexReads() {
	var last perClient // its latest read
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == read && r.good():
			name := k.name(r)
			switch {
			case name != 0:
				k.made[i] = k.stateOf(name)
			case k.identify == "tag" && !k.born:
				k.made[i] = initial
			case k.identify == "tag" && r.value == 0 && r.version == 0:
				k.made[i] = absent // there was nothing at first, and nothing was told
			}
			last.set(r.client, int32(i))
		case r.gone():
			k.made[i] = absent
			last.set(r.client, int32(i))
		case r.writes():
			at, known := last.get(r.client)
			known = known && k.requests[at].op == r.op && (k.requests[at].attempt == r.attempt || r.attempt == 0) && k.requests[at].ret <= r.call
			if known {
				k.from[i] = at
			}
			switch {
			case r.ref != 0 && k.identify != "none":
				k.base[i] = k.stateOf(r.ref)
			case r.expect != 0 && k.identify == "version":
				k.base[i] = k.stateOf(r.expect)
			case known && k.made[at] >= 0:
				k.base[i] = k.made[at]
			}
			if m := k.made[i]; m >= 0 && k.states[m].write == int32(i) {
				k.states[m].base = k.base[i]
				k.states[m].strict = (r.expect != 0 || k.chained) && k.base[i] >= 0
			}
		}
	}
}

// markSeen finds the states that existed: those that a read saw or that a
// request was conditional on. A client can only name a state that it was shown.
func (k *keyView) markSeen() {
	for i := range k.requests {
		r, s := &k.requests[i], none
		switch {
		case r.step == read:
			s = k.made[i]
		case r.writes() && (r.expect != 0 || k.chained):
			s = k.base[i]
		}
		if s >= 0 {
			k.states[s].seen = true
		}
	}
}

// findFinal finds the read that began last, if it began after every accepted
// write had been answered.
func (k *keyView) findFinal() {
	k.final = none
	latest := never
	for i := range k.requests {
		r := &k.requests[i]
		if r.writes() && r.effect == applied {
			latest = max(latest, r.ret)
		}
		if r.step == read && (k.made[i] != none || r.good()) && (k.final == none || r.call > k.requests[k.final].call) {
			k.final = int32(i)
		}
	}
	if k.final != none && k.requests[k.final].call <= latest {
		k.final = none
	}
}

// blindlyBuilt reports whether request i changes or deletes whatever is there.
func (k *keyView) blindlyBuilt(i int32) bool {
	r := &k.requests[i]
	return (r.step == write || r.step == remove) && r.expect == 0 && r.lock == 0 && !k.guarded
}

// deletes reports whether a state was left by a delete.
func (k *keyView) deletes(s int32) bool {
	w := k.states[s].write
	return w >= 0 && k.requests[w].step == remove
}

// lastRead is the read that began last.
func (k *keyView) lastRead() int32 {
	best := none
	for i := range k.requests {
		if k.requests[i].step == read && k.made[i] != none && (best == none || k.requests[i].call > k.requests[best].call) {
			best = int32(i)
		}
	}
	return best
}
