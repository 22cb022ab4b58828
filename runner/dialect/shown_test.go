package dialect

import (
	"testing"
	"time"

	"tussle/history"
	"tussle/scenarios"
)

// What is shown is what is sent, but for secrets.
func TestShown(t *testing.T) {
	env := Options{Origin: "http://h:1", BasePath: "/api", Getenv: func(name string) (string, bool) { return "s3cret-" + name, true }}
	put := scenarios.Step{Request: "PUT /a/{key}", Headers: headers("If-Match", "{version}"), Body: map[string]any{"value": "{value}", "note": "it's {tag}"}}
	doc := scenarios.Step{Request: "PUT /a/{key}", Body: "{read.body}", Set: map[string]any{"stock": "{value}"}, Unset: []string{"old"}}
	vars := set(map[Var]Text{Key: {S: "k 1"}, Version: {S: `"7"`}, Value: {S: "3", Raw: true}, Tag: {S: "t"}, ReadBody: {S: `{"stock":2,"old":1}`, Raw: true}, Token: {S: "bearer-token"}})
	for name, tc := range map[string]struct {
		step scenarios.Step
		vars *Vars
		want string
	}{
		"values put in":        {put, vars, `curl -sS -i -X PUT 'http://h:1/api/a/k%201' -H 'If-Match: "7"' -H 'Content-Type: application/json' --data-binary '{"note":"it'\''s t","value":3}'`},
		"a header left out":    {put, set(map[Var]Text{Key: {S: "k"}, Value: {S: "3"}, Tag: {S: "t"}}), `curl -sS -i -X PUT 'http://h:1/api/a/k' -H 'Content-Type: application/json' --data-binary '{"note":"it'\''s t","value":"3"}'`},
		"a changed document":   {doc, vars, `curl -sS -i -X PUT 'http://h:1/api/a/k%201' -H 'Content-Type: application/json' --data-binary '{"stock":3}'`},
		"a document not known": {doc, set(map[Var]Text{Key: {S: "k"}, Value: {S: "3"}}), ""},
		"what the step says":   {scenarios.Step{Request: "POST /l/{key}", TTL: scenarios.Duration(10 * time.Second), Body: map[string]any{"ttl_ms": "{ttl:ms}", "wait": "{wait}"}}, vars, `curl -sS -i -X POST 'http://h:1/api/l/k%201' -H 'Content-Type: application/json' --data-binary '{"ttl_ms":10000,"wait":"0s"}'`},
		"a secret header":      {scenarios.Step{Request: "GET /", Headers: map[string]scenarios.Text{"Authorization": {Env: "TOKEN_A", Prefix: "Bearer "}}}, vars, `curl -sS -i 'http://h:1/api/' -H 'Authorization: Bearer '"$TOKEN_A"`},
		"a secret in a body":   {scenarios.Step{Request: "POST /login", Body: map[string]any{"user": map[string]any{"env": "U"}, "ttl": int64(5)}}, vars, `curl -sS -i -X POST 'http://h:1/api/login' -H 'Content-Type: application/json' --data-binary '{"ttl":5,"user":"'"$U"'"}'`},
		"the token of a login": {scenarios.Step{Request: "GET /", Headers: headers("Authorization", "Bearer {token}")}, vars, `curl -sS -i 'http://h:1/api/' -H 'Authorization: Bearer '"$TOKEN"`},
		"an unset variable":    {scenarios.Step{Request: "GET /{key}/{n}"}, vars, ""},
		"HEAD":                 {scenarios.Step{Request: "HEAD /{key}"}, vars, "curl -sS -i --head 'http://h:1/api/k%201'"},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, history.StepWrite, tc.step, env)
			got := ""
			if req, err := d.Shown(history.StepWrite, tc.vars); err == nil {
				got = req.Curl()
			}
			if got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
	if _, err := one(t, history.StepWrite, put, env).Shown(history.StepRead, vars); err == nil {
		t.Error("a step without a table is shown")
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
