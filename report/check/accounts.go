package check

import (
	"encoding/json"
	"strconv"

	"tussle/history"
)

// bank is one block of a transfer workload: its accounts, and which client
// wanted to move what.
type bank struct {
	block int
	keys  []*keyView
	byKey map[string]*keyView
	lists []sheet
	ops   map[opKey]*history.Operation
	over  int64 // when the last change had been answered, or given up
}

type opKey struct{ client, op int32 }

// sheet is a read of several accounts at one instant.
type sheet struct {
	key      *keyView
	at       int32
	balances map[string]int64
}

// banks groups the keys by block, in order.
func (c *Case) banks() []*bank {
	var out []*bank
	byBlock := map[int]*bank{}
	for _, k := range c.keys {
		b := byBlock[k.block]
		if b == nil {
			b = &bank{block: k.block, byKey: map[string]*keyView{}, ops: map[opKey]*history.Operation{}, over: never}
			byBlock[k.block] = b
			out = append(out, b)
			ops := c.ops[k.block]
			for i := range ops {
				b.ops[opKey{int32(ops[i].Client), int32(ops[i].Op)}] = &ops[i]
			}
		}
		account := false
		for i := range k.requests {
			r := &k.requests[i]
			if r.writes() && r.effect != refused {
				b.over = max(b.over, r.ret)
			}
			if r.step != list {
				account = true
				continue
			}
			if balances := k.balances(int32(i)); r.good() && balances != nil {
				b.lists = append(b.lists, sheet{k, int32(i), balances})
			}
		}
		if account {
			b.keys = append(b.keys, k)
			b.byKey[k.key] = k
		}
	}
	return out
}

// balances decodes a list's value, a JSON object of whole numbers.
func (k *keyView) balances(i int32) map[string]int64 {
	var raw map[string]json.Number
	if json.Unmarshal([]byte(k.texts.text(k.requests[i].value)), &raw) != nil {
		return nil
	}
	out := make(map[string]int64, len(raw))
	for name, v := range raw {
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return nil
		}
		out[name] = n
	}
	return out
}

// total is what set-up put into all accounts.
func (c *Case) total(b *bank) int64 {
	var sum int64
	for _, k := range b.keys {
		sum += c.initialValue(k)
	}
	return sum
}

// opening says why the balances at first are not known: a foreign history has
// no plan that tells them.
func (c *Case) opening(b *bank) string {
	if !c.foreign {
		return ""
	}
	for _, k := range b.keys {
		known := false
		for i := range k.requests {
			if k.requests[i].step == setup {
				_, is := k.number(int32(i))
				known = known || is
			}
		}
		if !known {
			return "the balance that " + k.key + " had at first is not recorded; add a setup line with its value"
		}
	}
	return ""
}

// isLast reports whether a read shows a final balance: one of the observer (in
// a foreign history, of anybody) that began after every change had been
// answered. Where the last one cannot be read, one from set-up is none.
func (c *Case) isLast(b *bank, k *keyView, read int32) bool {
	return read != none && k.requests[read].call > b.over && (c.foreign || k.requests[read].client < 0)
}

// spread is an interval of amounts.
type spread struct{ low, high int64 }

func (s *spread) sure(n int64) { s.low += n; s.high += n }

// maybe widens by an amount that may have been moved or not.
func (s *spread) maybe(n int64) {
	s.low += min(n, 0)
	s.high += max(n, 0)
}

// ledger holds each account's final balance against the transfers by one
// request that were accepted, and reports accounts that do not agree.
// exact is false where a transfer's other account is not recorded.
func (c *Case) ledger(b *bank, t *tally) {
	if why := c.opening(b); why != "" {
		t.cannot(why)
		return
	}
	expect := map[*keyView]*spread{}
	for _, k := range b.keys {
		n := c.initialValue(k)
		expect[k] = &spread{n, n}
	}
	for _, k := range b.keys {
		for i := range k.requests {
			r := &k.requests[i]
			if r.step != transfer {
				continue
			}
			w, fresh := k.write(int32(i))
			if !fresh || w.effect == refused {
				continue
			}
			op := b.ops[opKey{r.client, r.op}]
			n, known := k.number(int32(i))
			if op == nil || !known || b.byKey[op.Key2] == nil {
				t.cannot("a transfer from " + k.key + " does not say how much went where, so balances cannot be added up")
				return
			}
			to := b.byKey[op.Key2]
			if w.effect == applied {
				expect[k].sure(-n)
				expect[to].sure(n)
			} else {
				expect[k].maybe(-n)
				expect[to].maybe(n)
			}
		}
	}
	for _, k := range b.keys {
		last := k.lastNumber()
		if !c.isLast(b, k, last) {
			t.cannot("the final balance of " + k.key + " was not read; let the run end by itself")
			return
		}
		have, _ := k.number(last)
		want := expect[k]
		if have >= want.low && have <= want.high {
			continue
		}
		t.extra[0]++
		t.found(1, func() Finding {
			between := strconv.FormatInt(want.low, 10)
			if want.high > want.low {
				between = "between " + between + " and " + strconv.FormatInt(want.high, 10)
			}
			sentence := "the accepted transfers leave " + between + " on " + k.key + ", but the last read shows " + strconv.FormatInt(have, 10)
			ex := append(k.overlap(), b.arrivals(k)...)
			ex = append([]exhibit{{at: last, offends: true}}, ex[:min(len(ex), 4)]...)
			if have < want.low { // perhaps taken twice
				return k.tooMuch(c, sentence, 0, last, ex)
			}
			return k.finding(c.strategy, sentence, ex...)
		})
	}
}

// overlap shows two accepted writes by different clients that overlapped.
func (k *keyView) overlap() []exhibit {
	if x, y, found := k.pair(); found {
		return []exhibit{{at: x}, {at: y}}
	}
	return nil
}

// arrivals shows two transfers to an account: deliveries of one, where there
// are any, else the last two that were accepted.
func (b *bank) arrivals(to *keyView) []exhibit {
	var out []exhibit
	for _, from := range b.keys {
		for i := range from.requests {
			r := &from.requests[i]
			if op := b.ops[opKey{r.client, r.op}]; r.step != transfer || r.effect != applied || op == nil || op.Key2 != to.key {
				continue
			}
			if n := len(out); n > 0 {
				last := out[n-1]
				if q := &last.key.requests[last.at]; r.tag != 0 && last.key == from && q.tag == r.tag {
					return []exhibit{last, {key: from, at: int32(i)}}
				}
			}
			out = append(out, exhibit{key: from, at: int32(i)})
		}
	}
	return out[max(0, len(out)-2):]
}

// lastNumber is the read that began last and showed a whole number.
func (k *keyView) lastNumber() int32 {
	best := none
	for i := range k.requests {
		if r := &k.requests[i]; r.step == read && r.good() && (best == none || r.call > k.requests[best].call) {
			if _, known := k.number(int32(i)); known {
				best = int32(i)
			}
		}
	}
	return best
}
