package probe

import (
	"context"
	"strconv"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
)

// serverSide asks whether the steps that leave all work to the server do it.
func (p *prober) serverSide(ctx context.Context) {
	a, b := p.parties[0], p.parties[1]
	kind := p.session.Scenario().Workload.Kind
	switch {
	case p.has(history.StepAdd) && (kind == "counter" || kind == "lease"):
		p.ask(ctx, "additions", func(q *asking) {
			t, before, ok := q.fresh(ctx)
			if !ok {
				return
			}
			one := a.add(ctx, q, "one", t, "", "")
			if one.ok() && p.room(2) {
				b.add(ctx, q, "two", t, "", "")
			}
			p.shown(ctx, q, "after", a, t, one, before.state)
		})
		if p.strategy.IdempotencyKey {
			p.ask(ctx, "idempotency", func(q *asking) { p.once(ctx, q) })
		}
	case p.has(history.StepAppend) && kind == "append":
		p.ask(ctx, "appends", func(q *asking) {
			t, before, ok := q.fresh(ctx)
			if !ok {
				return
			}
			var r reply
			for i, role := range []string{"one", "two"} {
				r = p.parties[i].do(ctx, q, role, history.StepAppend, t, func(v *dialect.Vars, rec *history.Request) {
					rec.Tag = p.tag()
					rec.Value = rec.Tag
					v.Set(dialect.Value, dialect.Text{S: rec.Tag})
					v.Set(dialect.Tag, dialect.Text{S: rec.Tag})
				})
			}
			p.shown(ctx, q, "after", a, t, r, before.state)
		})
	case p.has(history.StepTransfer) && kind == "transfer":
		p.ask(ctx, "transfers", func(q *asking) { p.transfers(ctx, q) })
	}
}

// room reports whether so many additions stay below the workload's ceiling.
func (p *prober) room(n int64) bool {
	w := p.session.Scenario().Workload
	return w.Ceiling == nil || w.Initial+n*max(w.Amount, 1) <= *w.Ceiling
}

// once sends one addition twice under one idempotency key.
func (p *prober) once(ctx context.Context, q *asking) {
	a := p.parties[0]
	t, before, ok := q.fresh(ctx)
	if !ok {
		return
	}
	other := q.made(ctx)
	tag, key := p.tag(), p.session.ID()+"-"+strconv.Itoa(p.index)+"-once"
	first := a.add(ctx, q, "one", t, tag, key)
	if !first.ok() {
		return
	}
	a.ended = false // the same operation
	a.add(ctx, q, "again", t, tag, key)
	if r := p.shown(ctx, q, "after", a, t, first, before.state); r.ok() && other != nil {
		a.add(ctx, q, "other", other, p.tag(), key)
	}
}

func (c *party) transfer(ctx context.Context, q *asking, role string, from, to *thing, amount int64) reply {
	return c.within(ctx, 2*time.Second, q, role, history.StepTransfer, from, func(v *dialect.Vars, rec *history.Request) {
		rec.Tag, rec.Value = c.tag(), strconv.FormatInt(amount, 10)
		v.Set(dialect.From, dialect.Text{S: from.id})
		v.Set(dialect.To, dialect.Text{S: to.id})
		v.Set(dialect.Tag, dialect.Text{S: rec.Tag})
		v.Set(dialect.Amount, number(amount))
		v.Set(dialect.Value, number(amount))
	})
}

func (p *prober) transfers(ctx context.Context, q *asking) {
	a, b := p.parties[0], p.parties[1]
	from, before, ok := q.fresh(ctx)
	if !ok {
		return
	}
	to := q.made(ctx)
	if to == nil || !a.read(ctx, q, "to before", to).ok() {
		return
	}
	one := a.transfer(ctx, q, "one", from, to, 1)
	if !one.ok() {
		return
	}
	from1 := p.shown(ctx, q, "from after", a, from, one, before.state)
	to1 := a.read(ctx, q, "to after", to)
	n, err := strconv.ParseInt(from1.state.seen.Value, 10, 64)
	floor := p.session.Scenario().Workload.Floor
	if !from1.ok() || !to1.ok() || err != nil || floor == nil {
		return
	}
	a.transfer(ctx, q, "more", from, to, n-*floor+1)
	a.read(ctx, q, "from then", from)
	a.read(ctx, q, "to then", to)
	b.transfer(ctx, q, "next", from, to, 1)
}
