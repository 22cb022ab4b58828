package api

import (
	"bytes"
	"context"
	"hash/fnv"
	"sync"
	"time"
)

// Answer is a stored answer, for replay.
type Answer struct {
	Status   int
	ETag     string
	Location string
	Allow    string
	Retry    time.Duration
	Problem  bool // body is a problem
	Body     []byte
}

// Keyring runs what carries an Idempotency-Key. print is a fingerprint of
// method, path and body. An error is a refusal of the request itself; run's
// own refusals are answers.
type Keyring interface {
	Do(key string, print uint64, run func() Answer) (Answer, error)
}

// keyLimit is how many answers a keyring remembers; the oldest goes first.
const keyLimit = 1 << 18

type keyring struct {
	mu    sync.Mutex
	known map[string]*kept
	order []string // ring of the keys, in order of arrival
	next  int
}

type kept struct {
	print  uint64
	done   bool
	answer Answer
}

// NewKeyring makes a keyring that follows the Idempotency-Key draft: the
// same key and payload replays the stored answer, is refused with 409 while
// the first is outstanding, and with 422 when the payload differs. Conflicts and
// answers of 500 and above are not stored.
func NewKeyring() Keyring { return &keyring{known: map[string]*kept{}} }

func (k *keyring) Do(key string, print uint64, run func() Answer) (Answer, error) {
	k.mu.Lock()
	if e := k.known[key]; e != nil {
		defer k.mu.Unlock()
		switch {
		case e.print != print:
			return Answer{}, Refuse(422, "idempotency-key-reused", "the key came with another payload before")
		case !e.done:
			return Answer{}, Refuse(409, "request-in-flight", "the first request with this key is outstanding; send it again later")
		}
		return e.answer, nil
	}
	e := &kept{print: print}
	k.known[key] = e
	k.remember(key)
	k.mu.Unlock()

	stored := false
	defer func() { // also when run panics
		k.mu.Lock()
		defer k.mu.Unlock()
		if e.done = stored; !stored {
			delete(k.known, key)
		}
	}()
	a := run()
	e.answer = a
	stored = final(a.Status)
	return a, nil
}

// final reports whether an answer is the last word on its request. A refusal
// because of what others do at the moment is not: nothing was done, and the
// same request may well succeed when it is sent again. Replayed, a single
// serialization failure would be one for ever.
func final(status int) bool {
	switch status {
	case 409, 412, 423, 429:
		return false
	}
	return status < 500
}

// remember enters the key into the ring and forgets the one that it replaces.
func (k *keyring) remember(key string) {
	if len(k.order) < keyLimit {
		k.order = append(k.order, key)
		return
	}
	if old := k.known[k.order[k.next]]; old != nil && old.done {
		delete(k.known, k.order[k.next])
	}
	k.order[k.next] = key
	k.next = (k.next + 1) % keyLimit
}

// keyedWithin bounds the work on a request whose client has gone.
const keyedWithin = 30 * time.Second

// once runs do, under the request's idempotency key if it has one. What has a
// key goes on when its client goes: given up in the middle of a commit, nobody
// would know what to answer to the same key.
func (s *Server) once(x *exchange, do func() error) error {
	key := x.r.Header.Get("Idempotency-Key")
	if key == "" {
		return do()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), keyedWithin)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	h := fnv.New64a()
	for _, part := range [...]string{x.r.Method, "\x00", x.r.URL.Path, "\x00"} {
		_, _ = h.Write([]byte(part)) // never fails
	}
	_, _ = h.Write(x.in)
	ran := false
	a, err := s.opt.Keys.Do(x.seg[0]+"\x00"+key, h.Sum64(), func() Answer {
		ran = true
		if err := do(); err != nil {
			s.refuse(x, err)
		}
		return Answer{Status: x.status, ETag: x.etag, Location: x.loc, Allow: x.allow, Retry: x.retry,
			Problem: &x.kind[0] == &problemType[0], Body: bytes.Clone(x.out)}
	})
	if err != nil || ran {
		return err
	}
	x.status, x.etag, x.loc, x.allow, x.retry = a.Status, a.ETag, a.Location, a.Allow, a.Retry
	x.out = append(x.out[:0], a.Body...)
	if a.Problem {
		x.kind = problemType
	}
	return nil
}
