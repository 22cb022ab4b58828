package probe

import (
	"context"
	"time"

	"tussle/history"
)

// leaseTTL is the shortest time for which every dialect can ask.
const leaseTTL = time.Second

// locks asks what a lock is worth.
func (p *prober) locks(ctx context.Context) {
	if !p.has(history.StepWrite) {
		return
	}
	lapse := p.lease(ctx)
	p.ask(ctx, "lock", func(q *asking) { p.lockOf(ctx, q) })
	lapse(ctx)
}

func (p *prober) lockOf(ctx context.Context, q *asking) {
	a, b := p.parties[0], p.parties[1]
	other := q.made(ctx)
	t, first, ok := q.fresh(ctx)
	if !ok || other == nil {
		return
	}
	mine := a.lock(ctx, q, "mine", t, 0, true)
	if !mine.ok() {
		return
	}
	second := b.lock(ctx, q, "second", t, 0, false)
	if second.ok() {
		b.unlock(ctx, q, "second unlock", t, second.held)
	}
	if p.guards() {
		b.write(ctx, q, "no token", t, first.state, held{})
		bogus := mine.held
		bogus.lock.S = madeUp(bogus.lock.S)
		if mine.held.lock.S != "" {
			b.write(ctx, q, "made-up", t, first.state, bogus)
		}
	} else {
		b.write(ctx, q, "no token", t, first.state, held{})
	}
	if theirs := b.lock(ctx, q, "theirs", other, 0, true); theirs.ok() {
		if p.guards() {
			b.write(ctx, q, "foreign", t, first.state, theirs.held)
		}
		b.unlock(ctx, q, "foreign unlock", t, theirs.held)
		if again := b.lock(ctx, q, "after foreign", t, 0, false); again.ok() {
			b.unlock(ctx, q, "after foreign unlock", t, again.held)
		}
		b.unlock(ctx, q, "theirs unlock", other, theirs.held)
	}
	settle(ctx)
	now := a.read(ctx, q, "now", t)
	if !now.ok() {
		return
	}
	w, asked := a.write(ctx, q, "holder", t, now.state, mine.held)
	seen := now
	if asked && w.ok() {
		seen = p.shown(ctx, q, "seen", b, t, w, now.state)
	}
	u := a.unlock(ctx, q, "unlock", t, mine.held)
	next := p.free(ctx, q, "next", b, t)
	if !u.clear || !seen.ok() {
		return
	}
	if p.guards() && asked {
		a.write(ctx, q, "late", t, seen.state, mine.held)
	}
	if next.ok() {
		b.unlock(ctx, q, "next unlock", t, next.held)
	}
}

// free asks for a lock that nobody holds, and again a little later: a server
// may take a moment to give one back.
func (p *prober) free(ctx context.Context, q *asking, role string, by *party, t *thing) reply {
	r := by.lock(ctx, q, role, t, 0, true)
	if !r.ok() && r.class.Conflict() && p.patience > 0 {
		p.patience--
		rest(ctx, settling)
		r = by.lock(ctx, q, role, t, 0, true)
	}
	return r
}

// lease takes a lock that is meant to lapse while the probe goes on; the
// function comes back to it.
func (p *prober) lease(ctx context.Context) func(context.Context) {
	if p.parties[0].line.Dialect().TTL(history.StepLock) <= 0 {
		return func(context.Context) {}
	}
	q := p.begin("lapse")
	if p.guards() {
		q.attrs["guards"] = "true"
	}
	a, b := p.parties[0], p.parties[1]
	t, first, ok := q.fresh(ctx)
	var lock reply
	if ok {
		lock = a.lock(ctx, q, "mine", t, leaseTTL, true)
	}
	taken := time.Now()
	a.holding, a.ended = false, true
	return func(ctx context.Context) {
		defer q.end()
		if !lock.ok() {
			return
		}
		rest(ctx, time.Until(taken.Add(leaseTTL+200*time.Millisecond)))
		next := b.lock(ctx, q, "next", t, 0, false)
		if !next.ok() {
			a.unlock(ctx, q, "unlock", t, lock.held)
			return
		}
		b.write(ctx, q, "theirs", t, first.state, next.held)
		if now := a.read(ctx, q, "now", t); now.ok() {
			a.write(ctx, q, "late", t, now.state, lock.held)
		}
		b.unlock(ctx, q, "next unlock", t, next.held)
	}
}
