package history

// The names that who writes scenarios, who carries them out and who judges
// them share. Each list is in the order of the documentation.
var (
	// Properties lists what a strategy may promise.
	Properties = []string{"no-lost-update", "last-read", "one-version-one-state", "counter-bounds", "register", "append-only", "create-once", "lifecycle", "parent-child",
		"conservation", "write-skew", "mutual-exclusion", "fencing", "honest-refusals", "session-guarantees", "progress", "durability"}
	// Workloads lists the built-in kinds of workload.
	Workloads = []string{"counter", "register", "append", "create-once", "lifecycle", "parent-child", "transfer", "pair", "lease"}
	// Lockings lists the kinds of locking.
	Lockings = []string{"optimistic", "pessimistic", "server-side", "none"}
)
