package defects

import (
	"context"

	"tussle/targets/memory"
)

// Unlocking deletes the lock without asking whose it is. A holder whose lease
// has lapsed gives back the lock of the one who came after, and a third gets
// it while the second still works.
//
// Origin: laravel/framework#26213, nexspence#223, jedis-lock#2 (DEL of the key
// instead of a compare-and-delete).
var unlockAnyonesLock = Defect{
	Name: "unlock-anyones-lock", ID: "B30",
	Title:    "unlocking removes whoever's lock it is",
	Origin:   "laravel/framework#26213",
	Property: "mutual-exclusion", Twin: "lease",
	Apply: func(t *memory.Target) error {
		t.Replace("lease", deletesTheKey{lease(t)})
		return nil
	},
}

type deletesTheKey struct{ *memory.Lease }

func (s deletesTheKey) Unlock(_ context.Context, key, _ string) error {
	s.Break(key) // DEL key
	return nil
}
