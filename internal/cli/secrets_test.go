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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/tidwall/gjson"
)

// planted are the secrets of the test: a header's, a login body's, a write
// body's, an identity's, the one that the login yields, those of the target's URL, and one
// of the environment that the scenario never names.
var planted = map[string]string{
	"header": "planted-Header/s3cret+1", "login": `planted"login&s3cret`, "token": "planted-token-s3cret", "identity": "planted ädentity s3cret",
	"body": "planted-body-s3cret", "userinfo": "planted-userinfo-s3cret", "query": "planted-query-s3cret", "environment": "planted-environment-s3cret",
}

// tattler is a counter that repeats whatever secret it was sent in every
// answer that it gives. Its manners: "sound" checks If-Match, "racy" does not,
// and a status refuses all writes but set-up's.
func tattler(manners string, login int) *httptest.Server {
	type item struct{ value, version int64 }
	var mu sync.Mutex
	items := map[string]item{}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		everything := r.Header.Get("X-Key") + " " + r.Header.Get("Authorization") + " " + r.URL.String() + " " + string(body)
		w.Header().Set("X-Echo", url.QueryEscape(everything))
		if r.URL.Path == "/login" {
			w.WriteHeader(login)
			if login == 200 {
				fmt.Fprintf(w, `{"t":%q,"echo":%q}`, planted["token"], everything)
				return
			}
			fmt.Fprintf(w, "wrong password in %s", everything)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		now := items[r.URL.Path]
		refused := 0
		if r.Method != "GET" {
			if tag := r.Header.Get("If-Match"); tag != "" && manners != "racy" {
				if refused, _ = strconv.Atoi(manners); refused == 0 && tag != fmt.Sprintf(`"%d"`, now.version) {
					refused = 412
				}
			}
			if refused == 0 {
				now = item{gjson.GetBytes(body, "v").Int(), now.version + 1}
				items[r.URL.Path] = now
			}
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, now.version))
		if refused != 0 {
			w.WriteHeader(refused)
			fmt.Fprintf(w, `{"type":%q,"detail":%q}`, everything, everything)
			return
		}
		fmt.Fprintf(w, `{"v":%d,"echo":%q}`, now.value, everything)
	}))
}

const secretScenario = `
[target]
url      = %q
timeout  = "1s"
headers  = { X-Key = { env = "PLANTED_HEADER" } }
setup    = { request = "PUT /{key}", body = { v = "{value}" } }
read     = { request = "GET /{key}", value = "json:v", version = "header:ETag" }
write    = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { v = "{value}", pin = { env = "PLANTED_BODY" } }, version = "header:ETag" }
login    = { request = "POST /login", body = { user = "{user}", password = { env = "PLANTED_LOGIN" } }, token = "json:t" }
[[target.identity]]
vars = { user = { env = "PLANTED_IDENTITY" } }
[workload]
kind = "counter"
think = "1ms"
[load]
clients  = 3
duration = "300ms"
repeat   = 1
[[strategy]]
locking = "optimistic"
retry   = { attempts = 2 }
`

// withSecrets prepares the program in a folder with the scenario, the secrets
// in its environment.
func withSecrets(t *testing.T, dir, url string, args ...string) *exec.Cmd {
	t.Helper()
	inFile(t, filepath.Join(dir, "s.toml"), fmt.Sprintf(secretScenario, url))
	self, err := exec.LookPath("tussle")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PLANTED_HEADER="+planted["header"], "PLANTED_LOGIN="+planted["login"], "PLANTED_BODY="+planted["body"],
		"PLANTED_IDENTITY="+planted["identity"], "PLANTED_AMBIENT="+planted["environment"])
	return cmd
}

// No secret is in any file or stream of a run, however it ends, even when the
// target repeats it in every answer.
func TestSecretsStayHidden(t *testing.T) {
	for name, tc := range map[string]struct {
		manners string // of the target; sound when empty
		login   int    // status of a login; 200 when 0
		set     []string
		code    int
		before  string // of the URL's host
		behind  string
		end     os.Signal // sent in the middle of the load
	}{
		"exit 0, every promise held":          {code: exitOK},
		"exit 1, a promise broken":            {manners: "racy", code: exitFail},
		"exit 2, a mistake in the scenario":   {set: []string{"--set", "target.read.value=jason:v"}, code: exitUsage},
		"exit 2, a secret that is set":        {set: []string{"--set", "target.headers.Authorization=" + planted["header"]}, code: exitUsage},
		"exit 2, a user in the URL":           {code: exitUsage, before: "ada:" + planted["userinfo"] + "@"},
		"exit 2, a query of the URL":          {code: exitUsage, behind: "/?key=" + planted["query"]},
		"exit 3, a login that fails":          {login: 403, code: exitCannotRun},
		"exit 3, writes that are refused":     {manners: "400", code: exitCannotRun},
		"exit 3, a host that is not ours":     {set: []string{"--set", "target.url=http://192.0.2.1"}, code: exitCannotRun},
		"exit 3, a target that is not there":  {set: []string{"--set", "target.url=http://127.0.0.1:1"}, code: exitCannotRun},
		"exit 3, a command that fails":        {set: []string{"--set", `target.command=["false"]`, "--set", "target.url=http://127.0.0.1:1"}, code: exitCannotRun},
		"exit 1, writes that all conflict":    {manners: "412", code: exitFail},
		"exit 4, one client alone":            {set: []string{"--set", "load.clients=1"}, code: exitInconclusive},
		"exit 130, Ctrl-C amid the load":      {set: []string{"--set", "load.duration=30s"}, code: exitInterrupted, end: os.Interrupt},
		"exit 130, Ctrl-C amid broken writes": {manners: "racy", set: []string{"--set", "load.duration=30s"}, code: exitInterrupted, end: os.Interrupt},
		"kill -9 amid the load":               {set: []string{"--set", "load.duration=30s"}, code: -1, end: os.Kill},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.manners == "" {
				tc.manners = "sound"
			}
			if tc.login == 0 {
				tc.login = 200
			}
			s := tattler(tc.manners, tc.login)
			defer s.Close()
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			cmd := withSecrets(t, dir, "http://"+tc.before+strings.TrimPrefix(s.URL, "http://")+tc.behind, append([]string{"run", "s.toml", "-o", "out"}, tc.set...)...)
			var text bytes.Buffer
			cmd.Stdout, cmd.Stderr = &text, &text
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if tc.end != nil {
				amid(t, cmd, filepath.Join(out, historyFile), tc.end)
			}
			_ = cmd.Wait() // the code is compared
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit %d, want %d\n%s", code, tc.code, &text)
			}
			hunt(t, "the output", text.String(), planted)
			huntIn(t, out, planted)
			if _, err := os.Stat(filepath.Join(out, historyFile)); err != nil {
				return // it never began
			}
			again := [][]string{{"check", "out"}, {"export", "out"}, {"explain", "s.toml"}, {"probe", "s.toml"}}
			for _, format := range []string{"html", "markdown", "json", "junit", "csv", "openmetrics", "svg", "text"} {
				again = append(again, []string{"report", "out", "--format", format})
			}
			for _, format := range []string{"text", "markdown", "json"} {
				again = append(again, []string{"compare", "out", "out", "--format", format})
			}
			for _, args := range again {
				b, _ := withSecrets(t, dir, s.URL, args...).CombinedOutput() // any code will do
				if len(b) == 0 && args[0] != "export" {                      // a cut run may have no measured operation
					t.Errorf("%s printed nothing", args)
				}
				hunt(t, strings.Join(args, " "), string(b), planted)
			}
		})
	}
}

// amid sends a signal once a good second of load has been recorded.
func amid(t *testing.T, cmd *exec.Cmd, path string, sig os.Signal) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if info, err := os.Stat(path); err == nil && info.Size() > 20_000 {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Error("no history of a load")
			break
		}
	}
	if err := cmd.Process.Signal(sig); err != nil {
		t.Error(err)
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
