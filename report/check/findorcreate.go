package check

import "strings"

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

// untoldOnce decides nothing of a name that several creates were accepted for,
// where nothing tells which of them made the object: not their answers, and
// not that the one that claims it is there at the end.
func (k *keyView) untoldOnce(t *tally, claims int32) {
	if len(k.untold) == 0 || t.violations > 0 {
		return
	}
	if claims != none && k.final != none && k.made[k.final] >= 0 && k.made[k.final] == k.made[claims] {
		return
	}
	r := &k.requests[k.untold[0]]
	t.cannot("the answers to " + count(int64(len(k.untold)), "accepted create") + " of " + k.key + " (" + number(int64(r.status)) +
		") do not say who made what is there; capture the tag or the key in the create step, or add an outcome with class \"exists\" for those that made nothing")
}
