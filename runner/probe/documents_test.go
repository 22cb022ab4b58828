package probe

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"tussle/report/check/serial"
)

// documents keeps whole documents, whose revision comes and goes inside them.
// It compares before it writes, or not at all with blind; of its answers to
// reads it drops each one of so many, unless 0.
type documents struct {
	mu    sync.Mutex
	blind bool
	drop  int
	reads int
	kept  map[string]document
	drops int
}

type document struct {
	Meta struct {
		Rev *int `json:"rev,omitempty"`
	} `json:"meta"`
	Stock int    `json:"stock"`
	Tag   string `json:"tag"`
}

func (d *documents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, exists := d.kept[r.URL.Path]
	if r.Method == "GET" {
		d.reads++
		if d.drop > 0 && d.reads%d.drop == 0 {
			d.drops++
			panic(http.ErrAbortHandler)
		}
		if !exists {
			http.Error(w, "{}", 404)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(now)
		return
	}
	var in document
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		http.Error(w, "{}", 400)
		return
	}
	rev := 1
	if exists {
		if !d.blind && (in.Meta.Rev == nil || *in.Meta.Rev != *now.Meta.Rev) {
			http.Error(w, "{}", http.StatusConflict)
			return
		}
		rev = *now.Meta.Rev + 1
	}
	in.Meta.Rev = &rev
	d.kept[r.URL.Path] = in
	w.WriteHeader(204)
}

const documentScenario = `name = "documents"
[target]
url = %q
[target.setup]
request = "PUT /d/{key}"
body = { stock = "{value}", tag = "{tag}" }
[target.read]
request = "GET /d/{key}"
version = "json:meta.rev"
value = "json:stock"
tag = "json:tag"
[target.write]
request = "PUT /d/{key}"
body = "{read.body}"
set = { stock = "{value}", tag = "{tag}" }
[workload]
kind = "counter"
[[strategy]]
locking = "optimistic"
`

// probedDocuments is the table's rows by their promises.
func probedDocuments(t *testing.T, d *documents) map[string]serial.Row {
	t.Helper()
	d.kept = map[string]document{}
	rows := map[string]serial.Row{}
	for _, r := range probed(t, d, documentScenario).Rows {
		rows[r.Promise] = r
	}
	return rows
}

// The made-up version must really be in the document, or a server that
// compares is said not to.
func TestAMadeUpVersionGoesInsideTheDocument(t *testing.T) {
	const promise = "a made-up version is refused"
	if r := probedDocuments(t, &documents{})[promise]; r.Verdict != serial.Holds {
		t.Errorf("a server that compares: %s, %s", r.Verdict, r.Did)
	}
	if r := probedDocuments(t, &documents{blind: true})[promise]; r.Verdict != serial.SameCause {
		t.Errorf("a server that does not: %s, %s", r.Verdict, r.Did)
	}
}

// What is not answered says nothing of a promise, for or against it.
func TestNoAnswerAccusesNobody(t *testing.T) {
	for drop := 5; drop <= 9; drop += 4 {
		d := &documents{drop: drop}
		rows := probedDocuments(t, d)
		if d.drops == 0 {
			t.Fatalf("of %d reads none was dropped", d.reads)
		}
		for promise, r := range rows {
			if r.Verdict == serial.Violated {
				t.Errorf("each %d-th read is dropped: %s: %s, %s (%s)", drop, promise, r.Verdict, r.Did, r.Order)
			}
			if strings.Contains(r.Did, "no answer") && r.Verdict != serial.NotExercised && r.Verdict != serial.Noted {
				t.Errorf("%s: %s, %s", promise, r.Verdict, r.Did)
			}
		}
	}
}
