package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// registerServer keeps one resource with a tag; sloppy is how often it breaks
// its word.
type registerServer struct {
	rng    *rand.Rand
	sloppy float64
	tags   []string // every state so far
	vers   int
	byVer  bool
}

func (s *registerServer) current() string { return s.tags[len(s.tags)-1] }

func (s *registerServer) apply(r *history.Request) {
	bad := chance(s.rng, s.sloppy)
	if r.Step == history.StepRead {
		r.Status, r.Class, r.Saw = 200, history.OK, s.current()
		if bad {
			r.Saw = s.tags[s.rng.IntN(len(s.tags))]
		}
		if s.byVer {
			r.Version, r.Saw = r.Saw, ""
		}
		return
	}
	accept := r.Expect == "" || r.Base == s.current()
	if bad {
		accept = !accept
	}
	if !accept {
		r.Status, r.Class, r.Effect = 412, history.Stale, history.Refused
		if bad && s.rng.IntN(2) == 0 && !s.byVer {
			s.done(r)
		}
		return
	}
	r.Status, r.Class, r.Effect = 200, history.OK, history.Applied
	if !bad || s.rng.IntN(2) == 0 {
		s.done(r)
	}
}

func (s *registerServer) done(r *history.Request) {
	if s.byVer {
		s.vers++
		r.Version = strconv.Itoa(s.vers)
		s.tags = append(s.tags, r.Version)
		return
	}
	s.tags = append(s.tags, r.Tag)
}

// registerHistories makes histories with a share of reads and of blind writes.
func registerHistories(blind float64, byVersion bool) func(*rand.Rand) []history.Request {
	return redelivered(blind, byVersion, 0)
}

// redelivered makes them with a share of unanswered writes that are sent again
// as they were.
func redelivered(blind float64, byVersion bool, again float64) func(*rand.Rand) []history.Request {
	return func(rng *rand.Rand) []history.Request {
		srv := &registerServer{rng: rng, tags: []string{"init"}, byVer: byVersion}
		if byVersion {
			srv.tags[0] = "0"
		}
		if rng.IntN(3) == 0 {
			srv.sloppy = 0.15
		}
		known := make([]string, 6)
		s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 4 + rng.IntN(16), unknown: []float64{0, 0.1, 0.3}[rng.IntN(3)], apply: srv.apply}
		reads := 0.2 + 0.5*rng.Float64()
		serial := 0
		sent := make([]*history.Request, 6) // the last write, until it is answered
		s.next = func(client, op int) history.Request {
			if lost := sent[client]; lost != nil && chance(rng, again) {
				return *lost
			}
			r := history.Request{Step: history.StepRead}
			switch {
			case known[client] != "" && chance(rng, 1-reads):
				r.Step, r.Base = history.StepWrite, known[client]
				if !chance(rng, blind) {
					r.Expect = "v" + r.Base
					if byVersion {
						r.Expect = r.Base
					}
				} else if rng.IntN(2) == 0 {
					r.Base = ""
				}
			case chance(rng, blind/2):
				r.Step = history.StepWrite
			}
			if r.Step == history.StepWrite && !byVersion {
				serial++
				r.Tag = strconv.Itoa(client) + "." + strconv.Itoa(serial)
			}
			sent[client] = nil
			if r.Step == history.StepWrite {
				sent[client] = &r
			}
			return r
		}
		s.learn = func(r *history.Request) {
			sent[r.Client] = nil
			switch {
			case r.Step == history.StepRead && byVersion:
				known[r.Client] = r.Version
			case r.Step == history.StepRead:
				known[r.Client] = r.Saw
			case r.Effect == history.Applied && byVersion:
				known[r.Client] = r.Version
			case r.Effect == history.Applied:
				known[r.Client] = r.Tag
			}
		}
		first := history.Request{Client: -1, Step: history.StepSetup, Key: "k", Status: 201, Call: -20, Return: -19, Effect: history.Applied, Class: history.OK}
		if byVersion {
			first.Version = "0"
		} else {
			first.Tag = "init"
		}
		h := append([]history.Request{first}, s.run()...)
		if !byVersion && rng.IntN(2) == 0 {
			h = append(h, history.Request{Client: -1, Step: history.StepRead, Key: "k", Status: 200, Class: history.OK, Saw: srv.current(), Call: 1000, Return: 1001})
		}
		if rng.IntN(2) == 0 && !byVersion {
			for range 20 {
				spoiled := slices.Clone(h)
				spoil(rng, spoiled[1:])
				if told(spoiled) {
					return spoiled
				}
			}
		}
		return h
	}
}

// told reports whether every condition names a state that its client had been
// shown by then: clients cannot make up tags, and ours relies on it.
func told(h []history.Request) bool {
	for i := range h {
		if h[i].Expect == "" {
			continue
		}
		known := false
		for j := range h {
			o := &h[j]
			known = known || o.Client == h[i].Client && o.Return < h[i].Call && (o.Step == history.StepRead && o.Saw == h[i].Base ||
				o.Effect == history.Applied && o.Tag == h[i].Base)
		}
		if !known {
			return false
		}
	}
	return true
}

type registerInput struct {
	step    history.Step
	expect  string // state that the write is conditional on
	effect  history.Effect
	refusal bool // for having moved
	name    string
	orphans []string
}

func registerOperations(byVersion, refusals bool) func([]history.Request) []porcupine.Operation {
	return func(h []history.Request) []porcupine.Operation {
		orphans := []string{}
		if byVersion {
			made := map[string]bool{"0": true}
			for i := range h {
				if h[i].Effect == history.Applied {
					made[h[i].Version] = true
				}
			}
			for i := range h {
				for _, v := range []string{h[i].Version, h[i].Base} {
					if v != "" && !made[v] {
						made[v] = true
						orphans = append(orphans, v)
					}
				}
			}
		}
		var out []porcupine.Operation
		for i := range h {
			r := &h[i]
			if r.Step == history.StepSetup {
				continue
			}
			in := registerInput{step: r.Step, effect: r.Effect, name: r.Tag, refusal: r.Class == history.Stale, orphans: orphans}
			if r.Expect != "" {
				in.expect = r.Base
			}
			if r.Step == history.StepRead {
				in.name = r.Saw
			}
			if byVersion {
				in.name = r.Version
				if r.Effect == history.Unknown {
					in.name = "unseen"
				}
			}
			call, ret := interval(r)
			if r.Effect == history.Refused && (!refusals || r.Expect == "") {
				// For the register alone a refused write is one that may have been done.
				in.effect, ret = history.Unknown, math.MaxInt64
				if refusals {
					continue
				}
			}
			out = append(out, porcupine.Operation{ClientId: max(0, r.Client), Input: in, Call: call, Return: ret})
		}
		return out
	}
}

// registerModel holds the current state and which of the versions that no
// answer told have been used up by unanswered writes.
func registerModel(initial string) porcupine.NondeterministicModel {
	type at struct {
		now  string
		used uint64
	}
	return porcupine.NondeterministicModel{
		Init: func() []any { return []any{at{now: initial}} },
		Step: func(state, input, _ any) []any {
			s, in := state.(at), input.(registerInput)
			switch {
			case in.step == history.StepRead:
				if s.now == in.name {
					return []any{s}
				}
				return nil
			case in.effect == history.Refused:
				if s.now != in.expect {
					return []any{s}
				}
				return nil
			case in.effect == history.Unknown:
				out := []any{s}
				if in.expect == "" || in.expect == s.now {
					out = append(out, at{in.name, s.used})
					for i, o := range in.orphans {
						if s.used&(1<<i) == 0 {
							out = append(out, at{o, s.used | 1<<i})
						}
					}
				}
				return out
			case in.expect == "" || in.expect == s.now:
				return []any{at{in.name, s.used}}
			}
			return nil
		},
	}
}

// Conditional writes only, refusals included: decided both ways.
func TestOracleChain(t *testing.T) {
	oracle{name: "chain", workload: kindRegister, identify: "tag", generate: registerHistories(0, false), model: registerModel("init"),
		convert: registerOperations(false, true), ours: []string{register, honestRefusals, sessionGuarantees, noLostUpdate}}.test(t, 1_500)
}

// Unanswered writes that are sent again, each of which may be carried out.
func TestOracleDeliveries(t *testing.T) {
	oracle{name: "conditional, sent again", workload: kindRegister, identify: "tag", generate: redelivered(0, false, 0.7), model: registerModel("init"),
		convert: registerOperations(false, true), ours: []string{register, honestRefusals, sessionGuarantees}, necessary: true}.test(t, 1_500)
}

func TestOracleBlindDeliveries(t *testing.T) {
	oracle{name: "mixed, sent again", workload: kindRegister, identify: "tag", generate: redelivered(0.6, false, 0.7), model: registerModel("init"),
		convert: registerOperations(false, true), ours: []string{register, honestRefusals, sessionGuarantees}, necessary: true}.test(t, 1_500)
}

// Blind writes only, no refusals.
func TestOracleZones(t *testing.T) {
	oracle{name: "zones", workload: kindRegister, identify: "tag", generate: registerHistories(1, false), model: registerModel("init"),
		convert: registerOperations(false, true), ours: []string{register, honestRefusals, sessionGuarantees}}.test(t, 1_500)
}

// Blind and conditional writes; refused ones must merely not show.
func TestOracleMixed(t *testing.T) {
	oracle{name: "mixed", workload: kindRegister, identify: "tag", generate: registerHistories(0.4, false), model: registerModel("init"),
		convert: registerOperations(false, false), ours: []string{register}}.test(t, 1_500)
}

// Blind and conditional writes with their refusals: ours is a necessary
// condition.
func TestOracleMixedRefusals(t *testing.T) {
	oracle{name: "mixed with refusals", workload: kindRegister, identify: "tag", generate: registerHistories(0.4, false), model: registerModel("init"),
		convert: registerOperations(false, true), ours: []string{register, honestRefusals, sessionGuarantees}, necessary: true}.test(t, 1_500)
}

// States named by versions, so that an unanswered write's state has no name.
func TestOracleVersions(t *testing.T) {
	oracle{name: "versions", workload: kindRegister, identify: "version", generate: registerHistories(0.2, true), model: registerModel("0"),
		convert: registerOperations(true, true), ours: []string{register, honestRefusals, sessionGuarantees}, necessary: true}.test(t, 1_500)
}
