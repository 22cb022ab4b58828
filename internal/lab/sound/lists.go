package sound

import (
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const family = `name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /parents/{key}"
body    = { by = "{tag}" }

[target.read]
request = "GET /parents/{key}"

[target.create]
request = "POST /parents/{parent}/children"
body    = { id = "{name}", by = "{tag}" }

[target.delete]
request = "DELETE /parents/{key}"

[target.list]
request = "GET /parents/{key}/children"
value   = "json:children.#.id"

[target.identify]
by  = "tag"
tag = "json:by"

[[target.outcome]]
status = [404, 409]
step   = ["create", "delete"]
class  = "dependency"

[workload]
kind  = "parent-child"
keys  = 40

[[strategy]]
name    = "one-request"
locking = "server-side"
` + load

// parents keeps children below parents. A parent that has children is either
// kept or takes them along.
type parents struct {
	mu       sync.Mutex
	live     map[string]bool
	children map[string]map[string]bool
	cascades bool
	page     int // children of a page; 0: all
	broken   bool
}

func (s *parents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	key := part[1]
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == http.MethodPut:
		s.live[key], s.children[key] = true, map[string]bool{}
		reply{status: 201}.send(w)
	case r.Method == http.MethodPost:
		if !s.live[key] {
			reply{status: 404, body: `{}`}.send(w)
			return
		}
		if s.broken {
			s.mu.Unlock()
			time.Sleep(gap)
			s.mu.Lock()
		}
		if s.children[key] == nil {
			s.children[key] = map[string]bool{}
		}
		s.children[key][fmt.Sprint(fieldsOf(r)["id"])] = true
		reply{status: 201, body: `{}`}.send(w)
	case r.Method == http.MethodDelete:
		switch {
		case !s.live[key]:
			reply{status: 404, body: `{}`}.send(w)
		case len(s.children[key]) > 0 && !s.cascades:
			reply{status: 409, body: `{}`}.send(w)
		default:
			delete(s.live, key)
			delete(s.children, key)
			reply{status: 204}.send(w)
		}
	case len(part) == 3:
		s.list(key, r).send(w)
	case !s.live[key]:
		reply{status: 404, body: `{}`}.send(w)
	default:
		reply{status: 200, body: `{"by":"x"}`}.send(w)
	}
}

func (s *parents) list(key string, r *http.Request) reply {
	names := []string{}
	for name := range s.children[key] {
		names = append(names, name)
	}
	sort.Strings(names)
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	from = min(from, len(names))
	names = names[from:]
	a := reply{status: 200, header: map[string]string{}}
	if s.page > 0 && len(names) > s.page {
		names = names[:s.page]
		a.header["Link"] = fmt.Sprintf(`</parents/%s/children?from=%d>; rel="next"`, key, from+s.page)
	}
	items := []any{}
	for _, name := range names {
		items = append(items, map[string]any{"id": name})
	}
	a.body = jsonText(map[string]any{"children": items, "total": len(s.children[key])})
	return a
}

func withParents(cascades bool, page int) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		return &parents{live: map[string]bool{}, children: map[string]map[string]bool{}, cascades: cascades, page: page, broken: broken}
	}
}

const moving = `name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /accounts/{key}"
body    = { balance = "{value}" }

[target.read]
request = "GET /accounts/{key}"
value   = "json:balance"

[target.transfer]
request = "POST /transfers"
body    = { from = "{from}", to = "{to}", amount = "{amount}", reference = "{tag}" }

[target.identify]
by = "none"

[[target.outcome]]
status = 409
json   = { path = "error", equals = "insufficient_funds" }
class  = "rejected"
action = "never"

[workload]
kind    = "transfer"
keys    = 4
initial = 100
amount  = 20
floor   = 0

[[strategy]]
name    = "one-request"
locking = "server-side"
` + load

// bank moves money, each reference once.
func bank(broken bool) http.Handler {
	var mu sync.Mutex
	balance, done := map[string]int64{}, map[string]bool{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := fieldsOf(r)
		number := func(name string) int64 { n, _ := strconv.ParseInt(fmt.Sprint(f[name]), 10, 64); return n }
		mu.Lock()
		defer mu.Unlock()
		switch r.Method {
		case http.MethodPut:
			balance[last(r)] = number("balance")
			reply{status: 201}.send(w)
		case http.MethodGet:
			reply{status: 200, body: jsonText(map[string]any{"balance": balance[last(r)]})}.send(w)
		default:
			from, to, amount, reference := fmt.Sprint(f["from"]), fmt.Sprint(f["to"]), number("amount"), fmt.Sprint(f["reference"])
			if done[reference] {
				reply{status: 200, body: `{"status":"done before"}`}.send(w)
				return
			}
			if balance[from] < amount {
				reply{status: 409, body: `{"error":"insufficient_funds"}`}.send(w)
				return
			}
			done[reference] = true
			left := balance[from] - amount
			if broken {
				mu.Unlock()
				time.Sleep(gap)
				mu.Lock()
			}
			balance[from] = left
			balance[to] += amount
			reply{status: 201, body: `{"status":"done"}`}.send(w)
		}
	})
}

var lists = []Server{
	{Name: "cascading-delete", Tempts: "children go with their parent", Breaks: "parent-child", Scenario: fit(family, "NAME", "cascading-delete"),
		New: withParents(true, 0)},
	{Name: "restricting-delete", Tempts: "", Breaks: "parent-child", Scenario: fit(family, "NAME", "restricting-delete"),
		New: withParents(false, 0)},
	{Name: "pages", Tempts: "a list is cut into pages of two", Breaks: "parent-child", Scenario: fit(family, "NAME", "pages"),
		New: withParents(false, 2)},
	{Name: "reference-once", Tempts: "a reference that was seen is answered 200 and not done again", Breaks: "conservation", Scenario: fit(moving, "NAME", "reference-once"),
		New: bank},
}
