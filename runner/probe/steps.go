package probe

import (
	"context"
	"strconv"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/workload"
)

// fresh makes a resource and reads it; ok is false when the record says why not.
func (q *asking) fresh(ctx context.Context) (t *thing, first reply, ok bool) {
	if q.found != nil {
		t = &thing{record: "found"}
		first = q.parties[0].read(ctx, q, "first", t)
		return t, first, first.ok()
	}
	t = q.made(ctx)
	if t == nil {
		return nil, reply{}, false
	}
	kind := q.session.Scenario().Workload.Kind
	if q.partner == nil && (kind == "pair" || kind == "transfer") {
		if q.partner = q.made(ctx); q.partner == nil {
			return nil, reply{}, false
		}
	}
	first = q.parties[0].read(ctx, q, "first", t)
	return t, first, first.ok() && first.state.seen.Exists
}

// made sets a resource up; nil when that fails.
func (q *asking) made(ctx context.Context) *thing {
	a, t := q.parties[0], q.name()
	initial, raw, _ := q.work.Initial(t.n)
	for _, step := range []history.Step{history.StepSetup, history.StepReset, history.StepCreate} {
		if !q.has(step) || step == history.StepCreate && q.session.Scenario().Workload.Kind == "parent-child" {
			continue
		}
		r := a.do(ctx, q, "setup", step, t, func(v *dialect.Vars, rec *history.Request) {
			rec.Tag, rec.Value = q.tag(), initial
			v.Set(dialect.Tag, dialect.Text{S: rec.Tag})
			v.Set(dialect.Value, dialect.Text{S: initial, Raw: raw})
		})
		a.ended = true
		if !r.ok() {
			return nil
		}
		t.created = true
		if r.key != "" {
			t.id = r.key
		}
		return t
	}
	return t
}

func (c *party) read(ctx context.Context, q *asking, role string, t *thing) reply {
	return c.do(ctx, q, role, history.StepRead, t, nil)
}

// write writes what the workload makes of a state. asked is false when it can
// make nothing of it, as at a bound.
func (c *party) write(ctx context.Context, q *asking, role string, t *thing, on state, with held) (r reply, asked bool) {
	w := c.session.Scenario().Workload
	tag := c.tag()
	var change workload.Change
	if q.found != nil {
		change = workload.Change{Body: on.seen.Value, Raw: on.seen.Raw, Record: on.seen.Value}
	} else {
		seen := [2]workload.Seen{on.seen, {Exists: true, Value: "1", Raw: true}} // a pair's other one is on duty
		op := workload.Op{Intent: history.IntentUpdate, Key2: -1, Amount: max(w.Amount, 1), Action: 9}
		which := 0
		if w.Kind == "transfer" {
			which, op.Amount = 1, 1 // credits: there is no bound above
		}
		var ok bool
		seen[which] = on.seen
		if change, ok, _ = c.work.Change(&op, &seen, which, tag); !ok {
			return reply{}, false
		}
	}
	return c.do(ctx, q, role, history.StepWrite, t, func(v *dialect.Vars, rec *history.Request) {
		rec.Tag, rec.Value, rec.Base = tag, change.Record, on.name
		v.Set(dialect.Tag, dialect.Text{S: tag})
		v.Set(dialect.Value, dialect.Text{S: change.Body, Raw: change.Raw})
		if c.partner != nil {
			v.Set(dialect.From, dialect.Text{S: t.id})
			v.Set(dialect.To, dialect.Text{S: c.partner.id})
		}
		on.know(v)
		with.know(v, rec)
	}), true
}

// remove deletes a state.
func (c *party) remove(ctx context.Context, q *asking, role string, t *thing, on state, with held) reply {
	return c.do(ctx, q, role, history.StepDelete, t, func(v *dialect.Vars, rec *history.Request) {
		rec.Tag, rec.Base = c.tag(), on.name
		v.Set(dialect.Tag, dialect.Text{S: rec.Tag})
		on.know(v)
		with.know(v, rec)
	})
}

// create makes a thing that must not be there.
func (c *party) create(ctx context.Context, q *asking, role string, t *thing) reply {
	r := c.do(ctx, q, role, history.StepCreate, t, func(v *dialect.Vars, rec *history.Request) {
		rec.Tag = c.tag()
		value := dialect.Text{S: "v" + rec.Tag}
		if initial, raw, ok := c.work.Initial(0); ok && raw {
			value = dialect.Text{S: initial, Raw: true}
		}
		rec.Value = value.S
		v.Set(dialect.Tag, dialect.Text{S: rec.Tag})
		v.Set(dialect.Value, value)
		if c.session.Scenario().Workload.Kind == "parent-child" {
			name := "child-" + strconv.Itoa(c.tags)
			v.Set(dialect.Name, dialect.Text{S: name})
			v.Set(dialect.Parent, dialect.Text{S: t.id})
			rec.Key = t.record + "/" + name
		}
	})
	if r.ok() && c.session.Scenario().Workload.Kind != "parent-child" {
		t.created = true
		if r.key != "" {
			t.id = r.key
		}
	}
	return r
}

// add lets the server add what every operation of the workload adds.
func (c *party) add(ctx context.Context, q *asking, role string, t *thing, tag, key string) reply {
	n := max(c.session.Scenario().Workload.Amount, 1)
	if tag == "" {
		tag = c.tag()
	}
	return c.do(ctx, q, role, history.StepAdd, t, func(v *dialect.Vars, rec *history.Request) {
		rec.Tag, rec.Value = tag, strconv.FormatInt(n, 10)
		v.Set(dialect.Tag, dialect.Text{S: tag})
		v.Set(dialect.Amount, number(n))
		v.Set(dialect.Value, number(n))
		if key != "" {
			v.Set(dialect.IdempotencyKey, dialect.Text{S: key})
		}
	})
}

// lock asks for a lock. One that another holds is given up after lockWait, if
// the server makes us wait.
func (c *party) lock(ctx context.Context, q *asking, role string, t *thing, ttl time.Duration, free bool) reply {
	var wait time.Duration // 0: as long as the scenario says
	if !free {
		wait = c.lockWait
	}
	own := c.line.Dialect().TTL(history.StepLock)
	if ttl == 0 && own > 0 {
		ttl = max(own, 10*time.Second) // it shall not lapse meanwhile
	}
	if ttl > 0 {
		q.attrs["ttl"] = strconv.FormatInt(int64(ttl), 10)
	}
	r := c.within(ctx, wait, q, role, history.StepLock, t, func(v *dialect.Vars, _ *history.Request) {
		v.Set(dialect.Wait, dialect.Text{S: "0s"})
		if ttl > 0 {
			v.Set(dialect.TTL, dialect.Text{S: ttl.String()})
		}
	})
	if !free && r.class == history.Timeout {
		c.lockWait = 100 * time.Millisecond
	}
	c.holding = c.holding || r.ok()
	return r
}

func (c *party) unlock(ctx context.Context, q *asking, role string, t *thing, h held) reply {
	r := c.do(ctx, q, role, history.StepUnlock, t, func(v *dialect.Vars, rec *history.Request) { h.know(v, rec) })
	c.holding = false
	return r
}
