package defects

import (
	"context"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// A transfer locks both accounts and gives them back at the end, but returns
// early when the balance is too small. From then on, every transfer that needs
// one of the two waits until its client loses patience.
//
// Origin: jmix-framework/jmix#5552, owncloud#33170, converjon#107,
// ganttproject#12 (return before unlock on a validation error).
var lockLeakedOnError = Defect{
	Name: "lock-leaked-on-error", ID: "B31",
	Title:    "a refused transfer keeps its locks",
	Origin:   "jmix-framework/jmix#5552",
	Property: "progress", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Replace("server-side", &returnsEarly{ServerSide: serverSide(t)})
		return nil
	},
}

type returnsEarly struct {
	*memory.ServerSide
	locks mutexes
}

func (s *returnsEarly) Transfer(ctx context.Context, t api.Transfer) error {
	first, second := min(t.From, t.To), max(t.From, t.To)
	if err := s.locks.lock(ctx, first); err != nil {
		return err
	}
	if err := s.locks.lock(ctx, second); err != nil {
		s.locks.unlock(first)
		return err
	}
	_, _, err := s.UpdateBoth(t.From, t.To, func(from, to *memory.State) error { return memory.Move(t, from, to) })
	if err != nil {
		return err // and the locks?
	}
	s.locks.unlock(second)
	s.locks.unlock(first)
	return nil
}
