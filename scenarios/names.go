package scenarios

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
