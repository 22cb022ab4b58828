package scenarios

// faultKind says which keys a fault needs and which it may have, besides
// kind, share, count, from, for, every, strategies and min_effective.
type faultKind struct {
	name   string
	needs  []string
	may    []string
	window bool // of the process or of time: takes no share, step or count of requests
	store  bool // at the store's statements: a relay stands before it
}

// faultKinds lists the faults in the order in which they are documented.
var faultKinds = []faultKind{
	{name: "lost-response", may: []string{"step"}},
	{name: "duplicate", may: []string{"step", "delay"}},
	{name: "replay", may: []string{"step", "delay"}},
	{name: "reset-before", may: []string{"step"}},
	{name: "reset-during", may: []string{"step", "bytes"}},
	{name: "reset-after", may: []string{"step", "delay"}},
	{name: "slow-body", needs: []string{"delay"}, may: []string{"step"}},
	{name: "partial-body", may: []string{"step", "bytes"}},
	{name: "last-byte", may: []string{"step", "delay"}},
	{name: "latency", needs: []string{"delay"}, may: []string{"step"}},
	{name: "holder-crash"},
	{name: "holder-pause", needs: []string{"delay"}},
	{name: "herd", window: true},
	{name: "gzip", may: []string{"step"}},
	{name: "stale-replica", may: []string{"delay"}},
	{name: "kill", window: true},
	{name: "pause", window: true},
	{name: "cut-before-commit", may: []string{"match"}, store: true},
	{name: "cut-after-commit", may: []string{"match"}, store: true},
	{name: "store-error", needs: []string{"code"}, may: []string{"match"}, store: true},
	{name: "store-delay", needs: []string{"delay"}, may: []string{"match"}, store: true},
	{name: "pool-exhausted", needs: []string{"for"}, window: true, store: true},
}

// FaultKinds lists the names of the faults.
func FaultKinds() []string {
	var names []string
	for _, k := range faultKinds {
		names = append(names, k.name)
	}
	return names
}

// AtStore reports whether a fault strikes statements on their way to the
// target's store, where a relay has to stand.
func (f *Fault) AtStore() bool {
	for _, k := range faultKinds {
		if k.name == f.Kind {
			return k.store
		}
	}
	return false
}
