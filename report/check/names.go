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

// promises is what a strategy promises of a workload when its scenario does
// not say; each row ends with whether a lock that expires without fencing
// promises it too.
var promises = []struct {
	workload string
	property string
	unfenced bool
}{
	{kindCounter, noLostUpdate, false},
	{kindCounter, counterBounds, false},
	{kindRegister, noLostUpdate, false},
	{kindRegister, register, false},
	{kindAppend, noLostUpdate, false},
	{kindAppend, appendOnly, false},
	{kindCreateOnce, createOnce, true}, // names are created, no state is built upon
	{kindLifecycle, noLostUpdate, false},
	{kindLifecycle, lifecycle, false},
	{kindParentChild, parentChild, true},
	{kindTransfer, noLostUpdate, false},
	{kindTransfer, conservation, false},
	{kindPair, noLostUpdate, false},
	{kindPair, writeSkew, false},
	{kindLease, mutualExclusion, true},
	{kindLease, fencing, false},
}

// Promises returns what a strategy promises when its scenario does not say:
// with optimistic, server-side and pessimistic locking no lost update and the
// workload's own property, with locks that expire only when they are fenced,
// with locking none nothing. fenced is true for locks that carry fencing
// tokens and for locks that do not expire.
//
// The scenario loader fills in the same and may be overridden by the scenario
// (optimistic locking cannot keep write-skew: a version on one resource says
// nothing about two). This table is its documentation; a plan's own promises
// are what is judged.
func Promises(locking, workload string, fenced bool) []string {
	out := []string{}
	if locking == "none" || locking == "" {
		return out
	}
	for _, p := range promises {
		switch {
		case p.workload != workload:
		case locking == "pessimistic" && !fenced && !p.unfenced:
		default:
			out = append(out, p.property)
		}
	}
	return out
}
