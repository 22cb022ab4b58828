package probe

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tussle/report/check/serial"
	"tussle/scenarios"
)

// shop keeps documents behind ETags. The fields bend it, soundly unless they
// say otherwise.
type shop struct {
	ceiling  int           // a value above it is 422
	hash     bool          // the ETag is a decimal hash
	every    int           // each such request is 429 with Retry-After: 0
	lag      time.Duration // reads are that old
	maxAge   string        // what reads say of their age
	finds    bool          // a create of what is there is 200, and nothing changes
	status   int           // of every write after set-up, which is not done
	tomb     bool          // what was deleted answers 200 {"deleted": true}
	blind    bool          // BROKEN: compares nothing
	upserts  bool          // BROKEN: gives names away twice
	drops    bool          // BROKEN: says 200 to writes that it forgets
	mu       sync.Mutex
	kept     map[string][]entry
	number   int
	requests int
}

type entry struct {
	at      time.Time
	version int
	doc     map[string]any
}

func (s *shop) tag(e entry) string {
	if s.hash {
		text, _ := json.Marshal([]any{e.version, e.doc})
		return fmt.Sprintf(`"%d"`, crc32.ChecksumIEEE(text))
	}
	return fmt.Sprintf(`"%d"`, e.version)
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests++; s.every > 0 && s.requests%s.every == 0 {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(429)
		return
	}
	all := s.kept[r.URL.Path]
	var now, shown *entry
	if len(all) > 0 {
		now = &all[len(all)-1]
	}
	for i := range all {
		if time.Since(all[i].at) >= s.lag || i == 0 {
			shown = &all[i]
		}
	}
	switch r.Method {
	case "GET":
		if shown == nil || shown.doc == nil && !s.tomb {
			w.WriteHeader(404)
			return
		}
		if s.maxAge != "" {
			w.Header().Set("Cache-Control", "max-age="+s.maxAge)
		}
		w.Header().Set("ETag", s.tag(*shown))
		doc := shown.doc
		if doc == nil {
			doc = map[string]any{"deleted": true}
		}
		_ = json.NewEncoder(w).Encode(doc) // the client may have gone
	case "DELETE":
		if now == nil || now.doc == nil {
			w.WriteHeader(204)
			return
		}
		if !s.blind && r.Header.Get("If-Match") != s.tag(*now) {
			w.WriteHeader(412)
			return
		}
		s.keep(r.URL.Path, nil)
		w.WriteHeader(204)
	case "PUT":
		s.put(w, r, now)
	}
}

func (s *shop) put(w http.ResponseWriter, r *http.Request, now *entry) {
	doc := map[string]any{}
	if json.NewDecoder(r.Body).Decode(&doc) != nil {
		w.WriteHeader(400)
		return
	}
	live := now != nil && now.doc != nil
	creates := r.Header.Get("If-None-Match") == "*"
	value, isNumber := doc["v"].(float64)
	switch {
	case creates && live && s.finds:
		w.WriteHeader(200)
		return
	case creates && live && !s.upserts:
		w.WriteHeader(412)
		return
	case !creates && s.status > 0:
		w.WriteHeader(s.status)
		return
	case !creates && !s.blind && (now == nil || r.Header.Get("If-Match") != s.tag(*now)):
		w.WriteHeader(412)
		return
	case s.ceiling > 0 && isNumber && value > float64(s.ceiling):
		w.WriteHeader(422)
		return
	case s.drops && !creates:
		w.WriteHeader(200)
		return
	}
	s.keep(r.URL.Path, doc)
	if live {
		w.WriteHeader(200)
	} else {
		w.WriteHeader(201)
	}
}

func (s *shop) keep(path string, doc map[string]any) {
	s.number++
	s.kept[path] = append(s.kept[path], entry{time.Now(), s.number, doc})
}

const shopScenario = `name = "shop"
[target]
url = %q
setup  = { request = "PUT /{key}", headers = { If-None-Match = "*" }, body = { v = "{value}", by = "{tag}" } }
read   = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write  = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { v = "{value}", by = "{tag}" } }
create = { like = "setup" }
delete = { request = "DELETE /{key}", headers = { If-Match = "{version}" } }
identify = { by = "tag", tag = "json:by" }
[workload]
kind = %q
%s
[[strategy]]
locking = "optimistic"
`

// shopped probes a shop.
func shopped(t *testing.T, s *shop, kind, more string) (serial.Table, error) {
	t.Helper()
	s.kept = map[string][]entry{}
	server := httptest.NewServer(s)
	defer server.Close()
	text := fmt.Sprintf(shopScenario, server.URL, kind, more)
	parsed, err := scenarios.Parse("shop", text, scenarios.Options{Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := judged(t, parsed, Options{})
	return tables[0], err
}

// Sound servers of many habits: none is accused, and what is accepted is asked.
func TestNoSoundServerIsAccused(t *testing.T) {
	for name, c := range map[string]struct {
		shop       *shop
		kind, more string
		asked      bool // the preflight goes through
	}{
		"plain":                         {&shop{}, "counter", "", true},
		"all of a life":                 {&shop{}, "lifecycle", "", true},
		"decimal hashes":                {&shop{hash: true}, "counter", "", true},
		"a ceiling of its own and ours": {&shop{ceiling: 2}, "counter", "ceiling = 2", true},
		"a brake":                       {&shop{every: 7}, "counter", "", true},
		"find or create":                {&shop{finds: true}, "lifecycle", "", true},
		"tombstones":                    {&shop{tomb: true}, "lifecycle", "", true},
		"a cache that lags":             {&shop{lag: 80 * time.Millisecond}, "counter", "", true},
		"a cache that says how it lags": {&shop{lag: 80 * time.Millisecond, maxAge: "1"}, "register", "", true},
		"another media type":            {&shop{status: 415}, "counter", "", false},
		"every write is an error":       {&shop{status: 500}, "counter", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, err := shopped(t, c.shop, c.kind, c.more)
			if (err == nil) != c.asked {
				t.Errorf("asked %v, want %v: %v", err == nil, c.asked, err)
			}
			held := 0
			for _, r := range table.Rows {
				if r.Verdict == serial.Violated {
					t.Errorf("%s: %s (%s)", r.Promise, r.Did, r.Order)
				}
				if r.Verdict == serial.Holds {
					held++
				}
			}
			if !c.asked && held > 0 || c.asked && held == 0 {
				t.Errorf("%d rows hold", held)
			}
		})
	}
}

// Their broken twins are found, each by one cause.
func TestBrokenTwinsAreFoundByOneCause(t *testing.T) {
	for name, c := range map[string]struct {
		shop          *shop
		kind, promise string
	}{
		"compares nothing":   {&shop{blind: true}, "counter", "a stale version is refused"},
		"in decimal hashes":  {&shop{blind: true, hash: true}, "counter", "a stale version is refused"},
		"behind a brake":     {&shop{blind: true, every: 9}, "counter", "a stale version is refused"},
		"gives a name twice": {&shop{upserts: true}, "lifecycle", "a name is created once"},
		"forgets":            {&shop{drops: true}, "counter", "a read shows the write that was acknowledged before it"},
		"stale registers":    {&shop{lag: 80 * time.Millisecond}, "register", "a read shows the write that was acknowledged before it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table, err := shopped(t, c.shop, c.kind, "")
			if err != nil {
				t.Fatal(err)
			}
			var violated []string
			for _, r := range table.Rows {
				if r.Verdict == serial.Violated {
					violated = append(violated, r.Promise)
				}
			}
			if len(violated) != 1 || violated[0] != c.promise {
				t.Errorf("violated: %s; want %s alone", strings.Join(violated, "; "), c.promise)
			}
		})
	}
}
