package sound

import (
	"fmt"
	"net/http"
	"sync"
)

const creating = `name = "NAME"

[target]
url = "URL"

[target.read]
request = "GET /names/{key}"
value   = "json:owner"

[target.create]
request = "POST /names"
body    = { name = "{key}", owner = "{tag}" }

[target.identify]
by  = "tag"
tag = "json:owner"

OUTCOMES
[workload]
kind  = "create-once"
keys  = 60

[[strategy]]
name    = "one-request"
locking = "server-side"
` + load

// naming gives names to owners. Taken says what a second one hears.
func naming(ok int, taken func(owner string) reply) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		s := newShelf(broken)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				d, there := s.get(last(r))
				if !there {
					reply{status: 404, body: `{}`}.send(w)
					return
				}
				reply{status: 200, body: jsonText(d.fields)}.send(w)
				return
			}
			f := fieldsOf(r)
			s.change(fmt.Sprint(f["name"]), func(now doc, there bool) (*doc, reply) {
				if there {
					return nil, taken(fmt.Sprint(now.fields["owner"]))
				}
				return &doc{fields: f}, reply{}
			}, func(d doc) reply { return reply{status: ok, body: jsonText(d.fields)} }).send(w)
		})
	}
}

func outcomes(name, rules string) string { return fit(creating, "NAME", name, "OUTCOMES", rules) }

var creates = []Server{
	{Name: "taken-409", Tempts: "", Breaks: "create-once", Scenario: outcomes("taken-409", ""),
		New: naming(201, func(string) reply { return reply{status: 409, body: `{}`} })},
	{Name: "taken-422", Tempts: "a duplicate is a validation error", Breaks: "create-once",
		Scenario: outcomes("taken-422", "[[target.outcome]]\nstep = \"create\"\nstatus = 422\nclass = \"exists\"\n"),
		New:      naming(201, func(string) reply { return reply{status: 422, body: `{"errors":{"name":["taken"]}}`} })},
	{Name: "find-or-create", Tempts: "a duplicate is answered 200 with the one that is there", Breaks: "create-once",
		Scenario: outcomes("find-or-create", "[[target.outcome]]\nstep = \"create\"\nstatus = 200\nclass = \"exists\"\neffect = \"refused\"\n"),
		New:      naming(201, func(owner string) reply { return reply{status: 200, body: jsonText(map[string]any{"owner": owner})} })},
	{Name: "found-untold", Tempts: "a duplicate is answered 200 with the one that is there, and no rule says so", Breaks: "create-once", Scenario: outcomes("found-untold", ""),
		New: naming(201, func(owner string) reply { return reply{status: 200, body: jsonText(map[string]any{"owner": owner})} })},
	{Name: "found-as-created", Tempts: "a duplicate is answered 201 with the one that is there", Breaks: "create-once", Scenario: outcomes("found-as-created", ""),
		New: naming(201, func(owner string) reply { return reply{status: 201, body: jsonText(map[string]any{"owner": owner})} })},
	{Name: "insert-or-ignore", Tempts: "a duplicate is answered 204 and ignored", Breaks: "create-once", Scenario: outcomes("insert-or-ignore", ""),
		New: naming(201, func(string) reply { return reply{status: 204} })},
	{Name: "user-errors", Tempts: "everything is 200, errors stand inside", Breaks: "create-once",
		Scenario: outcomes("user-errors", "[[target.outcome]]\nstep = \"create\"\njson = { path = \"userErrors.0.code\", equals = \"TAKEN\" }\nclass = \"exists\"\neffect = \"refused\"\n"),
		New:      naming(200, func(string) reply { return reply{status: 200, body: `{"userErrors":[{"code":"TAKEN"}]}`} })},
	{Name: "ids-in-location", Tempts: "ids are the server's, in Location", Breaks: "no-lost-update",
		Scenario: describe("ids-in-location", "[target.setup]\nrequest = \"PUT /docs/{key}\"", "[target.setup]\nrequest = \"POST /docs\"\nkey     = \"header:Location:last\""),
		New: func(broken bool) http.Handler {
			s := newDocuments(broken)
			var mu sync.Mutex
			n := 0
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					s.ServeHTTP(w, r)
					return
				}
				mu.Lock()
				n++
				id := fmt.Sprintf("%06x", n*7919)
				mu.Unlock()
				f := fieldsOf(r)
				s.change(id, func(doc, bool) (*doc, reply) { return &doc{fields: f}, reply{} }, func(doc) reply {
					return reply{201, map[string]string{"Location": "/docs/" + id + "?v=1"}, ""}
				}).send(w)
			})
		}},
}
