package cli

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// planted are the secrets of the test: a header's, a login body's, the one
// that the login yields, and those of the target's URL.
var planted = map[string]string{
	"header": "planted-Header/s3cret+1", "login": `planted"login&s3cret`, "token": "planted-token-s3cret",
	"userinfo": "planted-userinfo-s3cret", "query": "planted-query-s3cret",
}

// tattler is a register that repeats whatever secret it was sent in the
// refusals that it gives: status of all writes but set-up's.
func tattler(status, login int) *httptest.Server {
	var mu sync.Mutex
	value := map[string]string{}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		everything := r.Header.Get("X-Key") + " " + r.Header.Get("Authorization") + " " + r.URL.String()
		if r.URL.Path == "/login" {
			body := make([]byte, 4096)
			n, _ := r.Body.Read(body)
			w.WriteHeader(login)
			if login == 200 {
				fmt.Fprintf(w, `{"t":%q}`, planted["token"])
				return
			}
			fmt.Fprintf(w, "wrong password %s in %s", body[:n], everything)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, len(value[r.URL.Path])))
		switch {
		case r.Method == "GET":
			fmt.Fprintf(w, `{"v":%d,"echo":%q}`, len(value[r.URL.Path])-1, everything)
		case r.Header.Get("If-Match") == "" || status == 200:
			value[r.URL.Path] += "x"
			w.WriteHeader(200)
		default:
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"type":%q,"detail":%q}`, everything, everything)
		}
	}))
}

const secretScenario = `
[target]
url      = %q
timeout  = "1s"
headers  = { X-Key = { env = "PLANTED_HEADER" } }
setup    = { request = "PUT /{key}" }
read     = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write    = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { v = "{value}" } }
login    = { request = "POST /login", body = { password = { env = "PLANTED_LOGIN" } }, token = "json:t" }
[workload]
kind = "counter"
[load]
clients  = 3
duration = "200ms"
repeat   = 1
[[strategy]]
locking = "optimistic"
retry   = { attempts = 2 }
`

// No secret is in any file or stream of a run, however it ends, even when the
// target repeats it in every answer.
func TestSecretsStayHidden(t *testing.T) {
	for name, tc := range map[string]struct {
		status, login int
		set           []string
		code          int
		before        string // of the URL's host
		behind        string
	}{
		"writes that all conflict":   {status: 412, login: 200, code: exitInconclusive},
		"writes that all work":       {status: 200, login: 200, code: -1},
		"a login that fails":         {status: 412, login: 403, code: exitCannotRun},
		"writes that are refused":    {status: 400, login: 200, code: exitCannotRun},
		"a mistake in the scenario":  {status: 412, login: 200, set: []string{"--set", "target.read.value=jason:v"}, code: exitUsage},
		"a secret that is set":       {status: 412, login: 200, set: []string{"--set", "target.headers.Authorization=" + planted["header"]}, code: exitUsage},
		"a user in the URL":          {status: 412, login: 200, code: exitUsage, before: "ada:" + planted["userinfo"] + "@"},
		"a query of the URL":         {status: 412, login: 200, code: exitUsage, behind: "/?key=" + planted["query"]},
		"a host that is not ours":    {status: 412, login: 200, set: []string{"--set", "target.url=http://192.0.2.1"}, code: exitCannotRun},
		"a target that is not there": {status: 412, login: 200, set: []string{"--set", "target.url=http://127.0.0.1:1"}, code: exitCannotRun},
	} {
		t.Run(name, func(t *testing.T) {
			s := tattler(tc.status, tc.login)
			defer s.Close()
			dir := t.TempDir()
			file := filepath.Join(dir, "s.toml")
			u := "http://" + tc.before + strings.TrimPrefix(s.URL, "http://") + tc.behind
			if err := os.WriteFile(file, fmt.Appendf(nil, secretScenario, u), 0o644); err != nil {
				t.Fatal(err)
			}
			self, err := exec.LookPath("tussle")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(self, append([]string{"run", "s.toml", "-o", "out"}, tc.set...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PLANTED_HEADER="+planted["header"], "PLANTED_LOGIN="+planted["login"])
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); tc.code >= 0 && code != tc.code {
				t.Errorf("exit %d, want %d\n%s", code, tc.code, out)
			}
			hunt(t, "the output", string(out), planted)
			huntIn(t, filepath.Join(dir, "out"), planted)
		})
	}
}

// huntIn looks into every file of a run's folder, the history unpacked.
func huntIn(t *testing.T, dir string, secrets map[string]string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a run that never began leaves no folder
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(path, ".zst") {
			text = unpacked(t, text)
		}
		hunt(t, filepath.Base(path), string(text), secrets)
		return nil
	})
}

// unpacked is a history as far as it can be read: a run that was killed may
// have been cut within a frame.
func unpacked(t *testing.T, packed []byte) []byte {
	t.Helper()
	dec, err := zstd.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	text, err := io.ReadAll(dec)
	if err != nil && len(text) == 0 {
		t.Errorf("nothing of the history can be read: %v", err)
	}
	return text
}

// hunt looks for the planted secrets in all the forms that they may take.
func hunt(t *testing.T, where, text string, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s holds the secret of the %s: ...%s...", where, name, text[max(0, i-120):min(len(text), i+len(form)+20)])
			}
		}
	}
}
