package probe

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
)

// serverSide asks whether the steps that leave all work to the server do it.
func (p *prober) serverSide(ctx context.Context) {
	kind := p.session.Scenario().Workload.Kind
	if p.has(history.StepAdd) && (kind == "counter" || kind == "lease") {
		p.additions(ctx)
	}
	if p.has(history.StepAppend) && kind == "append" {
		p.appends(ctx)
	}
	if p.has(history.StepTransfer) && kind == "transfer" {
		p.transfers(ctx)
	}
	if kind == "create-once" {
		p.creates(ctx)
	}
}

// number is the value of a thing as a whole number.
func (q *party) number(ctx context.Context, t *thing) (int64, reply, bool) {
	r := q.read(ctx, t)
	n, err := strconv.ParseInt(r.state.value, 10, 64)
	return n, r, r.ok() && err == nil
}

func (q *party) add(ctx context.Context, t *thing, amount int64, key string) reply {
	return q.do(ctx, history.StepAdd, t, func(v *dialect.Vars) {
		if q.writes++; key == "" {
			v.Set(dialect.Tag, dialect.Text{S: "p." + strconv.Itoa(q.writes)})
		} else { // the same request to the last byte
			v.Set(dialect.Tag, dialect.Text{S: "p.once"})
			v.Set(dialect.IdempotencyKey, dialect.Text{S: key})
		}
		v.Set(dialect.Amount, dialect.Text{S: strconv.FormatInt(amount, 10), Raw: true})
	})
}

func (p *prober) additions(ctx context.Context) {
	a, b := p.parties[0], p.parties[1]
	t, _ := p.fresh(ctx)
	from, _, ok := a.number(ctx, t)
	one := a.add(ctx, t, 3, "")
	two := b.add(ctx, t, 4, "")
	to, seen, ok2 := a.number(ctx, t)
	if !ok || !ok2 || !one.ok() || !two.ok() {
		p.row("an addition counts once", judged(false), fmt.Sprintf("%s and %s, then the read %s", one.said(), two.said(), seen.said()), one, two, seen)
		return
	}
	p.row("an addition counts once", judged(to == from+7), fmt.Sprintf("%s and %s: 3 and 4 gave %d", one.said(), two.said(), to-from), one, two, seen)
	if !p.strategy.IdempotencyKey {
		return
	}
	key := p.session.ID() + "-once"
	first := a.add(ctx, t, 5, key)
	again := a.add(ctx, t, 5, key)
	now, seen, ok := a.number(ctx, t)
	p.row("one idempotency key is carried out once", judged(ok && now == to+5), fmt.Sprintf("%s and %s: 5, sent twice, gave %d", first.said(), again.said(), now-to), first, again, seen)
	other := a.add(ctx, t, 6, key)
	p.row("another request under the same key is refused", because422(other), other.said(), first, other)
}

// because422 is the draft's answer to a key that is used for something else;
// other refusals do as well, doing it does not.
func because422(r reply) Verdict {
	if r.refused() {
		return Holds
	}
	return Noted
}

func (p *prober) appends(ctx context.Context) {
	t, _ := p.fresh(ctx)
	var shows []reply
	for i, q := range p.parties {
		shows = append(shows, q.do(ctx, history.StepAppend, t, func(v *dialect.Vars) {
			v.Set(dialect.Value, dialect.Text{S: "element-" + strconv.Itoa(i)})
			v.Set(dialect.Tag, dialect.Text{S: "element-" + strconv.Itoa(i)})
		}))
	}
	r := p.parties[0].read(ctx, t)
	once := strings.Count(r.state.value, "element-0") == 1 && strings.Count(r.state.value, "element-1") == 1
	p.row("an element is appended once", judged(once && shows[0].ok() && shows[1].ok()), shows[0].said()+" and "+shows[1].said()+because(once, ": both are in the list, once", ": the list is another"), append(shows, r)...)
}

func (q *party) transfer(ctx context.Context, from, to *thing, amount int64) reply {
	return q.within(ctx, 2*time.Second, history.StepTransfer, from, func(v *dialect.Vars) {
		q.writes++
		v.Set(dialect.From, dialect.Text{S: from.id})
		v.Set(dialect.To, dialect.Text{S: to.id})
		v.Set(dialect.Tag, dialect.Text{S: "p." + strconv.Itoa(q.writes)})
		v.Set(dialect.Amount, dialect.Text{S: strconv.FormatInt(amount, 10), Raw: true})
	})
}

func (p *prober) transfers(ctx context.Context) {
	a, b := p.parties[0], p.parties[1]
	from, _ := p.fresh(ctx)
	to, _ := p.fresh(ctx)
	x, _, _ := a.number(ctx, from)
	y, _, _ := a.number(ctx, to)
	one := a.transfer(ctx, from, to, 1)
	x1, r1, _ := a.number(ctx, from)
	y1, r2, _ := a.number(ctx, to)
	p.row("a transfer keeps the total", judged(one.ok() && x1 == x-1 && y1 == y+1), fmt.Sprintf("%s: from %+d, to %+d", one.said(), x1-x, y1-y), one, r1, r2)
	more := a.transfer(ctx, from, to, x+1000)
	x2, r3, _ := a.number(ctx, from)
	p.row("a transfer of more than there is is refused", judged(more.refused() && x2 == x1), more.said(), more, r3)
	next := b.transfer(ctx, from, to, 1)
	p.put("after a refusal the next transfer is answered", judged(next.ok()), next.said(), more, next)
	p.reason("a refusal says why", more)
}

// blind writes without any protection: nothing is promised, but a write must
// still be seen.
func (p *prober) blind(ctx context.Context) {
	if !p.has(history.StepWrite) {
		return
	}
	a, b := p.parties[0], p.parties[1]
	t, _ := p.fresh(ctx)
	p.settle(ctx)
	w := a.write(ctx, t, state{}, held{})
	r := b.read(ctx, t)
	p.row("a write is accepted", judged(w.ok()), w.said(), w)
	if w.ok() && !p.opt.Same {
		p.row("a read shows the write that was acknowledged before it", judged(r.state.value == w.value),
			because(r.state.value == w.value, "it does", "it shows an older state"), w, r)
	}
}
