package check

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// The oracle: histories of a few clients on one key, made by a simulated
// server that keeps its word or does not, or spoiled afterwards, are judged by
// our checkers and by Porcupine's general search. A contradiction fails the
// test and prints the history, shrunk. A short run belongs to every test;
// TUSSLE_LONG=N judges N histories, shared among the oracles.

// oracle compares some of our properties with a model.
type oracle struct {
	name     string
	workload string
	identify string
	generate func(*rand.Rand) []history.Request
	model    porcupine.NondeterministicModel
	convert  func([]history.Request) []porcupine.Operation
	// ours are the properties of which one must be violated when the model
	// has no order for the history.
	ours []string
	// necessary marks properties that are proven one way only: a violation
	// must be one for the model too, but not the other way round.
	necessary bool
}

// oracleSeed makes the runs repeatable.
const oracleSeed = 20261124

func oracleCount(t *testing.T, short int) int {
	text := os.Getenv("TUSSLE_LONG")
	if text == "" {
		return short
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("TUSSLE_LONG: a number of histories was expected, got %q", text)
	}
	return (n + oracles - 1) / oracles
}

// oracles is how many there are.
const oracles = 14

// oracleTally counts what an oracle saw.
type oracleTally struct {
	histories, illegal, ours, missed, undecided, unsearched int64
}

func (o oracle) test(t *testing.T, short int) {
	t.Parallel()
	n := oracleCount(t, short)
	const chunk = 500
	var mu sync.Mutex
	var sum oracleTally
	var bad []history.Request
	var why string
	var wg sync.WaitGroup
	model := o.model.ToModel()
	next := 0
	start := time.Now()
	for range 2 {
		wg.Go(func() {
			for {
				mu.Lock()
				at := next
				next += chunk
				stop := bad != nil
				mu.Unlock()
				if at >= n || stop {
					return
				}
				rng := rand.New(rand.NewPCG(oracleSeed, uint64(at)))
				var part oracleTally
				for range min(chunk, n-at) {
					h := filed(rng, o.generate(rng))
					if reason := o.contradiction(model, h, &part); reason != "" {
						mu.Lock()
						bad, why = h, reason
						mu.Unlock()
						break
					}
				}
				mu.Lock()
				sum.histories += part.histories
				sum.illegal += part.illegal
				sum.ours += part.ours
				sum.missed += part.missed
				sum.undecided += part.undecided
				sum.unsearched += part.unsearched
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if bad != nil {
		small := shrink(bad, func(h []history.Request) bool {
			return (o.identify != "tag" || told(h)) && o.contradiction(model, h, &oracleTally{}) != ""
		})
		t.Fatalf("%s, seed %d: %s\n%s", o.name, oracleSeed, o.contradiction(model, small, &oracleTally{}), why+"\n"+o.show(small))
	}
	t.Logf("%s: seed %d, %d histories, %d without an order by Porcupine, %d violated by ours, %d of Porcupine's not found, %d undecided by ours, %d by Porcupine, in %v",
		o.name, oracleSeed, sum.histories, sum.illegal, sum.ours, sum.missed, sum.undecided, sum.unsearched, time.Since(start).Round(time.Millisecond))
	if sum.undecided*1000 > sum.histories {
		t.Errorf("%d of %d histories were undecided, more than 0.1 %%", sum.undecided, sum.histories)
	}
	if sum.unsearched*50 > sum.histories {
		t.Errorf("Porcupine searched %d of %d histories without an end, more than 2 %%: too few were compared", sum.unsearched, sum.histories)
	}
	if sum.ours == 0 || sum.ours == sum.histories {
		t.Errorf("%d of %d histories are violated: the generator makes only one kind", sum.ours, sum.histories)
	}
}

// judge returns the verdicts of the oracle's properties.
func (o oracle) judge(h []history.Request) []Property {
	j := New()
	rec := history.Record{Kind: history.KindHeader, Line: 1}
	rec.Header.Plan.Workload = history.PlanWorkload{Kind: o.workload, Keys: 1}
	rec.Header.Plan.Strategies = []history.PlanStrategy{{Name: "s", Locking: "optimistic", Identify: o.identify, Promises: o.ours}}
	_ = j.Add(&rec)
	_ = j.Add(&history.Record{Kind: history.KindBlock, Block: history.Block{End: 1}})
	for i := range h {
		_ = j.Add(&history.Record{Kind: history.KindRequest, Request: h[i], Line: int64(i + 2)})
	}
	_ = j.Add(&history.Record{Kind: history.KindEvent, Event: history.Event{Name: history.EventEnd}})
	return j.Finish()[0]
}

func (o oracle) contradiction(model porcupine.Model, h []history.Request, sum *oracleTally) string {
	var found []string
	undecided := false
	for _, p := range o.judge(h) {
		if !slices.Contains(o.ours, p.Name) {
			continue
		}
		for _, f := range p.Findings {
			if len(f.Requests) == 0 || len(f.Requests) > maxRequests || f.Sentence == "" {
				return fmt.Sprintf("a finding of %s has %d requests", p.Name, len(f.Requests))
			}
		}
		undecided = undecided || p.Verdict == Undecided
		if p.Verdict == Violated {
			found = append(found, p.text())
		}
	}
	sum.histories++
	result := porcupine.CheckOperationsTimeout(model, o.convert(h), 5*time.Second)
	if undecided {
		sum.undecided++
		return ""
	}
	// Porcupine's search ends by the clock, ours by a count: on a busy
	// machine its bound is met more often, which says nothing of ours.
	if result == porcupine.Unknown {
		sum.unsearched++
		return ""
	}
	legal := result == porcupine.Ok
	if !legal {
		sum.illegal++
	}
	if len(found) > 0 {
		sum.ours++
	}
	switch {
	case legal && len(found) > 0:
		return "Porcupine finds an order, ours a violation\n" + strings.Join(found, "\n")
	case !legal && len(found) == 0:
		sum.missed++
		if !o.necessary {
			return "Porcupine finds no order, ours no violation"
		}
	}
	return ""
}

// shrink drops requests while the contradiction stays.
func shrink(h []history.Request, still func([]history.Request) bool) []history.Request {
	for again := true; again; {
		again = false
		for i := 0; i < len(h); i++ {
			if h[i].Step == history.StepSetup {
				continue
			}
			smaller := slices.Delete(slices.Clone(h), i, i+1)
			if len(smaller) > 0 && still(smaller) {
				h, again = smaller, true
				i--
			}
		}
	}
	return h
}

func (o oracle) show(h []history.Request) string {
	var b strings.Builder
	for i := range h {
		b.Write(h[i].AppendJSON(nil))
	}
	for _, p := range o.judge(h) {
		b.WriteString(p.text())
	}
	return b.String()
}

// sim runs a few clients against a server on a small clock, so that stamps
// collide often.
type sim struct {
	rng     *rand.Rand
	clients int
	ops     int
	unknown float64 // share of answers that never come
	// next chooses a client's next request; apply does it at the server.
	next  func(client, op int) history.Request
	apply func(*history.Request)
	learn func(*history.Request) // the client reads the answer
	now   int64                  // while apply runs
	last  []history.Request      // of the observer, one after the other, at the end
}

func (s *sim) run() []history.Request {
	type work struct {
		r      history.Request
		phase  int // 0 idle, 1 called, 2 done at the server
		at     int64
		giveUp bool
	}
	type late struct {
		r  history.Request
		at int64
	}
	w := make([]work, s.clients)
	for c := range w {
		w[c].at = s.rng.Int64N(5)
	}
	var lates []late
	var out []history.Request
	begun, ops := 0, make([]int, s.clients)
	for {
		best, tie := -1, 0
		for c := range w {
			if w[c].phase == 0 && begun >= s.ops {
				continue
			}
			switch {
			case best < 0 || w[c].at < w[best].at:
				best, tie = c, 1
			case w[c].at == w[best].at:
				tie++
				if s.rng.IntN(tie) == 0 {
					best = c
				}
			}
		}
		arrive := func(due func(late) bool) { // a write that its client gave up, arriving late
			for i := 0; i < len(lates); i++ {
				if due(lates[i]) {
					r := lates[i].r
					s.now = lates[i].at
					s.apply(&r)
					lates = slices.Delete(lates, i, i+1)
					i--
				}
			}
		}
		if best < 0 {
			for i, r := range s.last {
				arrive(func(late) bool { return s.rng.IntN(2) == 0 })
				s.now = int64(1000 + 10*i)
				r.Client, r.Call, r.Return = -1, s.now, s.now+5
				s.apply(&r)
				out = append(out, r)
			}
			arrive(func(late) bool { return true })
			return out
		}
		arrive(func(l late) bool { return l.at <= w[best].at })
		c := &w[best]
		switch c.phase {
		case 0:
			c.r = s.next(best, ops[best])
			c.r.Client = best
			if c.r.Attempt == 0 {
				c.r.Op, c.r.Attempt = ops[best], 1
			}
			if c.r.Key == "" {
				c.r.Key = "k"
			}
			c.r.Call = c.at
			c.giveUp = (c.r.Step.Writes() || c.r.Step == history.StepLock || c.r.Step == history.StepUnlock) && s.rng.Float64() < s.unknown
			c.phase = 1
			c.at += s.rng.Int64N(5)
			begun++
			ops[best]++
		case 1:
			if c.giveUp {
				if s.rng.IntN(3) > 0 { // else it never arrives
					lates = append(lates, late{c.r, c.at + s.rng.Int64N(6)})
				}
				c.r.Status, c.r.Class, c.r.Effect = 0, history.Timeout, history.Unknown
			} else {
				s.now = c.at
				s.apply(&c.r)
			}
			c.phase = 2
			c.at += s.rng.Int64N(5)
		case 2:
			c.r.Return = c.at
			if !c.giveUp {
				s.learn(&c.r)
			}
			out = append(out, c.r)
			c.phase = 0
			c.at += 1 + s.rng.Int64N(4)
		}
	}
}

// filed puts a history into another order that a file may have: clients write
// their records down in pieces, each its own in order.
func filed(rng *rand.Rand, h []history.Request) []history.Request {
	if rng.IntN(2) == 0 {
		return h
	}
	rank := make([]int, 8)
	for i := range rank {
		rank[i] = rng.IntN(3)
	}
	slices.SortStableFunc(h, func(a, b history.Request) int { return rank[a.Client+1] - rank[b.Client+1] })
	return h
}

func chance(rng *rand.Rand, p float64) bool { return rng.Float64() < p }

// spoil changes one thing in a history, so that it may have no order any more.
func spoil(rng *rand.Rand, h []history.Request) {
	if len(h) == 0 {
		return
	}
	tags := []string{"init"}
	for i := range h {
		if h[i].Tag != "" {
			tags = append(tags, h[i].Tag)
		}
	}
	r := &h[rng.IntN(len(h))]
	switch rng.IntN(7) {
	case 0, 1: // a read saw something else
		for range 20 {
			if r.Step == history.StepRead && r.Saw != "" {
				r.Saw = tags[rng.IntN(len(tags))]
				return
			}
			r = &h[rng.IntN(len(h))]
		}
	case 2: // accepted and refused are swapped
		switch r.Effect {
		case history.Applied:
			r.Effect, r.Class, r.Status = history.Refused, history.Stale, 412
		case history.Refused:
			r.Effect, r.Class, r.Status = history.Applied, history.OK, 200
		}
	case 3: // it happened earlier
		d := rng.Int64N(12)
		r.Call, r.Return = r.Call-d, r.Return-d
	case 4: // it ended earlier
		r.Return = max(r.Call, r.Return-rng.Int64N(8))
	case 5: // it began later
		r.Call = min(r.Return, r.Call+rng.Int64N(8))
	case 6: // a refusal happened earlier: aimed at the bounds of refusals
		for range 20 {
			if r.Effect == history.Refused {
				d := rng.Int64N(15)
				r.Call, r.Return = r.Call-d, r.Return-d
				return
			}
			r = &h[rng.IntN(len(h))]
		}
	}
}

// interval is a request's interval for the model.
func interval(r *history.Request) (int64, int64) {
	if r.Effect == history.Unknown {
		return r.Call, math.MaxInt64
	}
	return r.Call, r.Return
}
