package defects

import (
	"context"
	"time"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// A transfer locks the account to debit, then the one to credit. One from a to
// b and one from b to a each get their first lock and wait for the other's.
// That their clients lose patience does not end it, only a limit on waiting
// for a lock does (InnoDB's is 50 s; three seconds here).
//
// Origin: paperclip#12044 (36 such errors in a month), dstackai/dstack#2379,
// ruma#147; closeio/sync-engine#437 for locks that are upgraded.
var deadlockTwoLocks = Defect{
	Name: "deadlock-two-locks", ID: "B34",
	Title:    "a transfer takes its two locks in the order of its arguments",
	Origin:   "dstackai/dstack#2379",
	Property: "progress", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", &locksAsGiven{ServerSide: serverSide(t)})
		return nil
	},
}

type locksAsGiven struct {
	*memory.ServerSide
	locks mutexes
}

func (s *locksAsGiven) Transfer(ctx context.Context, t api.Transfer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := s.locks.lock(ctx, t.From); err != nil {
		return err
	}
	defer s.locks.unlock(t.From)
	pause() // the balance is looked at
	if err := s.locks.lock(ctx, t.To); err != nil {
		return err
	}
	defer s.locks.unlock(t.To)
	return s.ServerSide.Transfer(ctx, t)
}
