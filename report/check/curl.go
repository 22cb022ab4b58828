package check

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tussle/history"
	"tussle/history/wire"
)

// spoken is a strategy with what it takes to show a request as it was sent.
type spoken struct {
	*history.PlanStrategy
	run    string // the run's id
	kind   string // of the workload
	target history.TargetInfo
	lists  bool // a write sends the whole list, the record has the element
	// partner is the second key of the operation that a request belongs to.
	partner func(block, client, op int) string
	// told returns what the target said of a key at set-up and at the end:
	// its id where the target assigned one, and a document.
	told  func(block int, key string) about
	steps func() []map[history.Step]*wire.Step // by identity
}

// about is what later requests on a key send and their own record does not have.
type about struct{ id, document string }

func newSpoken(h *history.Header, index int, ops map[int][]history.Operation, tell func(block int, key string) about) *spoken {
	type opAt struct{ block, client, op int }
	partners := sync.OnceValue(func() map[opAt]string {
		out := map[opAt]string{}
		for block, list := range ops {
			for i := range list {
				out[opAt{block, list[i].Client, list[i].Op}] = list[i].Key2
			}
		}
		return out
	})
	s := &spoken{PlanStrategy: &h.Plan.Strategies[index], run: h.Run, kind: h.Plan.Workload.Kind, target: h.Target, told: tell,
		partner: func(block, client, op int) string { return partners()[opAt{block, client, op}] }}
	s.lists = s.kind == kindAppend
	s.steps = sync.OnceValue(s.compile)
	return s
}

// compile makes the plan's steps ready for each identity; none where the plan
// does not say how they are spoken.
func (s *spoken) compile() []map[history.Step]*wire.Step {
	if len(s.Requests) == 0 {
		return nil
	}
	identities := s.target.Identities
	if len(identities) == 0 {
		identities = [][]history.PlanField{nil}
	}
	out := make([]map[history.Step]*wire.Step, len(identities))
	for i, fixed := range identities {
		requests := map[string]history.PlanRequest{}
		for name, r := range s.Requests {
			for _, h := range fixed {
				if !slices.ContainsFunc(r.Headers, func(own history.PlanField) bool { return strings.EqualFold(own.Name, h.Name) }) {
					r.Headers = append(slices.Clip(r.Headers), h)
				}
			}
			requests[name] = r
		}
		steps, err := wire.Compile(requests, wire.Options{})
		if err != nil {
			return nil // a plan of another version
		}
		out[i] = steps
	}
	return out
}

// curl is the request as a command that runs as it stands; "" where the record
// does not have all that was sent.
func (s *spoken) curl(r *history.Request) string {
	all := s.steps()
	if all == nil {
		return s.guess(r)
	}
	step := all[max(r.Client, 0)%len(all)][r.Step]
	if step == nil {
		return ""
	}
	v := s.vars(r)
	if step.Uses(wire.IdempotencyKey) {
		v.Set(wire.IdempotencyKey, wire.Text{S: wire.Once(s.run, r.Block, r.Client, r.Op)})
	}
	if step.Uses(wire.UUID) {
		op := r.Op
		if _, text, ok := strings.Cut(r.Key, "-k"); ok && r.Client == history.Observer { // its key's number
			op, _ = strconv.Atoi(text)
		}
		v.Set(wire.UUID, wire.Text{S: wire.UUIDOf(s.run, r.Block, r.Client, op)})
	}
	for _, name := range step.Own {
		if strings.HasPrefix(name, wire.CookieVar) {
			v.SetNamed(name, wire.Text{S: wire.CookieSecret(name)})
		}
	}
	req, err := step.Request(v)
	if err != nil {
		return ""
	}
	req.CA, req.Cert, req.Key, req.Sign = s.target.CA, s.target.Cert, s.target.Key, s.target.Sign
	return req.Curl()
}

// vars are the variables that the request was made of.
func (s *spoken) vars(r *history.Request) *wire.Vars {
	v := &wire.Vars{}
	set := func(x wire.Var, text string, raw bool) {
		if text != "" {
			v.Set(x, wire.Text{S: text, Raw: raw})
		}
	}
	key, child, family := strings.Cut(r.Key, "/")
	if !family || r.Step != history.StepCreate {
		child = ""
	}
	set(wire.Run, s.run, false)
	set(wire.Key, s.id(r.Block, key), false)
	set(wire.Parent, s.id(r.Block, key), false)
	if set(wire.Name, s.id(r.Block, key), false); child != "" {
		set(wire.Name, child, false)
	}
	if second := s.partner(r.Block, r.Client, r.Op); second != "" {
		set(wire.From, s.id(r.Block, key), false)
		set(wire.To, s.id(r.Block, second), false)
	}
	if r.Tag != "" && s.run != "" {
		set(wire.Tag, wire.Own(s.run, r.Block)+r.Tag, false)
	}
	set(wire.Version, r.Expect, s.raw("version", r.Expect))
	if r.Step != history.StepLock || s.Requests[string(history.StepLock)].Choose != "" {
		set(wire.Lock, r.Lock, s.raw("token", r.Lock))
		set(wire.Fence, r.Fence, s.raw("fence", r.Fence))
	}
	if r.Step.Writes() {
		set(wire.Value, r.Value, s.number(r.Value))
	}
	if r.Step == history.StepAdd || r.Step == history.StepTransfer {
		set(wire.Amount, r.Value, true)
	}
	for x, n := range map[wire.Var]int{wire.Client: r.Client, wire.Op: r.Op, wire.N: r.Op, wire.Attempt: r.Attempt, wire.Block: r.Block} {
		v.Set(x, wire.Text{S: strconv.Itoa(n), Raw: true})
	}
	if at := strings.LastIndex(key, "-k"); r.Client == history.Observer && at >= 0 {
		set(wire.N, key[at+2:], true)
	}
	set(wire.ReadBody, s.told(r.Block, key).document, true)
	set(wire.Token, wire.Secret("TOKEN"), false)
	for name, text := range named(r.Vars) {
		v.SetNamed(name, text)
	}
	return v
}

// id is a key as the target knows it.
func (s *spoken) id(block int, key string) string {
	if id := s.told(block, key).id; id != "" {
		return id
	}
	return s.run + "-" + key
}

// raw reports whether a text that a capture found is sent as JSON and not as a
// text: what was found in JSON keeps its type.
func (s *spoken) raw(capture, text string) bool {
	for _, r := range s.Requests {
		c, err := wire.ParseCapture(r.Captures[capture])
		if err == nil && (c.Kind != "json" && c.Kind != "body" && c.Kind != "status" || len(c.Filters) > 0) {
			return false
		}
	}
	return text != "" && text[0] != '"' && json.Valid([]byte(text))
}

// number reports whether a value of the workload is sent as JSON.
func (s *spoken) number(value string) bool {
	switch s.kind {
	case kindCounter, kindTransfer, kindPair, kindLease:
		return true
	case kindAppend:
		return strings.HasPrefix(value, "[")
	}
	return false
}

// named are the variables of a scenario's own that a request was made of.
func named(text string) map[string]wire.Text {
	var members map[string]json.RawMessage
	if text == "" || json.Unmarshal([]byte(text), &members) != nil {
		return nil
	}
	out := map[string]wire.Text{}
	for name, raw := range members {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			out[name] = wire.Text{S: s}
		} else {
			out[name] = wire.Text{S: string(raw), Raw: true}
		}
	}
	return out
}

// guess is a request of a history that does not say how its steps were spoken:
// as much as the record has, to a target that whoever runs it names.
func (s *spoken) guess(r *history.Request) string {
	method := methods[r.Step]
	if method == "" {
		return ""
	}
	plan := history.PlanRequest{Method: method, Path: "/{key:raw}"}
	header := func(name, value string, there bool) {
		if there {
			plan.Headers = append(plan.Headers, history.PlanField{Name: name, Value: value})
		}
	}
	header("If-Match", "{version}", r.Expect != "")
	header("Lock-Token", "{lock}", r.Lock != "" && r.Step != history.StepLock)
	header("Fence", "{fence}", r.Fence != "" && r.Step != history.StepLock)
	if r.Value != "" && r.Step.Writes() {
		plan.Body = "{value}"
	}
	steps, err := wire.Compile(map[string]history.PlanRequest{string(r.Step): plan}, wire.Options{})
	if err != nil {
		return ""
	}
	v := s.vars(r)
	v.Set(wire.Key, wire.Text{S: wire.Path(r.Key)})
	req, err := steps[r.Step].Request(v)
	if err != nil {
		return ""
	}
	req.URL = wire.Secret("TARGET") + req.URL
	return strings.TrimSuffix(req.Curl(), " -H 'Content-Length: 0'") // what was sent is not known
}

var methods = map[history.Step]string{history.StepRead: "GET", history.StepList: "GET", history.StepWrite: "PUT", history.StepCreate: "PUT",
	history.StepSetup: "PUT", history.StepReset: "PUT", history.StepDelete: "DELETE", history.StepUnlock: "DELETE", history.StepAdd: "POST",
	history.StepAppend: "POST", history.StepTransfer: "POST", history.StepLock: "POST", history.StepRefresh: "PUT"}
