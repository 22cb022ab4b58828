package runner

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tussle/scenarios"
)

// What is wrong with prepare is said of prepare, by a run and by a session,
// and not of the first step that lacks what it should have captured.
func TestWhatPrepareSays(t *testing.T) {
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		want  string
	}{
		"it is there already": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) }, "prepare was answered with 409: what it makes is there already"},
		"it is refused":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, "prepare was answered with 400"},
		"nothing to capture":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }, "prepare was answered with 200, but its folder is not in the answer: json:id is not there"},
		"no answer":           {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "prepare got no answer (transport)"},
	} {
		server := httptest.NewServer(tc.serve)
		s, err := scenarios.Parse("prepared", fmt.Sprintf(`name = "prepared"
[target]
url = %q
prepare = { request = "POST /folders", capture = { folder = "json:id" } }
setup = { request = "PUT /{folder}/{key}", body = "{value}" }
read  = { request = "GET /{folder}/{key}", value = "body" }
write = { request = "PUT /{folder}/{key}", body = "{value}" }
[workload]
kind = "register"
[[strategy]]
locking = "none"
`, server.URL), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Dir: t.TempDir()}
		var hist bytes.Buffer
		_, ran := Run(t.Context(), s, &hist, o)
		session, opened := Open(t.Context(), s, o)
		if opened == nil {
			session.Close()
		}
		for who, err := range map[string]error{"run": ran, "session": opened} {
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("%s, %s: got %v, want %s", name, who, err, tc.want)
			}
		}
		server.Close()
	}
}
