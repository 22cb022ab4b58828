package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"
)

// noted is a sound counter that keeps what it was asked, one line a request:
// method, target, X- headers, Authorization, body. Logins may be refused with
// a token.
type noted struct {
	mu    sync.Mutex
	value int64
	lines []string
}

func (n *noted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n.mu.Lock()
	defer n.mu.Unlock()
	h := r.Header
	n.lines = append(n.lines, fmt.Sprintf("%s %s run=%s user=%s sid=%s key=%s auth=%s type=%s %s", r.Method, r.URL, h.Get("X-Run"), h.Get("X-User"),
		h.Get("X-Sid"), h.Get("X-Key"), h.Get("Authorization"), h.Get("Content-Type"), body))
	switch {
	case r.URL.Path == "/login":
		w.Header().Set("X-Token", "a-token-of-409")
		http.Error(w, "no session", http.StatusConflict)
	case r.URL.Path == "/session":
		fmt.Fprint(w, `{"sid":"session-7"}`)
	case r.Method == "GET":
		fmt.Fprintf(w, `{"v":%d}`, n.value)
	default:
		n.value = gjson.GetBytes(body, "v").Int()
	}
}

// asked runs a scenario and returns what the target was asked.
func asked(t *testing.T, scenario string, env ...string) ([]string, string, int) {
	t.Helper()
	n := &noted{}
	s := httptest.NewServer(n)
	defer s.Close()
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	inFile(t, filepath.Join(dir, "s.toml"), strings.ReplaceAll(scenario, "URL", s.URL)+`
[workload]
kind = "counter"
[load]
clients  = 2
duration = "20ms"
repeat   = 1
[[strategy]]
locking = "none"
`)
	var out bytes.Buffer
	code := Main([]string{"run", filepath.Join(dir, "s.toml"), "-o", filepath.Join(dir, "out"), "-q"}, os.Stdin, &out, &out)
	return n.lines, out.String(), code
}

func TestVariablesAndSecretsGoWithEveryRequest(t *testing.T) {
	lines, out, code := asked(t, `
[target]
url     = "URL"
headers = { X-Run = "r-{run}", X-Sid = "{sid}" }
ready   = { request = "GET /ready" }
login   = { request = "POST /login", body = { user = "{user}" }, token = "header:X-Token" }
prepare = { request = "POST /session", capture = { sid = "json:sid" } }
reset   = { request = "PUT /x/{user}", body = { v = "{value}" } }
read    = { request = "GET /x/{user}", value = "json:v", query = { api_key = { env = "QUERY_KEY" }, n = 1 } }
write   = { request = "PUT /x/{user}", body = { v = "{value}" } }
[[target.identity]]
headers = { X-User = "{user}", X-Key = { env = "HEADER_KEY" } }
vars    = { user = { env = "USER_NAME" } }
`, "QUERY_KEY=a key&more", "HEADER_KEY=header-key", "USER_NAME=anna")
	if code == exitUsage || code == exitCannotRun {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for i, line := range lines {
		rest, isReady := strings.CutPrefix(line, "GET /ready")
		sid := "session-7"
		if isReady || strings.Contains(line, "/login") || strings.Contains(line, "/session") {
			sid = ""
		}
		auth := "Bearer a-token-of-409"
		if isReady || strings.Contains(line, "/login") {
			auth = ""
		}
		if !strings.Contains(line, "run=r-r") || !strings.Contains(line, " user=anna sid="+sid+" key=header-key auth="+auth+" ") || strings.ContainsAny(strings.ReplaceAll(rest, `{"`, ""), "{") && strings.Contains(line, "={") {
			t.Errorf("request %d lacks something: %s", i+1, line)
		}
		if strings.HasPrefix(line, "GET /x") && !strings.HasPrefix(line, "GET /x/anna?api_key=a%20key%26more&n=1 ") {
			t.Errorf("request %d: %s", i+1, line)
		}
	}
	if len(lines) < 8 {
		t.Errorf("only %d requests:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

func TestATypeInTheTargetsHeadersIsThatOfTexts(t *testing.T) {
	lines, out, code := asked(t, `
[target]
url     = "URL"
headers = { Content-Type = "application/x-www-form-urlencoded" }
reset   = { request = "PUT /x", body = "v={value}&t={tag}" }
read    = { request = "GET /x", value = "json:v" }
write   = { request = "PUT /x", body = "v={value}&t=a{{b" }
`)
	if code == exitUsage || code == exitCannotRun {
		t.Fatalf("exit %d\n%s", code, out)
	}
	for _, line := range lines {
		if strings.HasPrefix(line, "PUT") && (!strings.Contains(line, "type=application/x-www-form-urlencoded v=") || strings.Contains(line, "{value}")) {
			t.Error(line)
		}
	}
}

func TestVariablesOfIdentitiesAreThereForAll(t *testing.T) {
	_, out, code := asked(t, `
[target]
url  = "URL"
read = { request = "GET /x/{user}", value = "json:v" }
reset = { request = "PUT /x/{user}", body = { v = "{value}" } }
write = { request = "PUT /x/{user}", body = { v = "{value}" } }
[[target.identity]]
vars = { user = "a{who}", key = "b" }
[[target.identity]]
headers = { X-User = "b" }
`)
	for _, want := range []string{"unknown variable {who}", `"key" is a name that tussle sets itself`, "the identity lacks a variable that another one has: key, user"} {
		if code != exitUsage || !strings.Contains(out, want) {
			t.Errorf("exit %d without %q\n%s", code, want, out)
		}
	}
}
