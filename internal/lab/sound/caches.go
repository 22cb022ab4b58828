package sound

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// fit replaces words of a scenario.
func fit(text string, replacements ...string) string {
	return strings.NewReplacer(replacements...).Replace(text)
}

// cached answers reads from a copy for some milliseconds and says how old it
// is. Conditions are checked against the truth.
func cached(lag time.Duration) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		s := newDocuments(broken)
		type copied struct {
			a  reply
			at time.Time
		}
		var mu sync.Mutex
		copies := map[string]copied{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				s.ServeHTTP(w, r)
				return
			}
			mu.Lock()
			c, ok := copies[r.URL.Path]
			if !ok || time.Since(c.at) > lag {
				c = copied{s.answer(r), time.Now()}
				if c.a.header == nil {
					c.a.header = map[string]string{}
				}
				c.a.header["Cache-Control"], c.a.header["Age"] = "max-age=1", "0"
				copies[r.URL.Path] = c
			}
			mu.Unlock()
			c.a.send(w)
		})
	}
}

// counting adds on the server, below a ceiling.
func counting(answer func(n int64) reply) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		s := newShelf(broken)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f := fieldsOf(r)
			number := func(v any) int64 {
				var n int64
				fmt.Sscan(fmt.Sprint(v), &n)
				return n
			}
			key := strings.Split(strings.Trim(r.URL.Path, "/"), "/")[1]
			switch r.Method {
			case http.MethodGet:
				d, ok := s.get(key)
				if !ok {
					reply{status: 404, body: `{}`}.send(w)
					return
				}
				reply{status: 200, body: jsonText(map[string]any{"n": number(d.fields["n"])})}.send(w)
			case http.MethodPut:
				s.change(key, func(doc, bool) (*doc, reply) { return &doc{fields: f}, reply{} }, func(doc) reply { return reply{status: 201} }).send(w)
			default:
				s.change(key, func(now doc, there bool) (*doc, reply) {
					n := number(now.fields["n"]) + number(f["amount"])
					if n > 40 {
						return nil, reply{status: 422, body: `{"error":"sold out"}`}
					}
					return &doc{fields: map[string]any{"n": n}}, reply{}
				}, func(d doc) reply { return answer(number(d.fields["n"])) }).send(w)
			}
		})
	}
}

const adding = `name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /counters/{key}"
body    = { n = "{value}" }

[target.read]
request = "GET /counters/{key}"
value   = "json:n"

[target.add]
request = "POST /counters/{key}/add"
body    = { amount = "{amount}" }

[target.identify]
by = "none"

[[target.outcome]]
step   = "add"
status = 422
class  = "rejected"
action = "never"

[workload]
kind    = "counter"
keys    = 8
ceiling = 40
pause   = "exp(2ms)"

[[strategy]]
name    = "one-request"
locking = "server-side"
` + load

var caches = []Server{
	{Name: "cache", Tempts: "reads are up to 3 ms old", Breaks: "no-lost-update", Scenario: describe("cache", `locking = "optimistic"`, `locking = "optimistic"
promises = ["no-lost-update", "progress"]`), New: cached(3 * time.Millisecond)},
	{Name: "ceiling", Tempts: "refuses to count beyond 40", Breaks: "no-lost-update", Scenario: fit(adding, "NAME", "ceiling"),
		New: counting(func(n int64) reply { return reply{status: 200, body: jsonText(map[string]any{"n": n})} })},
	{Name: "silent-ceiling", Tempts: "says nothing about the count", Breaks: "no-lost-update", Scenario: fit(adding, "NAME", "silent-ceiling"),
		New: counting(func(int64) reply { return reply{status: 204} })},
}
