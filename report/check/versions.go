package check

// One version, one state. Where a tag in the resource tells states apart, the
// versions that came along can be checked: a version that names two states
// protects neither from a write that is conditional on it, and a client that
// goes on with the version it was given is misled. One state may have several
// versions (a weak tag that becomes strong, a -gzip form). Part of register;
// O(n).

// checkVersions reports versions that two states share: of reads, and of the
// answers to accepted writes.
func (c *Case) checkVersions(k *keyView, t *tally) {
	if k.identify != "tag" {
		return
	}
	owner := fill(k.texts.len()) // version -> the first request that was told it
	reported := map[uint32]bool{}
	for i := range k.requests {
		r, s := &k.requests[i], k.versionOf(int32(i))
		if s < 0 {
			continue
		}
		first := owner[r.version]
		if first == none {
			owner[r.version] = int32(i)
			continue
		}
		was, at := k.versionOf(first), int32(i)
		if was == s || reported[r.version] {
			continue
		}
		reported[r.version] = true
		t.found(1, func() Finding {
			sentence := "version " + k.texts.text(r.version) + " was told for " + k.stateName(was) + " and for " + k.stateName(s) +
				", so a write that is conditional on it cannot tell them apart"
			return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: at, offends: true})
		})
	}
}

// versionOf is the state that request i was told a version for, none when it
// was told none.
func (k *keyView) versionOf(i int32) int32 {
	r := &k.requests[i]
	switch {
	case r.version == 0 || !r.good():
		return none
	case r.step == setup:
		return initial
	case r.step == read, r.writes() && r.effect == applied:
		return k.made[i]
	}
	return none
}
