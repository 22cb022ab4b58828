package check

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"tussle/history"
)

// keyServer keeps one key that can be created, changed and deleted; sloppy is
// how often it breaks its word.
type keyServer struct {
	rng     *rand.Rand
	sloppy  float64
	states  []string        // "" is absent
	deleted map[string]bool // states that a delete ended
	again   bool            // deleting one of them once more is accepted, and does nothing
	finds   bool            // creating what is there is accepted, and shows it
}

func (s *keyServer) now() string { return s.states[len(s.states)-1] }

func (s *keyServer) apply(r *history.Request) {
	bad := chance(s.rng, s.sloppy)
	if r.Step == history.StepRead {
		r.Status, r.Class, r.Saw = 200, history.OK, s.now()
		if bad {
			r.Saw = s.states[s.rng.IntN(len(s.states))]
		}
		if r.Saw == "" {
			r.Status = 404
		}
		return
	}
	accept := s.now() == r.Base && (r.Step == history.StepCreate) == (r.Base == "")
	if r.Step == history.StepDelete && s.again && s.deleted[r.Base] {
		r.Status, r.Class, r.Effect = 204, history.OK, history.Applied
		return
	}
	if bad {
		accept = !accept
	}
	if !accept && s.finds && r.Step == history.StepCreate && s.now() != "" {
		r.Status, r.Class, r.Effect, r.Saw = 200, history.OK, history.Applied, s.now()
		return
	}
	if !accept {
		r.Status, r.Class, r.Effect = 412, history.Stale, history.Refused
		if r.Step == history.StepCreate {
			r.Class = history.Exists
		}
		return
	}
	r.Status, r.Class, r.Effect = 200, history.OK, history.Applied
	if r.Step == history.StepCreate {
		r.Status = 201
	}
	if bad && s.rng.IntN(2) == 0 {
		return
	}
	if r.Step == history.StepDelete {
		s.deleted[s.now()] = true
		s.states = append(s.states, "")
	} else {
		s.states = append(s.states, r.Tag)
	}
}

// keyHistories makes histories of one key; deletes and changes are left out
// when only creates are wanted.
func keyHistories(createsOnly bool) func(*rand.Rand) []history.Request {
	return func(rng *rand.Rand) []history.Request {
		srv := &keyServer{rng: rng, states: []string{""}, deleted: map[string]bool{}, again: rng.IntN(2) == 0, finds: rng.IntN(3) == 0}
		if rng.IntN(3) == 0 {
			srv.sloppy = 0.15
		}
		s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 4 + rng.IntN(14), unknown: []float64{0, 0.1, 0.3}[rng.IntN(3)], apply: srv.apply}
		known := make([]string, 6)
		serial := 0
		s.next = func(client, _ int) history.Request {
			r := history.Request{Step: history.StepRead}
			switch draw := rng.Float64(); {
			case draw < 0.4:
				return r
			case known[client] == "" || createsOnly:
				r.Step = history.StepCreate
			case draw < 0.7:
				r.Step = history.StepWrite
			default:
				r.Step = history.StepDelete
			}
			if r.Step != history.StepCreate {
				r.Base, r.Expect = known[client], "v"+known[client]
			}
			serial++
			r.Tag = strconv.Itoa(client) + "." + strconv.Itoa(serial)
			return r
		}
		s.learn = func(r *history.Request) {
			switch {
			case r.Step == history.StepRead:
				known[r.Client] = r.Saw
			case r.Effect == history.Applied && r.Step == history.StepDelete:
				known[r.Client] = ""
			case r.Effect == history.Applied && r.Step == history.StepCreate && r.Saw != "":
				known[r.Client] = r.Saw
			case r.Effect == history.Applied:
				known[r.Client] = r.Tag
			}
		}
		h := s.run()
		if rng.IntN(2) == 0 {
			last := history.Request{Client: -1, Step: history.StepRead, Key: "k", Status: 200, Class: history.OK, Saw: srv.now(), Call: 1000, Return: 1001}
			if last.Saw == "" {
				last.Status = 404
			}
			h = append(h, last)
		}
		if rng.IntN(2) == 0 {
			for range 20 {
				spoiled := slices.Clone(h)
				spoil(rng, spoiled)
				for i := range spoiled { // nothing and something have their statuses
					if r := &spoiled[i]; r.Step == history.StepRead {
						r.Status = 200
						if r.Saw == "" || r.Saw == "init" {
							r.Status, r.Saw = 404, ""
						}
					} else if r.Step == history.StepCreate && r.Effect == history.Refused {
						r.Class = history.Exists
					}
				}
				if told(spoiled) {
					return spoiled
				}
			}
		}
		return h
	}
}

// keyOperations converts; without refusals a refused request is one that may
// have been done.
func keyOperations(refusals bool) func([]history.Request) []porcupine.Operation {
	return func(h []history.Request) []porcupine.Operation {
		var out []porcupine.Operation
		for i := range h {
			r := h[i]
			call, ret := interval(&r)
			if r.Step == history.StepCreate && r.Effect == history.Applied && r.Saw != "" && r.Saw != r.Tag {
				r.Step, r.Effect = history.StepRead, "" // it found what another had made
			}
			if r.Effect == history.Refused && !refusals {
				if r.Step == history.StepDelete {
					continue // nobody can see a delete
				}
				r.Effect, ret = history.Unknown, math.MaxInt64
			}
			out = append(out, porcupine.Operation{ClientId: max(0, r.Client), Input: r, Call: call, Return: ret})
		}
		return out
	}
}

// keyModel holds what is there and the states that deletes have ended: to
// delete one of them again, or what is gone, may be accepted and does nothing
// (RFC 9110, 13.1.1).
var keyModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{keyState{}} },
	Step: func(state, input, _ any) []any {
		was, r := state.(keyState), input.(history.Request)
		fits := was.now == r.Base && (r.Step == history.StepCreate) == (r.Base == "")
		after := keyState{r.Tag, was.deleted}
		if r.Step == history.StepDelete {
			after = keyState{"", was.deleted + "|" + r.Base + "|"}
		}
		gone := r.Step == history.StepDelete && (was.now == "" || strings.Contains(was.deleted, "|"+r.Base+"|"))
		switch {
		case r.Step == history.StepRead:
			if was.now == r.Saw {
				return []any{was}
			}
		case r.Effect == history.Refused:
			if !fits {
				return []any{was}
			}
		case r.Effect == history.Unknown && fits:
			return []any{was, after}
		case r.Effect == history.Unknown:
			return []any{was}
		case fits:
			return []any{after}
		case gone:
			return []any{was}
		}
		return nil
	},
}

type keyState struct{ now, deleted string }

// Lives with deletes and re-creates. A delete of what is gone may be accepted,
// and which one was such a delete is not always decided, so it is one way.
func TestOracleLifecycle(t *testing.T) {
	oracle{name: "lifecycle", workload: kindLifecycle, identify: "tag", generate: keyHistories(false), model: keyModel, convert: keyOperations(false),
		ours: []string{lifecycle, noLostUpdate}, necessary: true}.test(t, 1_500)
}

// The same with refusals: a necessary condition.
func TestOracleLifecycleRefusals(t *testing.T) {
	oracle{name: "lifecycle with refusals", workload: kindLifecycle, identify: "tag", generate: keyHistories(false), model: keyModel,
		convert: keyOperations(true), ours: []string{lifecycle, honestRefusals}, necessary: true}.test(t, 1_500)
}

func TestOracleCreateOnce(t *testing.T) {
	oracle{name: "create-once", workload: kindCreateOnce, identify: "tag", generate: keyHistories(true), model: keyModel, convert: keyOperations(true),
		ours: []string{createOnce, honestRefusals}, necessary: true}.test(t, 1_500)
}

// counterHistories makes additions on the server, and reads.
func counterHistories(rng *rand.Rand) []history.Request {
	sloppy := 0.0
	if rng.IntN(3) == 0 {
		sloppy = 0.15
	}
	value := 0
	up := rng.IntN(2) == 0
	s := &sim{rng: rng, clients: 2 + rng.IntN(4), ops: 4 + rng.IntN(12), unknown: []float64{0, 0.1, 0.3}[rng.IntN(3)], learn: func(*history.Request) {}}
	s.next = func(_, _ int) history.Request {
		if rng.IntN(2) == 0 {
			return history.Request{Step: history.StepRead}
		}
		n := 1 + rng.IntN(3)
		if !up && rng.IntN(2) == 0 {
			n = -n
		}
		return history.Request{Step: history.StepAdd, Value: strconv.Itoa(n)}
	}
	s.apply = func(r *history.Request) {
		r.Status, r.Class = 200, history.OK
		n, _ := strconv.Atoi(r.Value)
		switch {
		case r.Step == history.StepRead:
			r.Value = strconv.Itoa(value)
			if chance(rng, sloppy) {
				r.Value = strconv.Itoa(value + rng.IntN(5) - 2)
			}
		case chance(rng, sloppy):
			r.Effect = history.Applied
			value += n * (rng.IntN(2) * 2) // lost or done twice
		default:
			r.Effect = history.Applied
			value += n
		}
	}
	h := s.run()
	h = append(h, history.Request{Client: -1, Step: history.StepRead, Key: "k", Status: 200, Class: history.OK, Value: strconv.Itoa(value), Call: 1000, Return: 1001})
	if rng.IntN(2) == 0 {
		spoil(rng, h)
	}
	return h
}

var counterModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{0} },
	Step: func(state, input, _ any) []any {
		now, r := state.(int), input.(history.Request)
		n, _ := strconv.Atoi(r.Value)
		switch {
		case r.Step == history.StepRead:
			if now == n {
				return []any{now}
			}
			return nil
		case r.Effect == history.Unknown:
			return []any{now, now + n}
		case r.Effect == history.Refused:
			return []any{now}
		}
		return []any{now + n}
	},
}

func TestOracleCounter(t *testing.T) {
	oracle{name: "counter", workload: kindCounter, identify: "none", generate: counterHistories, model: counterModel, convert: keyOperations(true),
		ours: []string{counterBounds, noLostUpdate}, necessary: true}.test(t, 1_500)
}

// listHistories makes appends and reads of the list.
func listHistories(rng *rand.Rand) []history.Request {
	sloppy := 0.0
	if rng.IntN(3) == 0 {
		sloppy = 0.15
	}
	var all []string
	serial := 0
	s := &sim{rng: rng, clients: 2 + rng.IntN(3), ops: 4 + rng.IntN(9), unknown: []float64{0, 0.1, 0.2}[rng.IntN(3)], learn: func(*history.Request) {}}
	s.next = func(client, _ int) history.Request {
		if rng.IntN(2) == 0 {
			return history.Request{Step: history.StepRead}
		}
		serial++
		return history.Request{Step: history.StepAppend, Value: "e" + strconv.Itoa(serial)}
	}
	s.apply = func(r *history.Request) {
		r.Status, r.Class = 200, history.OK
		bad := chance(rng, sloppy)
		switch {
		case r.Step == history.StepRead:
			shown := slices.Clone(all)
			if bad && len(shown) > 0 {
				switch i, j := rng.IntN(len(shown)), rng.IntN(len(shown)); rng.IntN(3) {
				case 0:
					shown = slices.Delete(shown, i, i+1)
				case 1:
					shown[i], shown[j] = shown[j], shown[i]
				case 2:
					shown = append(shown, shown[i])
				}
			}
			r.Value = jsonList(shown)
		case bad:
			r.Effect = history.Applied
			if rng.IntN(2) == 0 {
				all = append(all, r.Value, r.Value)
			}
		default:
			r.Effect = history.Applied
			all = append(all, r.Value)
		}
	}
	h := s.run()
	h = append(h, history.Request{Client: -1, Step: history.StepRead, Key: "k", Status: 200, Class: history.OK, Value: jsonList(all), Call: 1000, Return: 1001})
	if rng.IntN(2) == 0 {
		spoil(rng, h)
	}
	return h
}

func jsonList(s []string) string {
	if len(s) == 0 {
		return "[]"
	}
	return `["` + strings.Join(s, `","`) + `"]`
}

var listModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{"[]"} },
	Step: func(state, input, _ any) []any {
		now, r := state.(string), input.(history.Request)
		longer := strings.TrimSuffix(now, "]") + `,"` + r.Value + `"]`
		if now == "[]" {
			longer = `["` + r.Value + `"]`
		}
		switch {
		case r.Step == history.StepRead:
			if now == r.Value {
				return []any{now}
			}
			return nil
		case r.Effect == history.Unknown:
			return []any{now, longer}
		case r.Effect == history.Refused:
			return []any{now}
		}
		return []any{longer}
	},
}

func TestOracleAppend(t *testing.T) {
	oracle{name: "append", workload: kindAppend, identify: "none", generate: listHistories, model: listModel, convert: keyOperations(true),
		ours: []string{appendOnly}, necessary: true}.test(t, 1_500)
}
