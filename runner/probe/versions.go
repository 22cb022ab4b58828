package probe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/transport"
)

// versions asks what versions are worth: those that reads tell and writes
// present.
func (p *prober) versions(ctx context.Context) {
	if !p.has(history.StepWrite) {
		return
	}
	a, b := p.parties[0], p.parties[1]
	p.early(ctx)
	t, first := p.fresh(ctx)
	p.settle(ctx)
	one := a.write(ctx, t, first, held{})
	p.strong(first, one)
	p.row("a write with the current version is accepted", judged(one.ok()), one.said()+because(one.ok(), "", ": refused though nothing had changed"), one)

	second := b.read(ctx, t)
	p.answers(one, second)
	if one.ok() && !p.opt.Same {
		p.row("a read shows the write that was acknowledged before it", judged(second.state.value == one.value), because(second.state.value == one.value, "it does", "it shows an older state"), one, second)
	}
	two := a.write(ctx, t, second.state, held{})
	third := b.read(ctx, t)
	p.moves(first, second.state, third.state, one.ok() && two.ok(), []reply{one, second, two, third})

	stale := b.write(ctx, t, first, held{})
	fourth := a.read(ctx, t)
	switch {
	case !one.ok():
		p.row("a stale version is refused", NotExercised, "no write was accepted, so no version went stale")
	case p.opt.Same && first.version.S == third.state.version.S:
		p.row("a stale version is refused", NotExercised, "writing the same content back leaves the version as it was")
	default:
		p.row("a stale version is refused", judged(stale.refused()), stale.said()+because(stale.ok(), ": the newer state was overwritten", ""), stale)
	}
	if stale.refused() && !p.opt.Same {
		same := fourth.state.value == third.state.value
		p.row("what was refused was not done", judged(same), because(same, "the state is as before", "the state is the refused one"), stale, fourth)
	}
	p.strangers(ctx, t, fourth.state)
	if stale.refused() {
		p.reason("a refusal says why", stale)
	}
	p.again(ctx)
	p.gzip(ctx)
}

// early waits for the next second when this one is nearly over: versions made
// of whole seconds are the same only within one.
func (p *prober) early(ctx context.Context) {
	const late = 500 * time.Millisecond
	now := time.Now()
	over := now.Sub(now.Truncate(time.Second))
	if over < late {
		return
	}
	rest(ctx, time.Second-over+5*time.Millisecond)
}

// settle lets what was set up arrive at replicas, so that a later read which
// is behind shows it.
func (p *prober) settle(ctx context.Context) { rest(ctx, 60*time.Millisecond) }

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
		stop(ctx.Err())
	}
}

// because picks one of two texts.
func because(yes bool, text, other string) string {
	if yes {
		return text
	}
	return other
}

// strong judges what a read tells. A weak entity tag is fatal to If-Match,
// unless the template or the server makes it strong.
func (p *prober) strong(s state, write reply) {
	_, weak, tag := wire.ETag(s.version.S)
	switch {
	case s.version.S == "":
		p.row("a read tells a version", Violated, "none")
	case weak && !write.ok():
		p.row("a read tells a version", Violated, "a weak entity tag (W/), which If-Match can never match")
	case weak:
		p.row("a read tells a version", Noted, "a weak entity tag (W/), and yet it is accepted")
	case tag:
		p.row("a read tells a version", Holds, "a strong entity tag")
	default:
		p.row("a read tells a version", Holds, "a version")
	}
}

// answers judges what the answer to a write tells of the new state.
func (p *prober) answers(write, read reply) {
	const promise = "the answer to a write tells the new version"
	got := write.state.version.S
	switch {
	case !write.ok():
		p.row(promise, NotExercised, "no write was accepted")
	case got == "":
		p.row(promise, Noted, "it tells none: read again to go on")
	case got == read.state.version.S:
		p.row(promise, Holds, "the one that the next read tells")
	default:
		p.row(promise, Violated, "another than the next read tells", write, read)
	}
}

// moves judges the versions of three states in a row.
func (p *prober) moves(one, two, three state, written bool, shows []reply) {
	v := [3]string{one.version.S, two.version.S, three.version.S}
	switch {
	case !written:
		p.row("every write gives a new version", NotExercised, "a write was refused")
		return
	case v[0] == v[1] || v[1] == v[2]:
		verdict := Violated
		if p.opt.Same {
			verdict = Noted // the same content was written
		}
		p.row("every write gives a new version", verdict, "two states in a row have the same version", shows...)
		return
	}
	p.row("every write gives a new version", Holds, "three states, three versions")
	var n [3]int64
	for i := range v {
		opaque, _, ok := wire.ETag(v[i])
		if !ok {
			opaque = v[i]
		}
		var err error
		if n[i], err = strconv.ParseInt(opaque, 10, 64); err != nil {
			p.row("versions grow", Noted, "they are opaque texts, so none can tell")
			return
		}
	}
	p.row("versions grow", judged(n[0] < n[1] && n[1] < n[2]), because(n[0] < n[1] && n[1] < n[2], "numbers, each larger than the last", "numbers, but not growing ones"), shows...)
}

// strangers sends versions that nobody was told, and none.
func (p *prober) strangers(ctx context.Context, t *thing, now state) {
	b := p.parties[1]
	if !p.uses(history.StepWrite, dialect.Version) {
		p.row("a made-up version is refused", NotExercised, "the version travels inside the document")
		return
	}
	bogus := now
	bogus.version.S = madeUp(now.version.S)
	r := b.write(ctx, t, bogus, held{})
	p.row("a made-up version is refused", judged(r.refused()), r.said()+because(r.ok(), ": it was overwritten", ""), r)
	none := now
	none.version.S = ""
	r = b.write(ctx, t, none, held{})
	switch {
	case r.status == 428:
		p.row("a write without a version is refused", Holds, "428")
	case r.refused():
		p.row("a write without a version is refused", Holds, r.said())
	case r.ok():
		p.row("a write without a version is refused", Noted, r.said()+": who sends none overwrites unnoticed")
	default:
		p.row("a write without a version is refused", Noted, r.said())
	}
}

// madeUp is a version of the same form that was never given.
func madeUp(v string) string {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return "9" + strings.Repeat("0", min(len(v)+2, 15))
	}
	if opaque, _, ok := wire.ETag(v); ok {
		if _, err := strconv.ParseInt(opaque, 10, 64); err == nil {
			return `"` + madeUp(opaque) + `"`
		}
		return `"tussle-made-this-up"`
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

// reason judges whether a refusal tells why.
func (p *prober) reason(promise string, r reply) {
	switch {
	case r.problem != "":
		p.row(promise, Holds, r.said()+" with the problem "+r.problem)
	case r.status/100 == 2:
		p.row(promise, Noted, "only the body tells it from a success")
	case r.detail != "":
		p.row(promise, Noted, r.said()+" with a text for people, no problem type")
	default:
		p.row(promise, Noted, r.said()+" with nothing else")
	}
}

// again writes a content that was there before: does its old version hold?
func (p *prober) again(ctx context.Context) {
	if p.opt.Same {
		return
	}
	a := p.parties[0]
	p.early(ctx)
	t, s := p.fresh(ctx)
	var content dialect.Text
	put := func(on state, tag string) reply {
		return a.do(ctx, history.StepWrite, t, func(v *dialect.Vars) {
			p.fill(v, tag)
			if tag != "" && content.S != "" {
				v.Set(dialect.Value, content)
			}
			on.know(v)
			if content.S == "" {
				content, _ = v.Get(dialect.Value)
			}
		})
	}
	var seen []string
	for _, tag := range []string{"once", "", "once"} {
		if !put(s, tag).ok() {
			p.row("an old version stays old when the content comes back", NotExercised, "a write was refused")
			return
		}
		s = a.read(ctx, t).state
		seen = append(seen, s.version.S)
	}
	if seen[0] == seen[2] {
		p.row("an old version stays old when the content comes back", Noted, "it is a hash of the content, and valid again (ABA)")
		return
	}
	p.row("an old version stays old when the content comes back", Holds, "it does")
}

// gzip reads compressed: a client that does must be able to write as well.
func (p *prober) gzip(ctx context.Context) {
	if !strings.HasPrefix(strings.ToLower(p.strategy.Speaks["read"].Version), "header:") {
		return
	}
	const promise = "a version that was read under gzip can be used"
	a := p.parties[0]
	t, plain := p.fresh(ctx)
	zipped := a.within(ctx, 0, history.StepRead, t, nil, transport.Header{Name: "Accept-Encoding", Value: "gzip"})
	switch {
	case zipped.encoding == "":
		p.row(promise, NotExercised, "the server did not compress")
		return
	case zipped.state.version.S == plain.version.S:
		p.row(promise, Holds, "it is the same")
		return
	}
	zipped.state.body = plain.body
	w := a.write(ctx, t, zipped.state, held{})
	_, weak, _ := wire.ETag(zipped.state.version.S)
	p.row(promise, judged(w.ok()), "it is another"+because(weak, ", a weak one", "")+", and the write is answered "+w.said(), zipped, w)
}

// creates makes a name twice.
func (p *prober) creates(ctx context.Context) {
	kind := p.session.Scenario().Workload.Kind
	if !p.has(history.StepCreate) || p.opt.Same || kind == "parent-child" {
		return
	}
	t := p.name()
	first := p.parties[0].create(ctx, t, held{})
	if !first.ok() {
		p.row("a name is created once", NotExercised, "the first create: "+first.said())
		return
	}
	second := p.parties[1].create(ctx, t, held{})
	p.row("a name is created once", judged(second.refused()), fmt.Sprintf("%s, then %s", first.said(), second.said()), first, second)
}

// lives deletes, and makes again what was deleted.
func (p *prober) lives(ctx context.Context) {
	if !p.has(history.StepDelete) || p.opt.Same || p.session.Scenario().Workload.Kind == "parent-child" {
		return
	}
	a, b := p.parties[0], p.parties[1]
	if p.uses(history.StepDelete, dialect.Version) {
		p.early(ctx)
		t, old := p.fresh(ctx)
		w := a.write(ctx, t, old, held{})
		d := b.remove(ctx, t, old, held{})
		if w.ok() {
			p.row("a delete with a stale version is refused", judged(d.refused()), d.said()+because(d.ok(), ": a newer state was deleted", ""), w, d)
		}
	}
	if !p.has(history.StepCreate) {
		return
	}
	const promise = "versions go on when a resource is deleted and made again"
	p.early(ctx)
	t, s := p.fresh(ctx)
	seen := []string{s.version.S}
	var shows []reply
	ok := true
	for range 2 {
		w := a.write(ctx, t, s, held{})
		s = a.read(ctx, t).state
		seen, shows, ok = append(seen, s.version.S), append(shows, w), ok && w.ok()
	}
	d := a.remove(ctx, t, s, held{})
	c := b.create(ctx, t, held{})
	r := b.read(ctx, t)
	shows = append(shows, d, c, r)
	switch {
	case !ok || !d.ok() || !c.ok():
		p.row(promise, NotExercised, "a request on the way was refused")
	case slices.Contains(seen, r.state.version.S):
		p.row(promise, Violated, "the new life has a version of the old one", shows...)
	default:
		p.row(promise, Holds, "the new life has a version of its own")
	}
}
