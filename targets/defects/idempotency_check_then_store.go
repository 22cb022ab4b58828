package defects

import (
	"sync"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// The key is looked up before the work and stored after it. A copy of the
// request that arrives while the first one is at work finds nothing and does
// the work as well. Sent one after the other, the second gets its replay.
//
// Origin: mastodon/mastodon#37879, mitos#240, grape-idempotency#10,
// zoneless#134.
var idempotencyCheckThenStore = Defect{
	Name: "idempotency-check-then-store", ID: "B23",
	Title:    "an idempotency key is stored only after the work",
	Origin:   "mastodon/mastodon#37879",
	Property: "counter-bounds", Needs: "fault", Twin: "server-side",
	Apply: func(t *memory.Target) error {
		t.Keys = &lateKeyring{answers: map[string]kept{}}
		return nil
	},
}

type lateKeyring struct {
	mu      sync.Mutex
	answers map[string]kept
}

type kept struct {
	print  uint64
	answer api.Answer
}

func (k *lateKeyring) Do(key string, print uint64, run func() api.Answer) (api.Answer, error) {
	k.mu.Lock()
	known, ok := k.answers[key]
	k.mu.Unlock()
	if ok && known.print != print {
		return api.Answer{}, api.Refuse(422, "idempotency-key-reused", "the key came with another payload before")
	}
	if ok {
		return known.answer, nil
	}
	pause() // at work; the key is not there yet
	a := run()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answers[key] = kept{print, a}
	return a, nil
}
