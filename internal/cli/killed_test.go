package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tussle/history"
)

// ackServer is a sound counter with If-Match that remembers when it said of
// which tagged write that it was accepted.
type ackServer struct {
	hang func(n int, key string) bool // the n-th request of the load gets no answer

	mu     sync.Mutex
	states map[string]ackState
	acks   map[string]time.Time
	n      int
	quit   chan struct{}
}

type ackState struct {
	Value   int64  `json:"value"`
	Tag     string `json:"tag"`
	version int
}

func (s *ackServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(r.URL.Path, "-pre") {
		if s.n++; s.hang != nil && s.hang(s.n, r.URL.Path) {
			s.mu.Unlock()
			select {
			case <-s.quit:
			case <-r.Context().Done():
			}
			s.mu.Lock()
			return
		}
	}
	now := s.states[r.URL.Path]
	if r.Method == "PUT" {
		if r.Header.Get("If-None-Match") == "" && r.Header.Get("If-Match") != fmt.Sprintf(`"%d"`, now.version) {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		next := ackState{version: now.version + 1}
		if json.NewDecoder(r.Body).Decode(&next) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		now, s.states[r.URL.Path] = next, next
		if !strings.Contains(r.URL.Path, "-pre") { // the record leaves out what stands before all tags of a block
			defer func() { s.acks[next.Tag[strings.LastIndexAny(next.Tag, "-/:")+1:]] = time.Now() }()
		}
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, now.version))
	_ = json.NewEncoder(w).Encode(now)
}

const killedScenario = `
[target]
url     = %q
timeout = "60s"
setup   = { request = "PUT /{key}", headers = { If-None-Match = "*" }, body = { value = "{value}", tag = "{tag}" }, version = "header:ETag", timeout = "5s" }
read    = { request = "GET /{key}", value = "json:value", version = "header:ETag" }
write   = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { value = "{value}", tag = "{tag}" }, version = "header:ETag" }

[target.identify]
by  = "tag"
tag = "json:tag"

[workload]
kind  = "counter"
keys  = %d
pause = %q

[load]
clients  = 8
duration = "60s"
warmup   = "0s"
repeat   = 1

[[strategy]]
locking = "optimistic"
retry   = { policy = "fixed", base = %q, attempts = 100 }
`

// Ways of a run to be when it is killed.
var killings = []struct {
	name         string
	keys         int
	pause, retry string
	hang         func(n int, key string) bool
}{
	{"busy", 4, "0s", "1ms", nil},
	{"hanging target", 8, "5ms", "1ms", func(n int, _ string) bool { return n > 300 && n%10 == 0 }},
	{"long retries", 1, "50ms", "20s", nil},
	{"one request a second", 8, "exp(6s)", "1ms", nil},
}

// A run that is killed with -9 at any moment has left in its record every write
// that was acknowledged more than a second before, whatever its clients were
// waiting for, and the record accuses nobody.
func TestAKilledRunLeavesItsRecord(t *testing.T) {
	moments := 2
	if thorough {
		moments = 20
	}
	for _, k := range killings {
		for i := range moments {
			t.Run(fmt.Sprintf("%s %d", k.name, i), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				s := &ackServer{hang: k.hang, states: map[string]ackState{}, acks: map[string]time.Time{}, quit: make(chan struct{})}
				server := httptest.NewServer(s)
				t.Cleanup(func() { close(s.quit); server.Close() })
				inFile(t, filepath.Join(dir, "killed.toml"), fmt.Sprintf(killedScenario, server.URL, k.keys, k.pause, k.retry))
				at := s.killLater(t, dir, 2*time.Second+time.Duration(rand.N(3000))*time.Millisecond)
				s.everyWriteIsThere(t, dir, at)
				if code, out := tussleIn(t, dir, nil, "check", "out"); code != exitInconclusive {
					t.Errorf("check: exit %d, want %d\n%s", code, exitInconclusive, out)
				}
			})
		}
	}
}

// killLater runs the scenario, kills it so long after its load began, later only
// where there is nothing to ask for yet, and returns the moment before which
// everything must be in the record: a second earlier, and as much more as this
// machine kept a waiting process waiting.
func (s *ackServer) killLater(t *testing.T, dir string, after time.Duration) time.Time {
	t.Helper()
	self, err := exec.LookPath("tussle")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "run", "killed.toml", "-q", "-o", "out")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	deadline := time.Now().Add(time.Minute)
	for s.requests() < 10 {
		if time.Now().After(deadline) {
			t.Fatal("the load did not begin")
		}
		time.Sleep(5 * time.Millisecond)
	}
	stall := time.Duration(0)
	begun := time.Now()
	for last := begun; last.Sub(begun) < after || s.acknowledged(last.Add(-time.Second-4*stall)) < 5 && last.Sub(begun) < 40*time.Second; {
		time.Sleep(5 * time.Millisecond)
		now := time.Now()
		stall, last = max(stall, now.Sub(last)-5*time.Millisecond), now
	}
	at := time.Now()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	return at.Add(-time.Second - 4*stall)
}

// acknowledged counts the writes that were, up to a moment.
func (s *ackServer) acknowledged(until time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, at := range s.acks {
		if !at.After(until) {
			n++
		}
	}
	return n
}

func (s *ackServer) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

func (s *ackServer) everyWriteIsThere(t *testing.T, dir string, before time.Time) {
	t.Helper()
	recorded := map[string]bool{}
	err := history.Each(filepath.Join(dir, "out", historyFile), func(rec *history.Record) {
		if r := &rec.Request; rec.Kind == history.KindRequest && r.Block >= 0 && r.Effect == history.Applied {
			recorded[r.Tag] = true
		}
	})
	var cut *history.CutError
	if err != nil && !errors.As(err, &cut) {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, missing, oldest := 0, 0, time.Time{}
	for tag, at := range s.acks {
		if at.After(before) {
			continue
		}
		if old++; !recorded[tag] {
			if missing++; oldest.IsZero() || at.Before(oldest) {
				oldest = at
			}
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged writes that are old enough are not in the record, the oldest by %v", missing, old, before.Sub(oldest))
	}
	if old < 3 {
		t.Errorf("only %d acknowledged writes were old enough to ask for (of %d): nothing was tested", old, len(s.acks))
	}
	if _, err := os.Stat(filepath.Join(dir, "out", jsonFile)); err == nil {
		t.Error("the run was not killed: it wrote its report")
	}
}
