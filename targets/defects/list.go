package defects

import (
	"fmt"
	"strings"
)

// All are the defects, in the order of the catalogue.
var All = []Defect{
	ifMatchIgnored,
	ifMatchNotAtomic,
	createNotAtomic,
	etagSeconds,
	oldETagInAnswer,
	abaVersionRestart,
	counterReadThenSave,
	patchOverStaleCopy,
	transferCheckThenDebit,
	conflictAfterCommit,
	ackButDropped,
	writeSkewSnapshot,
	retryAppliesTwice,
	idempotencyCheckThenStore,
	unlockBeforeCommit,
	leaseWithoutFencing,
	unlockAnyonesLock,
	lockLeakedOnError,
	deadlockTwoLocks,
	perProcessLock,
	uniqueWithoutIndex,
	childOfDeletedParent,
	staleReplica,
	ackBeforeDurable,
}

// Find returns the defect of that name.
func Find(name string) (Defect, error) {
	names := make([]string, len(All))
	for i, d := range All {
		if d.Name == name {
			return d, nil
		}
		names[i] = d.Name
	}
	return Defect{}, fmt.Errorf("unknown defect %q: expected one of %s", name, strings.Join(names, ", "))
}
