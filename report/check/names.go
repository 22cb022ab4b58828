package check

// The names of the properties, as they stand in scenarios and in report.json.
const (
	noLostUpdate      = "no-lost-update"
	register          = "register"
	honestRefusals    = "honest-refusals"
	sessionGuarantees = "session-guarantees"
	counterBounds     = "counter-bounds"
	appendOnly        = "append-only"
	conservation      = "conservation"
	createOnce        = "create-once"
	lifecycle         = "lifecycle"
	parentChild       = "parent-child"
	mutualExclusion   = "mutual-exclusion"
	fencing           = "fencing"
	progress          = "progress"
	durability        = "durability"
	writeSkew         = "write-skew"
	oneVersion        = "one-version-one-state"
	lastRead          = "last-read"
)

// The kinds of workload that the checkers know.
const (
	kindCounter     = "counter"
	kindRegister    = "register"
	kindAppend      = "append"
	kindCreateOnce  = "create-once"
	kindLifecycle   = "lifecycle"
	kindParentChild = "parent-child"
	kindTransfer    = "transfer"
	kindPair        = "pair"
	kindLease       = "lease"
)
