package scenarios

func classNames() []string {
	f, _ := fieldNamed[Outcome]("class")
	return f.enum()
}

// ownProperty is the property that a workload exists to show.
var ownProperty = map[string]string{
	"counter":      "counter-bounds",
	"register":     "register",
	"append":       "append-only",
	"create-once":  "create-once",
	"lifecycle":    "lifecycle",
	"parent-child": "parent-child",
	"transfer":     "conservation",
	"pair":         "write-skew",
	"lease":        "mutual-exclusion",
}

// Properties lists what a strategy may promise.
func Properties() []string {
	return []string{"no-lost-update", "last-read", "one-version-one-state", "counter-bounds", "register", "append-only", "create-once", "lifecycle", "parent-child",
		"conservation", "write-skew", "mutual-exclusion", "fencing", "honest-refusals", "session-guarantees", "progress", "durability"}
}
