package cli

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"
)

// echoCodings are the ways in which the echo repeats what it was sent, and in
// which the files of its runs are looked through.
var echoCodings = []func(string) string{
	func(s string) string { return s },
	func(s string) string { b, _ := json.Marshal(s); return strings.Trim(string(b), `"`) },
	func(s string) string { return strings.ReplaceAll(s, "/", `\/`) },
	func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%2F", "%2f") },
	url.QueryEscape,
	url.PathEscape,
	html.EscapeString,
	func(s string) string { return everyByte(s, "&#%d;") },
	func(s string) string { return everyByte(s, "%%%02x") },
	func(s string) string { return hex.EncodeToString([]byte(s)) },
	func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte("me:" + s + "!")) },
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// echo is a sound API that puts every secret it is sent into every name that
// it gives: entity tags, lock tokens, fencing tokens, identifiers. One name is
// always coded the same way, different ones differently.
func echo() *httptest.Server {
	type item struct {
		value int64
		lock  string
		n     int // state
	}
	var mu sync.Mutex
	items := map[string]*item{}
	made, locks := 0, 0
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent := r.Header.Get("X-Key")
		name := func(kind string, n int) string { return kind + echoCodings[n%len(echoCodings)](sent) + fmt.Sprint(-n) }
		mu.Lock()
		defer mu.Unlock()
		path, locking := strings.CutSuffix(r.URL.Path, "/lock")
		key := path[strings.LastIndexByte(path, '/')+1:]
		if at, escaped := strings.CutPrefix(r.URL.EscapedPath(), "/made/"); escaped {
			key = strings.TrimSuffix(at, "/lock")
		}
		now := items[key]
		tag := func() string { return `"` + strings.ReplaceAll(name("e", now.n), `"`, "'") + `"` }
		refuse := func(status int) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":%q,"detail":%q,"more":%q}`, name("p", status), name("d", status), strings.Repeat(name("m", status+1), 40))
		}
		switch {
		case r.Method == "POST" && !locking: // create
			for _, have := range items {
				if have.value == gjson.GetBytes(body, "v").Int() {
					refuse(409)
					return
				}
			}
			made++
			key = url.PathEscape(name("i", made))
			items[key] = &item{value: gjson.GetBytes(body, "v").Int()}
			w.Header().Set("Location", "/made/"+key)
			w.WriteHeader(201)
		case locking && r.Method == "POST":
			if now.lock != "" {
				refuse(423)
				return
			}
			locks++
			now.lock = name("l", locks)
			fmt.Fprintf(w, `{"token":%q,"fence":%q}`, now.lock, name("f", locks))
		case locking:
			now.lock = ""
			w.WriteHeader(204)
		case now == nil && r.Method == "GET":
			refuse(404)
		case r.Method == "GET":
			w.Header().Set("ETag", tag())
			fmt.Fprintf(w, `{"v":%d}`, now.value)
		default:
			if now == nil {
				now = &item{}
				items[key] = now
			} else if match := r.Header.Get("If-Match"); match != "" && match != tag() {
				refuse(412)
				return
			}
			now.value, now.n = gjson.GetBytes(body, "v").Int(), now.n+1
			w.Header().Set("ETag", tag())
			w.WriteHeader(204)
		}
	}))
}

// echoRelay stands before a server of the test, as tussle wants to start what
// answers; it says the secret over and over.
const echoRelay = `import os, socket, sys, threading, time
def say():
    secret = os.environ["PLANTED_HEADER"]
    while True:
        print(secret, secret.encode().hex(), sep="\n", flush=True)
        time.sleep(0.05)
def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
threading.Thread(target=say, daemon=True).start()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    near = server.accept()[0]
    far = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for pair in ((near, far), (far, near)):
        threading.Thread(target=pump, args=pair, daemon=True).start()
`

const echoScenario = `
[target]
url     = %q
command = ["python3", "relay.py", "%s", "%s"]
headers = { X-Key = { env = "PLANTED_HEADER" } }
setup   = { request = "PUT /{key}", body = { v = "{value}" } }
read    = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write   = { request = "PUT /{key}", headers = { If-Match = "{version}", X-Lock = "{lock}", X-Fence = "{fence}" }, body = { v = "{value}" }, version = "header:ETag" }
lock    = { request = "POST /{key}/lock", token = "json:token", fence = "json:fence" }
unlock  = { request = "DELETE /{key}/lock", headers = { X-Lock = "{lock}" } }
[workload]
kind = "counter"
[load]
clients  = 3
duration = "200ms"
repeat   = 1
[[strategy]]
locking = "optimistic"
[[strategy]]
locking = "pessimistic"
retry   = { policy = "fixed", base = "1ms" }
`

// A target that repeats every secret in every captured field and coding, and
// in its log, leaves none in any file; and as what it named differently stays
// different, it is found sound.
func TestAnEchoLeavesNoSecret(t *testing.T) {
	t.Parallel()
	s := echo()
	defer s.Close()
	dir, secret := t.TempDir(), planted["header"]
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + free.Addr().String()
	port := func(s string) string { return s[strings.LastIndexByte(s, ':')+1:] }
	free.Close()
	cmd := withSecrets(t, dir, url, "run", "echo.toml", "-o", "out")
	inFile(t, filepath.Join(dir, "relay.py"), echoRelay)
	inFile(t, filepath.Join(dir, "echo.toml"), fmt.Sprintf(echoScenario, url, port(url), port(s.URL)))
	out, _ := cmd.CombinedOutput() // the code is compared
	if code := cmd.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("exit %d\n%s", code, out)
	}
	forms := map[string]string{}
	for i, code := range echoCodings {
		coded := code(secret)
		if i >= 13 {
			coded = coded[6 : len(coded)-4] // the user's part and the padding are no secret
		}
		forms[fmt.Sprint("header, coding ", i)] = coded
	}
	hunt(t, "the output", string(out), forms)
	huntIn(t, filepath.Join(dir, "out"), forms)
	log, err := os.ReadFile(filepath.Join(dir, "out", "target.log"))
	if err != nil || strings.Count(string(log), "<PLANTED_HEADER>") < 2 {
		t.Errorf("target.log lacks what the target said: %v\n%s", err, log)
	}
	for _, args := range [][]string{{"check", "out"}, {"export", "out"}, {"probe", "echo.toml"}, {"compare", "out", "out"}, {"report", "out", "--format", "junit"}, {"report", "out", "--format", "markdown"}} {
		b, _ := withSecrets(t, dir, url, args...).CombinedOutput()
		hunt(t, strings.Join(args, " "), string(b), forms)
	}
}
