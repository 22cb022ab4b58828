// Package sound has servers that keep what they promise in ways that a hasty
// judge takes for a breach: they delete twice, brake, answer early hints, name
// their states by opaque texts, cut their lists into pages. Each has a broken
// twin, which differs in the one step that matters. Tests drive both with the
// whole program: the sound ones are never accused, the twins always are.
package sound

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is one sound server and its broken twin.
type Server struct {
	Name     string // also the scenario's
	Tempts   string // what a hasty judge would hold against it
	Scenario string // TOML; URL stands for the server's address
	Breaks   string // property that the twin breaks
	New      func(broken bool) http.Handler
}

// gap is how long a twin's window stays open between its two steps.
const gap = 2 * time.Millisecond

// doc is one stored document and the number of its state, which never comes
// back, not even after a delete.
type doc struct {
	fields map[string]any
	rev    int64
	gone   bool
}

// shelf keeps documents. A sound one looks and replaces in one step, a broken
// one in two.
type shelf struct {
	mu     sync.Mutex
	docs   map[string]doc
	last   int64
	broken bool
}

func newShelf(broken bool) *shelf { return &shelf{docs: map[string]doc{}, broken: broken} }

// get returns the document of a key; ok is false when there never was one.
func (s *shelf) get(key string) (doc, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.docs[key]
	return d, ok
}

// change lets decide look at what is there. A nil next leaves it; else next
// is stored under a new number, which stored is given.
func (s *shelf) change(key string, decide func(now doc, there bool) (next *doc, refusal reply), stored func(doc) reply) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, there := s.docs[key]
	next, refusal := decide(now, there)
	if next == nil {
		return refusal
	}
	if s.broken {
		s.mu.Unlock()
		time.Sleep(gap)
		s.mu.Lock()
	}
	s.last++
	next.rev = s.last
	s.docs[key] = *next
	return stored(*next)
}

// reply is an answer before it is sent.
type reply struct {
	status int
	header map[string]string
	body   string
}

func (a reply) send(w http.ResponseWriter) {
	for name, text := range a.header {
		w.Header()[name] = []string{text} // as written, not canonical
	}
	if a.status == http.StatusNoContent {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	io.WriteString(w, a.body)
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of our own maps
	}
	return string(text)
}

// fieldsOf reads a JSON object, numbers as they were written.
func fieldsOf(r *http.Request) map[string]any {
	fields := map[string]any{}
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return map[string]any{}
	}
	return fields
}

// merged is a document with some of its fields replaced.
func merged(d doc, fields map[string]any) map[string]any {
	out := maps.Clone(d.fields)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, fields)
	return out
}

// last is the last segment of a request's path.
func last(r *http.Request) string {
	return r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
}

// load is the end of every scenario: enough for two clients to meet often.
const load = `
[load]
clients  = 8
duration = "150ms"
warmup   = "20ms"
repeat   = 1
`

// again is a patient retry policy.
const again = `retry = { policy = "full-jitter", base = "1ms", cap = "20ms", attempts = 1000 }`
