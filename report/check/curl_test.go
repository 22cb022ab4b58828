package check

import (
	"testing"

	"tussle/history"
)

// A line is as the runner writes it into the plan; what the record knows is
// put in, escaped for its place, and the rest is left as it is.
func TestCurlLinesCarryWhatWasSent(t *testing.T) {
	write := history.Request{Block: 2, Client: 3, Op: 5, Attempt: 1, Step: history.StepWrite, Key: "b2-k1", Value: "7", Tag: "3.5.1", Expect: `"4"`, Lock: "L'1", Fence: "9"}
	child := history.Request{Step: history.StepCreate, Key: "b2-k1/c3-5", Tag: "3.5.1"}
	with := func(f func(*history.Request)) history.Request {
		r := write
		f(&r)
		return r
	}
	for name, tc := range map[string]struct {
		line string
		r    history.Request
		want string
	}{
		"the key in a path, whole":          {"curl 'http://h/items/r1-{key}'", write, "curl 'http://h/items/r1-b2-k1'"},
		"a key with odd letters":            {"curl 'http://h/{key}'", with(func(r *history.Request) { r.Key = "a b/c?'" }), "curl 'http://h/a%20b%2Fc%3F%27'"},
		"a version in a query":              {"curl 'http://h/r1-{key}?v={version}&x=1'", with(func(r *history.Request) { r.Expect = "a&b+1" }), "curl 'http://h/r1-b2-k1?v=a%26b%2B1&x=1'"},
		"a header":                          {"curl 'u' -H 'If-Match: {version}' -H 'Lock-Token: {lock}' -H 'Fence: {fence}'", write, `curl 'u' -H 'If-Match: "4"' -H 'Lock-Token: L'\''1' -H 'Fence: 9'`},
		"members of a body keep their type": {"curl 'u' --data-binary '{\"value\":{value},\"tag\":{tag},\"list\":[{value},{tag}]}'", write, `curl 'u' --data-binary '{"value":7,"tag":"3.5.1","list":[7,"3.5.1"]}'`},
		"a text that looks like a number":   {"curl 'u' --data-binary '{\"tag\":{tag}}'", with(func(r *history.Request) { r.Tag = "12" }), `curl 'u' --data-binary '{"tag":"12"}'`},
		"a version that is a number":        {"curl 'u' --data-binary '{\"version\":{version}}'", with(func(r *history.Request) { r.Expect = "4" }), `curl 'u' --data-binary '{"version":4}'`},
		"an entity tag in a body":           {"curl 'u' --data-binary '{\"version\":{version}}'", write, `curl 'u' --data-binary '{"version":"\"4\""}'`},
		"inside a text":                     {"curl 'u' --data-binary '{\"owner\":\"client-{client}\",\"at\":\"{block}.{op}.{attempt}\"}'", write, `curl 'u' --data-binary '{"owner":"client-3","at":"2.5.1"}'`},
		"filters":                           {"curl 'u/{key:base64url}' -H 'A: {fence:quote}' -H 'If: {lock:if}' -H 'L: {lock:coded}' -d '{\"a\":{value:text},\"b\":{tag:base64},\"c\":{value:json:base64},\"d\":{version:unquote:number}}'", with(func(r *history.Request) { r.Lock = "t" }), `curl 'u/YjItazE' -H 'A: "9"' -H 'If: (<t>)' -H 'L: <t>' -d '{"a":"7","b":"My41LjE=","c":"Nw==","d":4}'`},
		"a weak tag made strong":            {"curl 'u' -H 'If-Match: {version:strong}'", with(func(r *history.Request) { r.Expect = `W/"4"` }), `curl 'u' -H 'If-Match: "4"'`},
		"an unknown filter or variable":     {"curl 'u' -d '{read.body} with x = {value:rot13} {token} {value}'", write, "curl 'u' -d '{read.body} with x = {value:rot13} {token} 7'"},
		"what was not recorded":             {"curl 'u' -H 'If-Match: {version}'", with(func(r *history.Request) { r.Expect = "" }), "curl 'u' -H 'If-Match: {version}'"},
		"a value that looks like one":       {"curl 'u' -d '{\"v\":{value},\"t\":{tag}}'", with(func(r *history.Request) { r.Value = "{tag}" }), `curl 'u' -d '{"v":"{tag}","t":"3.5.1"}'`},
		"the idempotency key":               {"curl 'u' -H 'Idempotency-Key: {idempotency_key:quote}'", write, `curl 'u' -H 'Idempotency-Key: "r1-2-3-5"'`},
		"a child":                           {"curl 'http://h/items/{parent}/children' -d '{\"name\":{name},\"tag\":{tag}}'", child, `curl 'http://h/items/r1-b2-k1/children' -d '{"name":"c3-5","tag":"3.5.1"}'`},
		"a name that is no child":           {"curl 'u' -d '{\"name\":{name}}'", write, `curl 'u' -d '{"name":"r1-b2-k1"}'`},
		"both ends of a transfer":           {"curl 'u' -d '{\"from\":{from},\"to\":{to},\"amount\":{amount}}'", write, `curl 'u' -d '{"from":"r1-b2-k1","to":"r1-b2-k8","amount":7}'`},
	} {
		t.Run(name, func(t *testing.T) {
			plan := history.PlanStrategy{Curl: map[string]string{string(tc.r.Step): tc.line, "read": "curl 'http://h/items/r1-{key}'"}}
			ops := map[int][]history.Operation{2: {{Client: 3, Op: 5, Key: "b2-k1", Key2: "b2-k8"}}}
			if got := newSpoken(&plan, "r1", ops).curl(&tc.r); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
	server := history.PlanStrategy{Curl: map[string]string{"write": "curl 'http://h/{key}' -d '{\"from\":{from}}'"}}
	if got, want := newSpoken(&server, "r1", nil).curl(&write), `curl 'http://h/b2-k1' -d '{"from":"b2-k1"}'`; got != want {
		t.Errorf("keys that the server names: %s\nwant %s", got, want)
	}
}
