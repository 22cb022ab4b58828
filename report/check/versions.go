package check

// One version, one state. Optimistic locking stands on versions: one that names
// two states protects neither from a write that is conditional on it, and a
// client that goes on with the version it was given is misled. One state may
// have several versions (a weak tag that becomes strong, a -gzip form).
//
// Proven: that a version was told for two states, where a tag in the resource
// tells states apart; else that two reads of one version show different whole
// numbers. Not provable: that two writes which were given one version made two
// states, where neither is read. Cost: O(n).

func checkVersions(c *Case) Property {
	sum := c.perKey(c.versions)
	evidence := listed(count(sum.exercised, "time")+" that a version was told", count(sum.extra[0], "version"))
	return sum.verdict(evidence, "no answer told a version; capture it in read (version = \"header:ETag\")")
}

// versions reports versions that two states share: of reads, and of the answers
// to accepted writes.
func (c *Case) versions(k *keyView, t *tally) {
	owner := fill(k.texts.len()) // version -> the first request that was told it
	reported := map[uint32]bool{}
	for i := range k.requests {
		r, at := &k.requests[i], int32(i)
		if !k.tellsVersion(at) {
			continue
		}
		t.exercised++
		first := owner[r.version]
		if first == none {
			owner[r.version] = at
			t.extra[0]++
			continue
		}
		if reported[r.version] || !k.twoStates(first, at) {
			continue
		}
		reported[r.version] = true
		t.found(1, func() Finding {
			what, other := k.toldOf(first), k.toldOf(at)
			sentence := "version " + k.texts.text(r.version) + " was told for " + what + " and for " + other +
				", so a write that is conditional on it cannot tell them apart"
			return k.finding(c.strategy, sentence, exhibit{at: first, offends: true}, exhibit{at: at, offends: true})
		})
	}
}

// twoStates reports whether the states that two requests were told one version
// for differ for sure.
func (k *keyView) twoStates(a, b int32) bool {
	if k.identify == "tag" {
		s, u := k.told(a), k.told(b)
		return s >= 0 && u >= 0 && s != u
	}
	m, known := k.number(a)
	n, both := k.number(b)
	return known && both && m != n
}

// toldOf names the state that a request was told a version for.
func (k *keyView) toldOf(i int32) string {
	if k.identify == "tag" {
		return k.stateName(k.told(i))
	}
	n, _ := k.number(i)
	return "the value " + number(n)
}

// told is the state that an answer speaks of.
func (k *keyView) told(i int32) int32 {
	if k.requests[i].step == setup {
		return initial
	}
	return k.made[i]
}

// tellsVersion reports whether request i was told the version of a state that
// can be told from others.
func (k *keyView) tellsVersion(i int32) bool {
	r := &k.requests[i]
	switch {
	case r.version == 0 || !r.good():
		return false
	case k.identify != "tag":
		return r.step == read
	case r.step == read || r.step == setup:
		return true
	}
	return r.writes() && r.step != remove && r.effect == applied
}
