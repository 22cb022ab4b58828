package locking

import (
	"strconv"
	"strings"

	"tussle/history"
	"tussle/runner/dialect"
)

// LivelockAfter is how many times in a row an operation has the same version
// refused as stale, though it read again each time, before it gives up. Nobody
// else committed meanwhile, or the version would have changed; so the next
// attempt would be refused as well.
const LivelockAfter = 8

// livelocked counts a refusal and reports whether the operation spins, with
// the reason.
func (m *Machine) livelocked(a *dialect.Answer) (reason string, spins bool) {
	if a.Class != history.Stale || !m.Dialect.Writes(m.Ask.Step) || m.Ask.Expect == "" {
		return "", false
	}
	if m.Ask.Expect != m.stuckOn {
		m.stuckOn, m.stuck = m.Ask.Expect, 0
	}
	if m.stuck++; m.stuck < LivelockAfter {
		return "", false
	}
	m.Livelock = "livelock: the version " + m.stuckOn + " was refused as stale " + strconv.Itoa(m.stuck) +
		" times in a row, and every read in between gave it again: " + whyLivelock(m.stuckOn)
	return m.Livelock, true
}

// whyLivelock says what a version that is current and refused may come from.
func whyLivelock(version string) string {
	if strings.HasPrefix(version, "W/") {
		return "it is a weak entity tag, and If-Match compares strongly, so a weak one never matches (RFC 9110, 13.1.1)"
	}
	return "reads lag behind writes (a cache or a replica), or the target compares versions in another form than it sends them"
}
