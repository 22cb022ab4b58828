package probe

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/transport"
)

// settling is how long a version may be weak, or a lock taken, without anybody
// being blamed: some servers tell versions of whole seconds.
const settling = 1100 * time.Millisecond

// versions asks what versions are worth: those that reads tell and writes
// present.
func (p *prober) versions(ctx context.Context) {
	if !p.has(history.StepWrite) || p.session.Scenario().Workload.Kind == "parent-child" || p.session.Scenario().Workload.Kind == "create-once" {
		return
	}
	p.ask(ctx, "versions", func(q *asking) { p.versionsOf(ctx, q) })
	if p.found == nil {
		p.ask(ctx, "again", func(q *asking) { p.again(ctx, q) })
	}
	if strings.HasPrefix(strings.ToLower(p.strategy.Speaks["read"].Version), "header:") {
		p.ask(ctx, "gzip", func(q *asking) { p.gzip(ctx, q) })
	}
}

func (p *prober) versionsOf(ctx context.Context, q *asking) {
	a, b := p.parties[0], p.parties[1]
	early(ctx)
	t, first, ok := q.fresh(ctx)
	if !ok {
		return
	}
	settle(ctx)
	one, asked := a.write(ctx, q, "one", t, first.state, held{})
	if asked && one.class.Conflict() { // as a client does: read again, write again
		rest(ctx, settling)
		if first = a.read(ctx, q, "first", t); !first.ok() {
			return
		}
		one, asked = a.write(ctx, q, "one", t, first.state, held{})
	}
	if !asked || !one.ok() {
		return
	}
	second := p.shown(ctx, q, "second", b, t, one, first.state)
	if !second.ok() || p.changed(q, t, second.state) {
		return
	}
	if two, asked := a.write(ctx, q, "two", t, second.state, held{}); asked && !two.clear {
		return
	}
	third := b.read(ctx, q, "third", t)
	if !third.ok() || p.changed(q, t, third.state) {
		return
	}
	old := first.state
	if p.found != nil {
		if old.version.S == third.state.version.S {
			old.version.S = "" // the same content left the version as it was: nothing is stale
		}
		old.seen, old.body = third.state.seen, third.state.body // what is there stays there
	}
	if old.version.S != "" {
		if stale, asked := b.write(ctx, q, "stale", t, old, held{}); asked && !stale.clear {
			return
		}
	}
	fourth := a.read(ctx, q, "fourth", t)
	if !fourth.ok() || p.changed(q, t, fourth.state) || !p.uses(history.StepWrite, dialect.Version) || fourth.state.version.S == "" {
		return
	}
	bogus := fourth.state
	bogus.version.S = madeUp(bogus.version.S)
	if made, asked := b.write(ctx, q, "made-up", t, bogus, held{}); !asked || !made.clear {
		return
	}
	fifth := a.read(ctx, q, "fifth", t)
	if !fifth.ok() || p.changed(q, t, fifth.state) {
		return
	}
	none := fifth.state
	none.version.S = ""
	b.write(ctx, q, "none", t, none, held{})
}

// madeUp is a version of the same form that was never given.
func madeUp(v string) string {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return "9" + strings.Repeat("0", min(len(v)+2, 15))
	}
	if opaque, weak, ok := wire.ETag(v); ok {
		text := `"tussle-made-this-up"`
		if _, err := strconv.ParseInt(opaque, 10, 64); err == nil {
			text = `"` + madeUp(opaque) + `"`
		}
		if weak && strings.HasPrefix(v, "W/") {
			text = "W/" + text
		}
		return text
	}
	// The same shape with other letters and digits, as of 1-967a00dff5e02add.
	other := strings.Map(func(r rune) rune {
		switch {
		case r >= '1' && r <= '9':
			return '0' + (r-'0')%9 + 1
		case r >= 'a' && r <= 'f':
			return 'a' + (r-'a'+1)%6
		}
		return r
	}, v)
	if other == v {
		other += "1"
	}
	return other
}

// again writes a content that was there before: does its old version hold?
func (p *prober) again(ctx context.Context, q *asking) {
	a := p.parties[0]
	early(ctx)
	t, r, ok := q.fresh(ctx)
	if !ok {
		return
	}
	from, tags := r.state, [2]string{p.tag(), p.tag()}
	for i, role := range []string{"once", "other", "twice"} {
		on := r.state
		tag := tags[i%2]
		value := "v" + tag
		seen := from.seen
		if n, err := strconv.ParseInt(seen.Value, 10, 64); err == nil && i%2 == 0 {
			value = strconv.FormatInt(n, 10) // the content that was set up, which is in its bounds
		} else if err == nil {
			value = strconv.FormatInt(n+max(p.session.Scenario().Workload.Amount, 1), 10)
		} else if strings.HasPrefix(seen.Value, "[") {
			value = `["` + tag + `"]`
		}
		raw := value[0] != 'v'
		if c := p.session.Scenario().Workload.Ceiling; raw && c != nil && value > strconv.FormatInt(*c, 10) {
			return
		}
		w := a.do(ctx, q, role, history.StepWrite, t, func(v *dialect.Vars, rec *history.Request) {
			rec.Tag, rec.Value, rec.Base = tag, value, on.name
			v.Set(dialect.Tag, dialect.Text{S: tag})
			v.Set(dialect.Value, dialect.Text{S: value, Raw: raw})
			on.know(v)
		})
		if !w.ok() {
			return
		}
		if r = a.read(ctx, q, role+" read", t); !r.ok() {
			return
		}
	}
}

// gzip reads compressed: a client that does must be able to write as well.
func (p *prober) gzip(ctx context.Context, q *asking) {
	a := p.parties[0]
	t, plain, ok := q.fresh(ctx)
	if !ok {
		return
	}
	zipped := a.do(ctx, q, "zipped", history.StepRead, t, nil, transport.Header{Name: "Accept-Encoding", Value: "gzip"})
	q.attrs["encoding"] = zipped.encoding
	if !zipped.ok() || zipped.encoding == "" || zipped.state.version.S == plain.state.version.S {
		return
	}
	zipped.state.body, zipped.state.seen = plain.state.body, plain.state.seen
	a.write(ctx, q, "write", t, zipped.state, held{})
}

// names asks for a name twice, and for what deletes mean to versions, where
// the workload creates and deletes.
func (p *prober) names(ctx context.Context) {
	kind := p.session.Scenario().Workload.Kind
	if p.found != nil || kind != "create-once" && !p.lives() || !p.has(history.StepCreate) || p.strategy.Locking == "pessimistic" {
		return
	}
	a, b := p.parties[0], p.parties[1]
	p.ask(ctx, "created", func(q *asking) {
		t := p.name()
		if a.create(ctx, q, "one", t).ok() {
			id := t.id
			b.create(ctx, q, "two", t)
			t.id = id
			a.read(ctx, q, "read", t)
		}
	})
	if p.strategy.Locking != "optimistic" || !p.lives() || !p.has(history.StepDelete) || !p.has(history.StepWrite) {
		return
	}
	if p.uses(history.StepDelete, dialect.Version) {
		p.ask(ctx, "deleted", func(q *asking) {
			early(ctx)
			t, old, ok := q.fresh(ctx)
			if !ok {
				return
			}
			if w, _ := a.write(ctx, q, "write", t, old.state, held{}); w.ok() && a.read(ctx, q, "read", t).ok() {
				b.remove(ctx, q, "delete", t, old.state, held{})
			}
		})
	}
	p.ask(ctx, "lives", func(q *asking) {
		early(ctx)
		t, r, ok := q.fresh(ctx)
		for range 2 {
			if !ok {
				return
			}
			if w, _ := a.write(ctx, q, "write", t, r.state, held{}); !w.ok() {
				return
			}
			r = a.read(ctx, q, "read", t)
			ok = r.ok()
		}
		if a.remove(ctx, q, "delete", t, r.state, held{}).ok() && b.create(ctx, q, "create", t).ok() {
			b.read(ctx, q, "new life", t)
		}
	})
}

// blind writes without any protection: nothing is promised, but a write must
// still be seen.
func (p *prober) blind(ctx context.Context) {
	if !p.has(history.StepWrite) || p.session.Scenario().Workload.Kind == "create-once" || p.session.Scenario().Workload.Kind == "parent-child" {
		return
	}
	p.ask(ctx, "blind", func(q *asking) {
		t, first, ok := q.fresh(ctx)
		if !ok {
			return
		}
		settle(ctx)
		on := first.state
		on.version.S = ""
		if w, asked := p.parties[0].write(ctx, q, "one", t, on, held{}); asked && w.ok() {
			p.shown(ctx, q, "second", p.parties[1], t, w, first.state)
		}
	})
}

// shown reads until a write shows, as far as patience goes, and returns the
// last read. What is there, and what it means, is the judge's.
func (p *prober) shown(ctx context.Context, q *asking, role string, by *party, t *thing, _ reply, before state) reply {
	r := by.read(ctx, q, role, t)
	for range 3 {
		if !r.ok() || !r.state.same(before) || p.patience <= 0 {
			break
		}
		p.patience--
		rest(ctx, 500*time.Millisecond)
		r = by.read(ctx, q, role, t)
	}
	return r
}

// same reports whether two reads look the same.
func (s *state) same(o state) bool {
	return s.name == o.name && s.version.S == o.version.S && s.seen == o.seen
}
