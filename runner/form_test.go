package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"tussle/scenarios"
)

// formed keeps one document a path behind an ETag and tells it in a form of
// its own.
func formed(form func(map[string]any)) http.Handler {
	var mu sync.Mutex
	kept, version := map[string]map[string]any{}, 0
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		tag := fmt.Sprintf(`"%d"`, version)
		if r.Method == "PUT" {
			if m := r.Header.Get("If-Match"); m != "" && m != tag {
				w.WriteHeader(412)
				return
			}
			doc := map[string]any{}
			body, _ := io.ReadAll(r.Body)
			if json.Unmarshal(body, &doc) != nil {
				w.WriteHeader(400)
				return
			}
			version++
			kept[r.URL.Path] = doc
			w.Header().Set("ETag", fmt.Sprintf(`"%d"`, version))
			w.WriteHeader(204)
			return
		}
		if kept[r.URL.Path] == nil {
			w.WriteHeader(404)
			return
		}
		form(kept[r.URL.Path])
		w.Header().Set("ETag", tag)
		_ = json.NewEncoder(w).Encode(kept[r.URL.Path])
	})
}

const formedScenario = `name = "formed"
[target]
url = %q
setup = { request = "PUT /{key}", body = { v = "{value}", by = "{tag}" } }
read  = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { v = "{value}", by = "{tag}" } }
identify = { by = "tag", tag = "json:by" }
[workload]
kind = %q
[load]
clients = 2
duration = "50ms"
repeat = 1
[[strategy]]
name = "first"
locking = "optimistic"
[[strategy]]
name = "blind"
locking = "none"
`

// What a target keeps in a form of its own is found by the preflight, before
// a load would count it as lost.
func TestPreflightSaysThatATextComesBackInAnotherForm(t *testing.T) {
	upper := func(field string) func(map[string]any) {
		return func(doc map[string]any) { doc[field] = strings.ToUpper(fmt.Sprint(doc[field])) }
	}
	for name, tc := range map[string]struct {
		kind, what string
		form       func(map[string]any)
	}{
		"as it was sent":         {"counter", "", func(map[string]any) {}},
		"a number as a text":     {"counter", "", func(doc map[string]any) { doc["v"] = fmt.Sprint(doc["v"]) }},
		"a number with decimals": {"counter", `read shows the value "0.00", which is no whole number`, func(doc map[string]any) { doc["v"] = strings.TrimSuffix(fmt.Sprint(doc["v"]), ".00") + ".00" }},
		"upper case":             {"register", `was just written, and read shows "V`, upper("v")},
		"a tag of its own":       {"register", `was just written, and read shows "somebody"`, func(doc map[string]any) { doc["by"] = "somebody" }},
	} {
		server := httptest.NewServer(formed(tc.form))
		s, err := scenarios.Parse("f", fmt.Sprintf(formedScenario, server.URL, tc.kind), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
		if err != nil {
			t.Fatal(err)
		}
		var hist bytes.Buffer
		_, err = Run(t.Context(), s, &hist, Options{Dir: t.TempDir()})
		var cannot *CannotRun
		switch errors.As(err, &cannot); {
		case tc.what == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.what != "" && (cannot == nil || !strings.Contains(cannot.What, tc.what)):
			t.Errorf("%s: %v, want %q", name, err, tc.what)
		case tc.what != "" && !strings.HasSuffix(cannot.Hint, "; if the target lacks this one, run the others: --strategy blind"):
			t.Errorf("%s: the hint does not tell how to go on without the strategy: %s", name, cannot.Hint)
		}
		server.Close()
	}
}
