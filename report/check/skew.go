package check

import (
	"cmp"
	"slices"
	"strings"
)

// Write skew: of two resources that one rule binds together (of two doctors,
// at least one stays on call), both are never in the forbidden state at once,
// although each client that changed one had read both.
//
// Proven: that the last reads of both show 0, or that there was an instant at
// which both surely held 0 (between the earliest end and the latest beginning
// of requests that wrote, read or replaced that very state). Two reads at
// different moments prove nothing. Not provable: a short moment that no
// request pins down. An unanswered write counts where its state was seen.
// Cost: O(n log n).

func checkWriteSkew(c *Case) Property {
	sum := c.sum()
	byName := map[string]*keyView{}
	for _, k := range c.keys {
		byName[k.key] = k
		sum.countWrites(k)
	}
	type two struct{ a, b *keyView }
	var pairs []two
	spans := map[two][]request{}
	done := map[int]bool{}
	for _, k := range c.keys { // blocks in the order of their keys
		if done[k.block] {
			continue
		}
		done[k.block] = true
		ops := c.ops[k.block]
		for i := range ops {
			o := &ops[i]
			if o.Key2 == o.Key || byName[o.Key] == nil || byName[o.Key2] == nil {
				continue
			}
			p := two{byName[o.Key], byName[o.Key2]}
			if p.b.key < p.a.key {
				p = two{p.b, p.a}
			}
			if spans[p] == nil {
				pairs = append(pairs, p)
			}
			spans[p] = append(spans[p], request{client: int32(o.Client), op: int32(o.Op), call: o.Call, ret: o.Return, step: write})
		}
	}
	sum.extra[0] += int64(len(pairs))
	for _, p := range pairs {
		slices.SortStableFunc(spans[p], func(x, y request) int {
			return cmp.Or(cmp.Compare(x.client, y.client), cmp.Compare(x.op, y.op))
		})
		sum.exercised += overlaps(spans[p])
		c.skewed(p.a, p.b, sum)
	}
	evidence := listed(count(sum.writes, "accepted write"), count(sum.extra[0], "pair")+" of resources") + "; " +
		count(sum.exercised, "pair") + " of operations overlapped on a pair"
	return sum.verdict(evidence, c.idle())
}

// zero is a stretch in which a resource surely was in one forbidden state.
type zero struct {
	from, to     int64
	fromAt, toAt int32
	state        int32
}

func (c *Case) skewed(a, b *keyView, t *tally) {
	if a.settled() && b.settled() && a.isZero(a.final) && b.isZero(b.final) {
		x, y := a.made[a.final], b.made[b.final]
		t.found(1, func() Finding { return c.skewFinding(a, b, x, y, a.final, b.final, "the last reads show 0 on both") })
		return
	}
	if !a.named(t) || !b.named(t) {
		return
	}
	za, zb := a.zeros(c), b.zeros(c)
	for i, j := 0, 0; i < len(za) && j < len(zb); {
		from, to := max(za[i].from, zb[j].from), min(za[i].to, zb[j].to)
		if from < to {
			x, y := za[i], zb[j]
			t.found(1, func() Finding {
				return c.skewFinding(a, b, x.state, y.state, x.toAt, y.toAt, "both surely held 0 for "+ms(to-from))
			})
		}
		if za[i].to < zb[j].to {
			i++
		} else {
			j++
		}
	}
}

func (c *Case) skewFinding(a, b *keyView, x, y, endA, endB int32, how string) Finding {
	wa, wb := none, none
	if x >= 0 {
		wa = a.states[x].write
	}
	if y >= 0 {
		wb = b.states[y].write
	}
	sentence := "of " + a.key + " and " + b.key + " one must stay at 1, but " + how
	ex := []exhibit{{key: a, at: wa, offends: true}, {key: b, at: wb, offends: true}}
	if wa != none && wb != none {
		sentence += "; " + who(a.requests[wa].client) + " and " + who(b.requests[wb].client) +
			" each set one of them to 0 on the strength of having read 1 on the other, and both writes were accepted"
		ex = append(ex, exhibit{key: b, at: b.readOf(&a.requests[wa])}, exhibit{key: a, at: a.readOf(&b.requests[wb])})
	}
	ex = append(ex, exhibit{key: a, at: endA}, exhibit{key: b, at: endB})
	f := a.finding(c.strategy, sentence, ex...)
	f.Key = strings.Join([]string{a.key, b.key}, " and ")
	return f
}

// settled reports whether the last read shows what was left: nothing can have
// changed afterwards.
func (k *keyView) settled() bool {
	if !k.whole || k.final == none {
		return false
	}
	for i := range k.requests {
		r := &k.requests[i]
		if m := k.made[i]; r.writes() && r.effect == unknown && (k.identify == "none" || m < 0 || !k.states[m].seen) {
			return false
		}
	}
	return true
}

// readOf is the read of this key in the attempt that another key's write
// belongs to.
func (k *keyView) readOf(w *request) int32 {
	best := none
	for i := range k.requests {
		r := &k.requests[i]
		if r.step == read && r.client == w.client && r.op == w.op && r.ret <= w.call && (best == none || r.call > k.requests[best].call) {
			best = int32(i)
		}
	}
	return best
}

// isZero reports whether request i read or wrote 0.
func (k *keyView) isZero(i int32) bool {
	n, known := k.number(i)
	return known && n == 0
}

// zeros lists the stretches in which the key surely held 0, in order. A key
// whose states have no order has none.
func (k *keyView) zeros(c *Case) []zero {
	o := k.order()
	if len(o.contradictions) > 0 {
		return nil
	}
	var out []zero
	for s := range k.states {
		st := &k.states[s]
		if o.blockOf[s] == none || !k.holdsZero(c, int32(s), o) {
			continue
		}
		z := zero{from: forever, to: never, fromAt: none, toAt: none, state: int32(s)}
		if st.effect == applied {
			z.from, z.fromAt = st.ret, st.write
		}
		if e := o.early[s]; e != none && k.requests[e].ret < z.from {
			z.from, z.fromAt = k.requests[e].ret, e
		}
		if s == int(initial) {
			z.from = never
		}
		if l := o.last[s]; l != none {
			z.to, z.toAt = k.requests[l].call, l
		}
		if n := st.next; n != none && k.states[n].effect == applied && k.states[n].call > z.to {
			z.to, z.toAt = k.states[n].call, k.states[n].write
		}
		if z.from < z.to {
			out = append(out, z)
		}
	}
	slices.SortStableFunc(out, func(x, y zero) int { return cmp.Compare(x.from, y.from) })
	return out
}

func (k *keyView) holdsZero(c *Case, s int32, o *chains) bool {
	switch w := k.states[s].write; {
	case s == initial:
		return c.initialValue(k) == 0
	case w >= 0:
		return k.isZero(w)
	}
	return o.early[s] != none && k.isZero(o.early[s])
}
