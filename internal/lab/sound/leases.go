package sound

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// leased is an API for documents below leases. Every lease has a number that
// grows; a write with an older one is refused.
type leased struct {
	*documents
	mu     sync.Mutex
	held   map[string]lock
	number int64
	ttl    time.Duration
	token  func(number int64, owner string) string
	slides bool // a write prolongs the lease
	broken bool
}

type lock struct {
	token, owner string
	number       int64
	until        time.Time
}

func (s *leased) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/locks/") {
		s.lease(r).send(w)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.held[last(r)]
	if r.Method != http.MethodPut || r.Header.Get("Lock-Token") == "" {
		if r.Method == http.MethodPut && time.Now().Before(l.until) {
			reply{status: 423, body: `{"error":"locked"}`}.send(w)
			return
		}
		s.documents.ServeHTTP(w, r)
		return
	}
	if !s.broken && (l.token != r.Header.Get("Lock-Token") || time.Now().After(l.until)) {
		reply{status: 412, body: `{"error":"the lease has lapsed"}`}.send(w)
		return
	}
	if s.slides {
		l.until = time.Now().Add(s.ttl)
		s.held[last(r)] = l
	}
	s.documents.ServeHTTP(w, r)
}

func (s *leased) lease(r *http.Request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := last(r)
	now := s.held[key]
	live := now.token != "" && time.Now().Before(now.until)
	if r.Method == http.MethodDelete {
		if !live || now.token != r.Header.Get("Lock-Token") {
			return reply{status: 404, body: `{}`}
		}
		delete(s.held, key)
		return reply{status: 204}
	}
	owner := fmt.Sprint(fieldsOf(r)["owner"])
	if live && !(s.broken && s.number%3 == 0) {
		return reply{status: 423, body: `{"error":"locked"}`}
	}
	s.number++
	l := lock{s.token(s.number, owner), owner, s.number, time.Now().Add(s.ttl)}
	s.held[key] = l
	return reply{status: 201, body: jsonText(map[string]any{"token": l.token, "fence": l.number, "ttl_ms": s.ttl.Milliseconds()})}
}

const leasing = `name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /docs/{key}"
body    = { n = "{value}", by = "{tag}" }

[target.lock]
request = "POST /locks/{key}"
body    = { owner = "client-{client}" }
ttl     = "5s"
token   = "json:token"
fence   = "json:fence"
GRANTED

[target.unlock]
request = "DELETE /locks/{key}"
headers = { Lock-Token = "{lock}" }

[target.read]
request = "GET /docs/{key}"
value   = "json:n"

[target.write]
request = "PUT /docs/{key}"
headers = { Lock-Token = "{lock}", Fence = "{fence}" }
body    = { n = "{value}", by = "{tag}" }

[target.identify]
by  = "tag"
tag = "json:by"

[[target.outcome]]
status = 412
class  = "stale"

[workload]
kind  = "KIND"
keys  = 2
WAIT

[[strategy]]
name    = "lease"
locking = "pessimistic"
` + again + "\n" + load

func leasingBy(ttl time.Duration, token func(int64, string) string, slides bool) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		return &leased{documents: newDocuments(false), held: map[string]lock{}, ttl: ttl, token: token, slides: slides, broken: broken}
	}
}

func unique(n int64, _ string) string      { return fmt.Sprintf("urn:lock:%d", n) }
func ofOwner(_ int64, owner string) string { return "lock-of-" + owner }

const granted = `granted = "json:ttl_ms:ms"`

var leases = []Server{
	{Name: "lease-shorter", Tempts: "grants 40 ms where 5 s were asked for, and says so", Breaks: "mutual-exclusion",
		Scenario: fit(leasing, "NAME", "lease-shorter", "GRANTED", granted, "KIND", "lease", "WAIT", `hold  = "uniform(1ms, 60ms)"`),
		New:      leasingBy(40*time.Millisecond, unique, false)},
	{Name: "lease-sliding", Tempts: "a write prolongs the lease", Breaks: "mutual-exclusion",
		Scenario: fit(leasing, "NAME", "lease-sliding", "GRANTED", granted, "KIND", "lease", "WAIT", `hold  = "uniform(1ms, 3ms)"`),
		New:      leasingBy(200*time.Millisecond, unique, true)},
	{Name: "token-of-owner", Tempts: "a client gets the same token each time", Breaks: "mutual-exclusion",
		Scenario: fit(leasing, "NAME", "token-of-owner", "GRANTED", granted, "KIND", "lease", "WAIT", `hold  = "uniform(1ms, 3ms)"`),
		New:      leasingBy(5*time.Second, ofOwner, false)},
	{Name: "lease-counter", Tempts: "read, think, write below a lease", Breaks: "no-lost-update",
		Scenario: fit(leasing, "NAME", "lease-counter", "GRANTED", granted, "KIND", "counter", "WAIT", `think = "1ms"`),
		New:      leasingBy(5*time.Second, unique, false)},
}
