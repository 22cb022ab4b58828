package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// Locks lapse, as leases do, but the item does not ask for the fencing token:
// a holder that was paused for longer than its lease writes over what the next
// holder wrote.
//
// Origin: Jepsen's report on etcd 3.4.3 ("locks are fundamentally unsafe"),
// amazon-dynamodb-lock-client#1, bsm/redislock#93.
var leaseWithoutFencing = Defect{
	Name: "lease-without-fencing", ID: "B29",
	Title:    "a write is taken from a holder whose lease has lapsed",
	Origin:   "awslabs/amazon-dynamodb-lock-client#1",
	Property: "fencing", Twin: "lease",
	Apply: func(t *memory.Target) error {
		t.Replace("lease", trustsHolders{lease(t)})
		return nil
	},
}

type trustsHolders struct{ *memory.Lease }

func (s trustsHolders) Write(_ context.Context, w api.Write) (api.Item, bool, error) {
	created := false
	st, err := s.Update(w.Key, func(st *memory.State) error {
		if err := memory.CheckNoneMatch(w.Guard, *st); err != nil {
			return err
		}
		created = !st.Exists
		st.Set(w) // Lock-Token and Fence are for the lock service, not for us
		return nil
	})
	return memory.ItemOf(w.Key, st), created, err
}
