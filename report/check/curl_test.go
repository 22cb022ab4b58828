package check

import (
	"maps"
	"strings"
	"testing"

	"tussle/history"
)

// What a finding shows is what was sent: each recorded text in its place, with
// its type, and whatever was unset left out.
func TestCurlLinesCarryWhatWasSent(t *testing.T) {
	write := history.Request{Block: 2, Client: 3, Op: 5, Attempt: 1, Step: history.StepWrite, Key: "b2-k1", Value: "7", Tag: "3.5.1", Expect: `"4"`, Lock: "L'1", Fence: "9"}
	child := history.Request{Step: history.StepCreate, Key: "b2-k1/c3-5", Tag: "3.5.1"}
	with := func(f func(*history.Request)) history.Request {
		r := write
		f(&r)
		return r
	}
	type plan = history.PlanRequest
	body := func(pairs ...string) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = pairs[i+1]
		}
		return out
	}
	headers := func(pairs ...string) (out []history.PlanField) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, history.PlanField{Name: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	const json = " -H 'Content-Type: application/json' --data-binary "
	for name, tc := range map[string]struct {
		plan plan
		kind string // counter
		r    history.Request
		told about
		want string // after the method
	}{
		"a key that we named": {plan: plan{Path: "/items/{key}"}, r: write, want: "'http://h/items/r1-b2-k1'"},
		"a key that the server named": {plan: plan{Path: "/items/{key}"}, r: write, told: about{id: "42/a"},
			want: "'http://h/items/42%2Fa'"},
		"a version in a query": {plan: plan{Path: "/x", Query: headers("lock", "{fence:raw}", "v", "{version}")}, r: with(func(r *history.Request) { r.Expect, r.Fence = "a&b+1", "" }),
			want: "'http://h/x?v=a%26b%2B1'"},
		"headers": {plan: plan{Path: "/x", Headers: headers("If-Match", "{version}", "Lock-Token", "{lock}", "Fence", "{fence}")}, r: write,
			want: `'http://h/x' -H 'If-Match: "4"' -H 'Lock-Token: L'\''1' -H 'Fence: 9'`},
		"a header that was unset": {plan: plan{Path: "/x", Headers: headers("If-Match", "{version}")}, r: with(func(r *history.Request) { r.Expect = "" }),
			want: "'http://h/x'"},
		"members keep their type": {plan: plan{Path: "/x", Body: map[string]any{"value": "{value}", "tag": "{tag}", "list": []any{"{value}", "{tag}"}}}, r: write,
			want: "'http://h/x'" + json + `'{"list":[7,"r1-b2-3.5.1"],"tag":"r1-b2-3.5.1","value":7}'`},
		"a text of a register": {plan: plan{Path: "/x", Body: body("value", "{value}")}, kind: kindRegister, r: write,
			want: "'http://h/x'" + json + `'{"value":"7"}'`},
		"a member that was unset": {plan: plan{Path: "/x", Body: body("value", "{value}", "version", "{version}")}, r: with(func(r *history.Request) { r.Expect = "" }),
			want: "'http://h/x'" + json + `'{"value":7}'`},
		"a version found in JSON": {plan: plan{Path: "/x", Body: body("version", "{version}"), Captures: map[string]string{"version": "json:v"}}, r: with(func(r *history.Request) { r.Expect = "4" }),
			want: "'http://h/x'" + json + `'{"version":4}'`},
		"a version found in a header": {plan: plan{Path: "/x", Body: body("version", "{version}"), Captures: map[string]string{"version": "header:V"}}, r: with(func(r *history.Request) { r.Expect = "4" }),
			want: "'http://h/x'" + json + `'{"version":"4"}'`},
		"where in the run it was": {plan: plan{Path: "/x", Body: body("at", "{block}.{client}.{op}.{attempt}", "run", "{run}")}, r: write,
			want: "'http://h/x'" + json + `'{"at":"2.3.5.1","run":"r1"}'`},
		"the idempotency key": {plan: plan{Path: "/x", Headers: headers("Idempotency-Key", "{idempotency_key:quote}")}, r: write,
			want: `'http://h/x' -H 'Idempotency-Key: "r1-2-3-5"'`},
		"a child": {plan: plan{Path: "/items/{parent}/children", Body: body("name", "{name}", "tag", "{tag}")}, kind: kindParentChild, r: child,
			want: "'http://h/items/r1-b2-k1/children'" + json + `'{"name":"c3-5","tag":"r1-b0-3.5.1"}'`},
		"both ends of a transfer": {plan: plan{Path: "/x", Body: body("from", "{from}", "to", "{to}", "amount", "{amount}")}, kind: kindTransfer,
			r:    with(func(r *history.Request) { r.Step = history.StepTransfer }),
			want: "'http://h/x'" + json + `'{"amount":7,"from":"r1-b2-k1","to":"r1-b2-k8"}'`},
		"the scenario's own variables": {plan: plan{Path: "/f/{folder}/{page}"}, r: with(func(r *history.Request) { r.Vars = `{"folder":"a b","page":3}` }),
			want: "'http://h/f/a%20b/3'"},
		"a document that goes back": {plan: plan{Path: "/x", Body: "{read.body}", Set: map[string]any{"stock": "{value}"}}, r: write, told: about{document: `{"stock":1,"name":"x <y>"}`},
			want: "'http://h/x'" + json + `'{"stock":7,"name":"x <y>"}'`},
		"a document that was not kept":         {plan: plan{Path: "/x", Body: "{read.body}"}, r: write, want: ""},
		"a variable that is not in the record": {plan: plan{Path: "/x/{folder}"}, r: write, want: ""},
		"a secret":                             {plan: plan{Path: "/x", Headers: []history.PlanField{{Name: "Authorization", Prefix: "Bearer ", Env: "KEY"}}}, r: write, want: `'http://h/x' -H 'Authorization: Bearer '"$KEY"`},
	} {
		t.Run(name, func(t *testing.T) {
			tc.plan.Method, tc.plan.Base = "PUT", "http://h"
			h := history.Header{Run: "r1", Plan: history.Plan{Workload: history.PlanWorkload{Kind: kindCounter},
				Strategies: []history.PlanStrategy{{Requests: map[string]plan{string(tc.r.Step): tc.plan}}}}}
			if tc.kind != "" {
				h.Plan.Workload.Kind = tc.kind
			}
			ops := map[int][]history.Operation{}
			if tc.kind == kindTransfer {
				ops[2] = []history.Operation{{Client: 3, Op: 5, Key: "b2-k1", Key2: "b2-k8"}}
			}
			tell := func(_ int, key string) about {
				if key == "b2-k1" {
					return tc.told
				}
				return about{}
			}
			want := tc.want
			if want != "" {
				want = "curl -sS -i -X PUT " + want
				if !strings.Contains(want, "--data-") {
					want += " -H 'Content-Length: 0'" // as the run sent it
				}
			}
			if got := newSpoken(&h, 0, ops, tell).curl(&tc.r); got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}

// Each client shows the headers of its own identity; a step's own win.
func TestCurlLinesPresentTheClientsIdentity(t *testing.T) {
	h := history.Header{Run: "r1", Plan: history.Plan{Strategies: []history.PlanStrategy{{Requests: map[string]history.PlanRequest{
		"read": {Method: "GET", Base: "http://h", Path: "/", Headers: []history.PlanField{{Name: "accept", Value: "a/b"}}}}}}},
		Target: history.TargetInfo{CA: "ca.pem", Identities: [][]history.PlanField{
			{{Name: "Authorization", Env: "A"}, {Name: "Accept", Value: "*/*"}}, {{Name: "Authorization", Env: "B"}}}}}
	s := newSpoken(&h, 0, nil, func(int, string) about { return about{} })
	for client, want := range map[int]string{0: `"$A"`, 1: `"$B"`, 2: `"$A"`, history.Observer: `"$A"`} {
		if got, want := s.curl(&history.Request{Client: client, Step: history.StepRead}), "curl -sS -i 'http://h/' -H 'Accept: a/b' -H 'Authorization: '"+want+" --cacert 'ca.pem'"; got != want {
			t.Errorf("client %d: %s\nwant %s", client, got, want)
		}
	}
}

// A history that does not say how its steps are spoken shows what it has.
func TestCurlLinesOfOtherRecorders(t *testing.T) {
	h := history.Header{Plan: history.Plan{Strategies: []history.PlanStrategy{{}}}}
	s := newSpoken(&h, 0, nil, func(int, string) about { return about{} })
	got := map[history.Step]string{}
	for _, step := range []history.Step{history.StepRead, history.StepWrite, history.StepDelete, history.StepTeardown} {
		got[step] = s.curl(&history.Request{Step: step, Key: "a/b c", Value: "5", Expect: `"v"`})
	}
	want := map[history.Step]string{
		history.StepRead:     `curl -sS -i "$TARGET"'/a/b%20c' -H 'If-Match: "v"'`,
		history.StepWrite:    `curl -sS -i -X PUT "$TARGET"'/a/b%20c' -H 'If-Match: "v"' -H 'Content-Type: text/plain' --data-binary '5'`,
		history.StepDelete:   `curl -sS -i -X DELETE "$TARGET"'/a/b%20c' -H 'If-Match: "v"' -H 'Content-Type: text/plain' --data-binary '5'`,
		history.StepTeardown: "",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}
