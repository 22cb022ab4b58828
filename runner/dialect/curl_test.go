package dialect

import (
	"strings"
	"testing"
	"time"

	"tussle/history"
	"tussle/scenarios"
)

func TestCurl(t *testing.T) {
	env := Options{BasePath: "/api", Getenv: func(name string) (string, bool) { return "s3cret-" + name, true },
		Mask: func(s string) string { return strings.ReplaceAll(s, "hunter2", "***") }}
	put := scenarios.Step{Request: "PUT /a/{key}", Headers: headers("If-Match", "{version}"), Body: map[string]any{"value": "{value}", "note": "it's {tag}"}}
	doc := scenarios.Step{Request: "PUT /a/{key}", Body: "{read.body}", Set: map[string]any{"stock": "{value}"}, Unset: []string{"old"}}
	vars := set(map[Var]Text{Key: {S: "k 1"}, Version: {S: `"7"`}, Value: {S: "3", Raw: true}, Tag: {S: "hunter2"}, ReadBody: {S: `{"stock":2,"old":1}`, Raw: true}, Token: {S: "bearer-token"}})
	for name, tc := range map[string]struct {
		step scenarios.Step
		vars *Vars
		want string
	}{
		"variables left in":    {put, nil, `curl -sS -i -X PUT 'http://h:1/api/a/{key}' -H 'If-Match: {version}' -H 'Content-Type: application/json' --data-binary '{"note":"it'\''s {tag}","value":{value}}'`},
		"values put in":        {put, vars, `curl -sS -i -X PUT 'http://h:1/api/a/k%201' -H 'If-Match: "7"' -H 'Content-Type: application/json' --data-binary '{"note":"it'\''s ***","value":3}'`},
		"a header left out":    {put, set(map[Var]Text{Key: {S: "k"}, Value: {S: "3"}, Tag: {S: "t"}}), `curl -sS -i -X PUT 'http://h:1/api/a/k' -H 'Content-Type: application/json' --data-binary '{"note":"it'\''s t","value":"3"}'`},
		"a changed document":   {doc, vars, `curl -sS -i -X PUT 'http://h:1/api/a/k%201' -H 'Content-Type: application/json' --data-binary '{"stock":3}'`},
		"its changes":          {doc, nil, `curl -sS -i -X PUT 'http://h:1/api/a/{key}' -H 'Content-Type: application/json' --data-binary '<put here: the document that was read, without old, with stock = {value}>'`},
		"what the step says":   {scenarios.Step{Request: "POST /l/{key}", TTL: scenarios.Duration(10 * time.Second), Body: map[string]any{"ttl_ms": "{ttl:ms}", "wait": "{wait}"}}, nil, `curl -sS -i -X POST 'http://h:1/api/l/{key}' -H 'Content-Type: application/json' --data-binary '{"ttl_ms":10000,"wait":"0s"}'`},
		"a secret header":      {scenarios.Step{Request: "GET /", Headers: map[string]scenarios.Text{"Authorization": {Env: "TOKEN_A", Prefix: "Bearer "}}}, nil, `curl -sS -i 'http://h:1/api/' -H 'Authorization: Bearer '"$TOKEN_A"`},
		"a secret in a body":   {scenarios.Step{Request: "POST /login", Body: map[string]any{"user": map[string]any{"env": "U"}, "ttl": int64(5)}}, vars, `curl -sS -i -X POST 'http://h:1/api/login' -H 'Content-Type: application/json' --data-binary '{"ttl":5,"user":"'"$U"'"}'`},
		"the token of a login": {scenarios.Step{Request: "GET /", Headers: headers("Authorization", "Bearer {token}")}, vars, `curl -sS -i 'http://h:1/api/' -H 'Authorization: Bearer ***'`},
		"an unset variable":    {scenarios.Step{Request: "GET /{key}/{n}"}, vars, `curl -sS -i 'http://h:1/api/{key}/{n}'`},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, history.StepWrite, tc.step, env)
			if got := d.Curl(history.StepWrite, tc.vars, "http://h:1/api"); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
	if got := one(t, history.StepWrite, put, env).Curl(history.StepRead, nil, ""); got != "" {
		t.Errorf("a step without a table: %q", got)
	}
}

// TestSecretsAreSent: what curl lines hide is what the request carries.
func TestSecretsAreSent(t *testing.T) {
	d, list := recorded(t, "testdata/stripe.txt")
	if len(list) == 0 || d.Uses(history.StepWrite, Lock) || !d.Uses(history.StepWrite, IdempotencyKey) || d.Has(history.StepLock) || !d.Has(history.StepRead) {
		t.Error("what steps there are and what they use is not told right")
	}
	login := one(t, history.StepLogin, scenarios.Step{Request: "POST /login", Headers: map[string]scenarios.Text{"X-Key": {Env: "K", Prefix: "Key "}},
		Body: map[string]any{"user": "{name}", "password": map[string]any{"env": "P"}}}, Options{Getenv: func(name string) (string, bool) { return `q"` + name, true }})
	v := &Vars{}
	v.SetNamed("name", Text{S: "ann"})
	req := render(t, login, history.StepLogin, v)
	if got := string(req.Body()); got != `{"password":"q\"P","user":"ann"}` {
		t.Errorf("body %s", got)
	}
	if got := string(req.Header("X-Key")); got != `Key q"K` {
		t.Errorf("header %s", got)
	}
}
