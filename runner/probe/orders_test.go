package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tussle/history"
	"tussle/report/check/serial"
	"tussle/runner"
	"tussle/scenarios"
)

// Of m and n requests there are (m+n)!/(m!n!) orders, each one different and
// each keeping a client's own order.
func TestInterleaveListsEveryOrderOnce(t *testing.T) {
	for _, c := range []struct{ m, n, want int }{{2, 2, 6}, {4, 2, 15}, {3, 2, 10}, {3, 3, 20}, {3, 1, 4}, {5, 1, 6}} {
		seen := map[string]bool{}
		for _, order := range interleave(c.m, c.n) {
			seen[fmt.Sprint(order)] = true
			second := 0
			for _, who := range order {
				second += who
			}
			if len(order) != c.m+c.n || second != c.n {
				t.Errorf("%d and %d: %v", c.m, c.n, order)
			}
		}
		if len(seen) != c.want || len(interleave(c.m, c.n)) != c.want {
			t.Errorf("%d and %d: %d orders, want %d", c.m, c.n, len(seen), c.want)
		}
	}
}

// leases is a server that speaks the dialect lease, kept small: one fault in
// it can be switched on.
type leases struct {
	mu     sync.Mutex
	fault  string
	items  map[string]json.RawMessage
	holder map[string]string
	number int
}

func (l *leases) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kind, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	token := r.Header.Get("Lock-Token")
	answer := func(status int, text string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text)) // the client may have gone
	}
	problem := func(status int, name string) { answer(status, `{"type":"/problems/`+name+`"}`) }
	_, exists := l.items[key]
	switch kind + " " + r.Method {
	case "locks POST":
		if l.holder[key] != "" && l.fault != "lock granted twice" {
			problem(423, "locked")
			return
		}
		l.number++
		l.holder[key] = fmt.Sprintf("token-%d", l.number)
		answer(200, fmt.Sprintf(`{"token":%q,"fence":%d}`, l.holder[key], l.number))
	case "locks DELETE":
		if token != l.holder[key] {
			problem(409, "lock-lost")
			return
		}
		l.holder[key] = ""
		answer(204, "")
	case "items GET":
		if !exists {
			problem(404, "not-found")
			return
		}
		answer(200, strings.Replace(string(l.items[key]), "{", `{"version":1,`, 1))
	default:
		creates := r.Header.Get("If-None-Match") == "*"
		switch {
		case creates && exists:
			problem(412, "exists")
			return
		case !creates && token == "" && !(l.fault == "delete without lock" && r.Method == "DELETE"):
			problem(428, "lock-required")
			return
		case !creates && token != l.holder[key] && !(l.fault == "delete without lock" && r.Method == "DELETE"):
			problem(412, "lock-lost")
			return
		}
		if r.Method == "DELETE" {
			delete(l.items, key)
			if l.fault != "lock outlives resource" { // as WebDAV has it
				l.holder[key] = ""
			}
			answer(204, "")
			return
		}
		var body json.RawMessage
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			problem(400, "unreadable")
			return
		}
		l.items[key] = body
		answer(200, `{"version":1}`)
	}
}

// probed is the table of a server, whose URL goes into the scenario.
func probed(t *testing.T, handler http.Handler, scenario string) serial.Table {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	s, err := scenarios.Parse("probed", fmt.Sprintf(scenario, server.URL), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := judged(t, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tables[0]
}

// judged probes what a scenario names and has the record judged.
func judged(t *testing.T, s *scenarios.Scenario, o Options) ([]serial.Table, error) {
	t.Helper()
	var record bytes.Buffer
	session, err := runner.Open(t.Context(), s, runner.Options{Dir: t.TempDir(), History: &record})
	if err != nil {
		return nil, err
	}
	err = Run(t.Context(), session, o)
	if closed := session.Close(); closed != nil {
		t.Fatal(closed)
	}
	r, readErr := history.NewReader(&record)
	if readErr != nil {
		t.Fatal(readErr)
	}
	defer r.Close()
	j := serial.New()
	var rec history.Record
	for readErr = r.Read(&rec); readErr == nil; readErr = r.Read(&rec) {
		if err := j.Add(&rec); err != nil {
			t.Fatal(err)
		}
	}
	if !errors.Is(readErr, io.EOF) {
		t.Fatal(readErr)
	}
	return j.Finish(), err
}

const leaseScenario = `name = "leases"
[target]
url = %q
[workload]
kind = "lifecycle"
[[strategy]]
name     = "lease"
locking  = "pessimistic"
dialect  = "lease"
promises = ["no-lost-update", "mutual-exclusion"]
`

// A server may keep a lock when its resource is deleted, or drop it with the
// resource: both are one step after the other. Whose lock it is must count.
func TestOrdersOfLocksAndDeletes(t *testing.T) {
	const outsider = "lock+write+unlock beside delete"
	const deletes, writes = "lock+delete+unlock beside lock+write+unlock", "lock+write+unlock beside lock+write+unlock"
	for _, c := range []struct {
		fault, row string
		want       serial.Verdict
		did        string
	}{
		{"", deletes, serial.Holds, "all 20 orders: as one step after the other"},
		{"", writes, serial.Holds, "all 20 orders: as one step after the other"},
		{"lock outlives resource", deletes, serial.Holds, "all 20 orders: as one step after the other"},
		{"", outsider, serial.Holds, "all 4 orders: as one step after the other"},
		{"delete without lock", outsider, serial.Violated, "a delete is accepted under another's lock"},
		{"lock granted twice", "a second lock is refused while it is held", serial.Violated, "200"},
		{"lock granted twice", deletes, serial.SameCause, "two hold the lock"},
		{"lock granted twice", writes, serial.SameCause, "two hold the lock"},
	} {
		table := probed(t, &leases{fault: c.fault, items: map[string]json.RawMessage{}, holder: map[string]string{}}, leaseScenario)
		at := slices.IndexFunc(table.Rows, func(r serial.Row) bool { return r.Promise == c.row })
		if at < 0 {
			t.Errorf("fault %q: no row %q", c.fault, c.row)
			continue
		}
		if r := table.Rows[at]; r.Verdict != c.want || !strings.Contains(r.Did, c.did) {
			t.Errorf("fault %q, %s: %s, %q; want %s, %q", c.fault, c.row, r.Verdict, r.Did, c.want, c.did)
		}
	}
}
