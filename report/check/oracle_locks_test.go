package check

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// lockHistories makes grants, refusals and releases of one lock.
func lockHistories(rng *rand.Rand) []history.Request {
	sloppy := 0.0
	if rng.IntN(3) == 0 {
		sloppy = 0.2
	}
	holder := ""
	serial := 0
	holds := make([]string, 6)
	sessions := rng.IntN(2) == 0 // a client has one token for all its holds
	s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 4 + rng.IntN(14)}
	s.next = func(client, _ int) history.Request {
		if holds[client] != "" {
			return history.Request{Step: history.StepUnlock, Lock: holds[client]}
		}
		return history.Request{Step: history.StepLock}
	}
	s.apply = func(r *history.Request) {
		bad := chance(rng, sloppy)
		switch {
		case r.Step == history.StepUnlock:
			r.Status, r.Class = 204, history.OK
			if holder == r.Lock || bad {
				holder = ""
			}
		case (holder == "") != bad:
			serial++
			r.Lock = strconv.Itoa(serial)
			if sessions {
				r.Lock = "s" + strconv.Itoa(r.Client)
			}
			r.Status, r.Class = 200, history.OK
			holder = r.Lock
		default:
			r.Status, r.Class = 423, history.Locked
		}
	}
	s.learn = func(r *history.Request) {
		holds[r.Client] = ""
		if r.Step == history.StepLock && r.Class == history.OK {
			holds[r.Client] = r.Lock
		}
	}
	return s.run()
}

var lockModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{""} },
	Step: func(state, input, _ any) []any {
		now, r := state.(string), input.(history.Request)
		switch {
		case r.Step == history.StepLock && r.Class == history.OK && now == "":
			return []any{r.Lock}
		case r.Step == history.StepLock && r.Class == history.Locked && now != "":
			return []any{now}
		case r.Step == history.StepUnlock && now == r.Lock:
			return []any{""}
		}
		return nil
	},
}

// lockOperations leaves refused requests out, or keeps them.
func lockOperations(refusals bool) func([]history.Request) []porcupine.Operation {
	return func(h []history.Request) []porcupine.Operation {
		granted := map[string]bool{}
		for i := range h {
			if h[i].Step == history.StepLock {
				granted[h[i].Lock] = true
			}
		}
		var out []porcupine.Operation
		for i := range h {
			if r := h[i]; (refusals || r.Class == history.OK) && (r.Step == history.StepLock || granted[r.Lock]) {
				out = append(out, porcupine.Operation{ClientId: r.Client, Input: r, Call: r.Call, Return: r.Return})
			}
		}
		return out
	}
}

// Grants and releases that were all answered: decided both ways.
func TestOracleLocks(t *testing.T) {
	oracle{name: "locks", workload: kindLease, identify: "none", generate: lockHistories, model: lockModel, convert: lockOperations(false),
		ours: []string{mutualExclusion}}.test(t, 1_500)
}

func TestOracleLockRefusals(t *testing.T) {
	oracle{name: "locks with refusals", workload: kindLease, identify: "none", generate: lockHistories, model: lockModel, convert: lockOperations(true),
		ours: []string{mutualExclusion, honestRefusals}, necessary: true}.test(t, 1_500)
}

// Lost increments are counted, not only found: without unanswered requests
// the number lost is what was acknowledged less what was left.
func TestLostNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(oracleSeed, 7))
	for range 2000 {
		type at struct {
			tag   string
			value int
		}
		now := at{"init", 0}
		known := make([]*at, 6)
		acked, serial := 0, 0
		careful := rng.IntN(2) == 0
		s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 30}
		s.next = func(client, _ int) history.Request {
			k := known[client]
			if k == nil {
				return history.Request{Step: history.StepRead}
			}
			serial++
			return history.Request{Step: history.StepWrite, Base: k.tag, Tag: strconv.Itoa(serial), Value: strconv.Itoa(k.value + 1)}
		}
		s.apply = func(r *history.Request) {
			r.Status, r.Class = 200, history.OK
			if r.Step == history.StepRead {
				r.Saw, r.Value = now.tag, strconv.Itoa(now.value)
				return
			}
			if careful && r.Base != now.tag {
				r.Status, r.Class, r.Effect = 409, history.Stale, history.Refused
				return
			}
			n, _ := strconv.Atoi(r.Value)
			now, r.Effect = at{r.Tag, n}, history.Applied
			acked++
		}
		s.learn = func(r *history.Request) {
			known[r.Client] = nil
			if r.Step == history.StepRead {
				n, _ := strconv.Atoi(r.Value)
				known[r.Client] = &at{r.Saw, n}
			}
		}
		h := append([]history.Request{{Client: -1, Step: history.StepSetup, Key: "k", Tag: "init", Value: "0", Status: 201, Call: -9, Return: -8}}, s.run()...)
		h = append(h, history.Request{Client: -1, Step: history.StepRead, Key: "k", Status: 200, Class: history.OK, Saw: now.tag, Value: strconv.Itoa(now.value), Call: 5000, Return: 5001})
		o := oracle{workload: kindCounter, identify: "tag", ours: []string{noLostUpdate}}
		for _, p := range o.judge(h) {
			if want := int64(acked - now.value); p.Name == noLostUpdate && p.Violations != want {
				t.Fatalf("%d acknowledged, %d left, but %d lost by ours\n%s", acked, now.value, p.Violations, o.show(h))
			}
		}
	}
}
