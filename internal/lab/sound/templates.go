package sound

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"tussle/scenarios"
	"tussle/targets/webdav"
)

// Templates are servers that match what tussle init prints, template by
// template; those of operations have targets of their own. The scenario is the
// template as it is printed, but for the address and a shorter load.
func Templates() []Server {
	matching := []Server{
		{Name: "double-spend", Tempts: "two conditional writes make a transfer, and nothing joins them", Breaks: "conservation", New: accounts},
		{Name: "duplicate-create", Tempts: "names can be given back", Breaks: "create-once", New: users},
		{Name: "lease", Tempts: "a lock is waited for, or not", Breaks: "mutual-exclusion", New: jobs},
		{Name: "lost-update", Tempts: "nobody has to send a condition", Breaks: "no-lost-update", New: articles},
		{Name: "parent-delete", Tempts: "a customer with orders stays", Breaks: "parent-child", New: customers},
		{Name: "webdav-lock", Tempts: "locks beside preconditions", Breaks: "no-lost-update", New: dav},
	}
	for i := range matching {
		s := &matching[i]
		text, there := scenarios.Template(s.Name)
		if !there {
			panic("tussle init prints no template " + s.Name)
		}
		s.Scenario = strings.NewReplacer("http://127.0.0.1:8080", "URL", `duration = "1s"`, "duration = \"200ms\"\nwarmup   = \"20ms\"\nrepeat   = 1").Replace(text)
	}
	return matching
}

// articles gives out the ids of its documents itself.
func articles(broken bool) http.Handler {
	s := newDocuments(broken)
	s.delete = func(s *documents, r *http.Request) reply { return s.remove(r, reply{status: 204}) }
	var mu sync.Mutex
	id := 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			s.ServeHTTP(w, r)
			return
		}
		f := fieldsOf(r)
		mu.Lock()
		id++
		f["id"] = id
		mu.Unlock()
		s.change(fmt.Sprint(f["id"]), func(doc, bool) (*doc, reply) { return &doc{fields: f}, reply{} },
			func(d doc) reply { return reply{status: 201, body: jsonText(d.fields)} }).send(w)
	})
}

// users is naming with names that can be given back.
func users(broken bool) http.Handler {
	names := naming(201, func(string) reply { return reply{status: 409, body: `{"error":"taken"}`} })(broken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			reply{status: 204}.send(w) // after the run; nobody asks again
			return
		}
		names.ServeHTTP(w, r)
	})
}

// customers is parents whose states have names: a customer has one state.
func customers(broken bool) http.Handler {
	s := withParents(false, 0)(broken)
	var editors sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, list := last(r), strings.HasSuffix(r.URL.Path, "/orders")
		if r.Method == http.MethodPut {
			f := fieldsOf(r)
			editors.Store(key, f["editor"])
		}
		r.URL.Path = strings.NewReplacer("/customers/", "/parents/", "/orders", "/children").Replace(r.URL.Path)
		if r.Method != http.MethodGet {
			s.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		if s.ServeHTTP(answer, r); answer.Code != http.StatusOK {
			reply{status: answer.Code, body: answer.Body.String()}.send(w)
			return
		}
		if list {
			reply{status: 200, body: strings.Replace(answer.Body.String(), "children", "orders", 1)}.send(w)
			return
		}
		editor, _ := editors.Load(key)
		reply{200, map[string]string{"ETag": `"1"`}, jsonText(map[string]any{"editor": editor})}.send(w)
	})
}

// accounts moves money in one request, or lets clients write both balances.
func accounts(broken bool) http.Handler {
	s := newDocuments(false)
	var mu sync.Mutex // of transfers and writes
	done := map[string]bool{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method != http.MethodPost {
			s.ServeHTTP(w, r)
			return
		}
		f := fieldsOf(r)
		amount, reference := whole(f["amount"]), fmt.Sprint(f["reference"])
		from, to := fmt.Sprint(f["from"]), fmt.Sprint(f["to"])
		payer, _ := s.get(from)
		switch left := whole(payer.fields["balance"]) - amount; {
		case done[reference]:
			reply{status: 200, body: `{"status":"done before"}`}.send(w)
		case left < 0:
			reply{status: 409, body: `{"error":"insufficient_funds"}`}.send(w)
		default:
			done[reference] = true
			if broken {
				mu.Unlock()
				time.Sleep(gap)
				mu.Lock()
			}
			payee, _ := s.get(to)
			s.put(from, map[string]any{"balance": left, "last": reference})
			s.put(to, map[string]any{"balance": whole(payee.fields["balance"]) + amount, "last": reference})
			reply{status: 201, body: `{"status":"done"}`}.send(w)
		}
	})
}

// put stores fields, whatever was there.
func (s *shelf) put(key string, fields map[string]any) {
	s.change(key, func(doc, bool) (*doc, reply) { return &doc{fields: fields}, reply{} }, func(doc) reply { return reply{} })
}

// whole is a JSON number as an integer; 0 when it is none.
func whole(v any) int64 {
	n, _ := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	return n
}

// jobs are documents below leases that a client may wait for.
func jobs(broken bool) http.Handler {
	s := leasingBy(5*time.Second, unique, false)(broken)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			s.ServeHTTP(w, r)
			return
		}
		f := fieldsOf(r)
		wait, _ := strconv.Atoi(fmt.Sprint(f["wait_ms"]))
		for until := time.Now().Add(time.Duration(wait) * time.Millisecond); ; time.Sleep(time.Millisecond) {
			again := httptest.NewRequest(http.MethodPost, r.URL.Path, strings.NewReader(jsonText(f)))
			answer := httptest.NewRecorder()
			if s.ServeHTTP(answer, again); answer.Code == http.StatusCreated || time.Now().After(until) {
				reply{status: answer.Code, body: answer.Body.String()}.send(w)
				return
			}
		}
	})
}

// dav is a WebDAV server that honours If-Match as well, one request at a time.
// Its twin is the same server without that: it looks at locks alone.
func dav(broken bool) http.Handler {
	files, err := webdav.Open(webdav.Options{Store: "memory"})
	if err != nil {
		panic(err) // of a store in memory
	}
	made := httptest.NewRecorder()
	files.ServeHTTP(made, httptest.NewRequest("MKCOL", "/dav", nil))
	if broken {
		return files
	}
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if sent := r.Header.Get("If-Match"); sent != "" && r.Method != http.MethodGet {
			now := httptest.NewRecorder()
			files.ServeHTTP(now, httptest.NewRequest(http.MethodHead, r.URL.Path, nil))
			if now.Header().Get("ETag") != sent {
				reply{status: 412, body: `{"error":"stale"}`}.send(w)
				return
			}
		}
		files.ServeHTTP(w, r)
	})
}
