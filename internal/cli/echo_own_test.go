package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"
)

const echoOwnScenario = `
[target]
url     = %q
headers = { X-Key = { env = "PLANTED_HEADER" } }
setup   = { request = "PUT /{key}" }

[[operation]]
name = "use"
[[operation.step]]
request = "POST /tickets"
body    = { pass = { env = "PLANTED_BODY" }, for = "{key}" }
capture = { ticket = "json:id", place = "header:Location" }
[[operation.step]]
request = "POST /tickets/{ticket}/use"
body    = { pass = { env = "PLANTED_BODY" }, place = "{place}" }
capture = { by = "json:id" }
expect  = "json:left > 0"

[[observe]]
name    = "state"
request = "GET /{key}"
capture = { owner = "json:id", left = "json:left" }

[[invariant]]
name = "used-once"
expr = "accepted('use') <= 1"
[[invariant]]
name = "nobodys"
expr = "state.owner == 'nobody'"

[workload]
keys = 3
[load]
clients  = 3
duration = "200ms"
repeat   = 1
[[strategy]]
locking = "server-side"
`

// An API that repeats its secrets in all that operations, observations and
// invariants capture, and that breaks what they promise, leaves none in the
// findings or in anything else that is written.
func TestAnEchoOfOperationsLeavesNoSecret(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		pass := gjson.GetBytes(body, "pass").Str
		sent := r.Header.Get("X-Key")
		i := int(n.Add(1))
		if i%2 == 0 && pass != "" {
			sent = pass
		}
		name := echoCodings[i%len(echoCodings)](sent) + fmt.Sprint("-", i)
		w.Header().Set("Location", "/at/"+name)
		if r.Method == "POST" && i%7 == 0 {
			w.WriteHeader(http.StatusConflict)
		}
		fmt.Fprintf(w, `{"id":%q,"left":0,"why":%q}`, name, strings.Repeat(name, 30))
	}))
	defer s.Close()
	dir := t.TempDir()
	inFile(t, filepath.Join(dir, "own.toml"), fmt.Sprintf(echoOwnScenario, s.URL))
	cmd := withSecrets(t, dir, s.URL, "run", "own.toml", "-o", "out")
	out, _ := cmd.CombinedOutput() // the code is compared
	if code := cmd.ProcessState.ExitCode(); code != exitFail {
		t.Errorf("exit %d, want %d\n%s", code, exitFail, out)
	}
	forms := map[string]string{}
	for _, which := range []string{"header", "body"} {
		for i, code := range echoCodings {
			coded := code(planted[which])
			if i >= 13 {
				coded = coded[6 : len(coded)-4] // the user's part and the padding are no secret
			}
			forms[fmt.Sprint(which, ", coding ", i)] = coded
		}
	}
	if !strings.Contains(string(out), "PLANTED_") {
		t.Errorf("the findings name no secret that was captured, so nothing was tested:\n%s", out)
	}
	hunt(t, "the output", string(out), forms)
	huntIn(t, filepath.Join(dir, "out"), forms)
	again := [][]string{{"check", "out", "-v"}, {"export", "out"}, {"compare", "out", "out"}, {"explain", "own.toml"}}
	for _, format := range []string{"html", "markdown", "json", "junit", "csv", "openmetrics", "text"} {
		again = append(again, []string{"report", "out", "--format", format})
	}
	for _, args := range again {
		b, _ := withSecrets(t, dir, s.URL, args...).CombinedOutput()
		hunt(t, strings.Join(args, " "), string(b), forms)
	}
}
