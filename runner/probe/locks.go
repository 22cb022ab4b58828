package probe

import (
	"context"
	"strconv"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
)

// leaseTTL is the shortest time for which every dialect can ask.
const leaseTTL = time.Second

// lock asks for a lock. One that another holds is given up after lockWait, if
// the server makes us wait.
func (q *party) lock(ctx context.Context, t *thing, ttl time.Duration, free bool) reply {
	var wait time.Duration // 0: as long as the scenario says
	if !free {
		wait = q.lockWait
	}
	return q.within(ctx, wait, history.StepLock, t, func(v *dialect.Vars) {
		v.Set(dialect.Wait, dialect.Text{S: "0s"})
		if own := q.line.Dialect().TTL(history.StepLock); ttl == 0 && own > 0 {
			ttl = max(own, 10*time.Second) // it shall not lapse meanwhile
		}
		if ttl > 0 {
			v.Set(dialect.TTL, dialect.Text{S: ttl.String()})
		}
	})
}

func (q *party) unlock(ctx context.Context, t *thing, h held) reply {
	return q.do(ctx, history.StepUnlock, t, h.know)
}

// denied reports whether a lock was not granted; a server may let us wait.
func denied(r reply) bool {
	return r.refused() || r.class == history.Timeout || r.class == history.Throttled
}

// guards reports whether writes present the lock, so that the server can look
// at it.
func (p *prober) guards() bool {
	return p.uses(history.StepWrite, dialect.Lock) || p.uses(history.StepWrite, dialect.Fence)
}

// locks asks what a lock is worth.
func (p *prober) locks(ctx context.Context) {
	a, b := p.parties[0], p.parties[1]
	lapsing, lapse := p.lease(ctx)

	t, _ := p.fresh(ctx)
	other, _ := p.fresh(ctx)
	mine := a.lock(ctx, t, 0, true)
	if !mine.ok() {
		stop(alone(mine, "a lock of a resource that nobody holds"))
	}
	p.row("a lock is granted", judged(mine.held.lock.S != ""), mine.said()+because(mine.held.fence.S != "", " with a token and a fencing number", because(mine.held.lock.S != "", " with a token", " without a token")), mine)

	second := b.lock(ctx, t, 0, false)
	if second.class == history.Timeout {
		p.lockWait = 100 * time.Millisecond
	}
	p.row("a second lock is refused while it is held", judged(denied(second)), second.said()+because(second.class == history.Timeout, ": the server lets us wait", ""), mine, second)
	if second.ok() {
		b.unlock(ctx, t, second.held)
	}
	p.outsiders(ctx, t, other, mine)

	p.settle(ctx)
	now := a.read(ctx, t).state
	w := a.write(ctx, t, now, mine.held)
	p.row("the holder's write is accepted", judged(w.ok()), w.said(), mine, w)
	seen := b.read(ctx, t)
	if w.ok() {
		p.row("a read shows the write that was acknowledged before it", judged(seen.state.value == w.value),
			because(seen.state.value == w.value, "it does", "it shows an older state"), w, seen)
	}
	u := a.unlock(ctx, t, mine.held)
	next := b.lock(ctx, t, 0, true)
	p.row("a lock that was given back is free", judged(u.ok() && next.ok()), "unlocking "+u.said()+", the next lock "+next.said(), u, next)
	if p.guards() {
		late := a.write(ctx, t, seen.state, mine.held)
		p.row("a token that was given back is refused", judged(late.refused()), late.said()+because(late.ok(), ": it was overwritten under another's lock", ""), u, late)
	}
	if mine.held.fence.S != "" && next.ok() {
		p.grows(mine, next)
	}
	p.reason("a refused lock says why", second)
	if next.ok() {
		b.unlock(ctx, t, next.held)
	}
	p.lapsed(ctx, lapsing, lapse)
}

// outsiders tries to pass the lock in every other way.
func (p *prober) outsiders(ctx context.Context, t, other *thing, mine reply) {
	b := p.parties[1]
	now := b.read(ctx, t).state
	none := b.write(ctx, t, now, held{})
	theirs := b.lock(ctx, other, 0, true)
	if !p.guards() {
		p.row("a write without the token is refused", Noted, none.said()+": writes do not present the lock")
	} else {
		p.row("a write without the token is refused", judged(none.refused()), none.said()+because(none.ok(), ": it was overwritten under another's lock", ""), mine, none)
		bogus := mine.held
		bogus.lock.S = madeUp(bogus.lock.S)
		made := b.write(ctx, t, now, bogus)
		p.row("a write with a made-up token is refused", judged(made.refused()), made.said()+because(made.ok(), ": it was overwritten under another's lock", ""), mine, made)
		const promise = "a write with the token of another lock is refused"
		switch foreign := b.write(ctx, t, now, theirs.held); {
		case foreign.refused():
			p.row(promise, Holds, foreign.said())
		default: // a client that does this is wrong itself
			p.row(promise, Noted, foreign.said()+": the server does not ask which resource the token is of")
		}
	}
	u := b.unlock(ctx, t, theirs.held)
	again := b.lock(ctx, t, 0, false)
	p.row("nobody else can unlock it", judged(denied(again)), "unlocking with the token of another lock "+u.said()+", then a lock "+again.said(), mine, u, again)
	if again.ok() {
		b.unlock(ctx, t, again.held)
	}
	b.unlock(ctx, other, theirs.held)
}

// grows judges fencing numbers.
func (p *prober) grows(first, next reply) {
	x, err1 := strconv.ParseInt(first.held.fence.S, 10, 64)
	y, err2 := strconv.ParseInt(next.held.fence.S, 10, 64)
	if err1 != nil || err2 != nil {
		p.row("fencing numbers grow", Violated, "they are no numbers", first, next)
		return
	}
	p.row("fencing numbers grow", judged(x < y), because(x < y, "they do", "they do not"), first, next)
}

// lease takes a lock that is meant to lapse while the probe goes on.
func (p *prober) lease(ctx context.Context) (*thing, reply) {
	if p.parties[0].line.Dialect().TTL(history.StepLock) <= 0 {
		return nil, reply{}
	}
	t, _ := p.fresh(ctx)
	r := p.parties[0].lock(ctx, t, leaseTTL, true)
	p.leased = time.Now()
	return t, r
}

// lapsed comes back to that lock.
func (p *prober) lapsed(ctx context.Context, t *thing, lock reply) {
	if t == nil || !lock.ok() {
		return
	}
	a, b := p.parties[0], p.parties[1]
	rest(ctx, time.Until(p.leased.Add(leaseTTL+200*time.Millisecond)))
	next := b.lock(ctx, t, 0, false)
	if !next.ok() {
		p.row("a lapsed lock is given to the next", Noted, next.said()+": still held, though it was asked for 1 s; the server chose another time")
		a.unlock(ctx, t, lock.held)
		return
	}
	p.row("a lapsed lock is given to the next", Holds, next.said())
	w := b.write(ctx, t, b.read(ctx, t).state, next.held)
	late := a.write(ctx, t, a.read(ctx, t).state, lock.held)
	if p.guards() {
		p.row("a write of a holder whose lock lapsed is refused", judged(late.refused()),
			late.said()+because(late.ok(), ": it was overwritten under another's lock", ""), lock, next, w, late)
	} else {
		p.row("a write of a holder whose lock lapsed is refused", Noted, late.said()+": writes do not present the lock")
	}
	b.unlock(ctx, t, next.held)
}
