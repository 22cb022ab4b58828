package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"
)

// agenda keeps texts in calendars that have to be made first, as CalDAV
// servers do: no JSON anywhere.
type agenda struct {
	calendars atomic.Int64
	mu        sync.Mutex
	made      map[string]bool
	texts     map[string]string
	versions  map[string]int
}

func (a *agenda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	folder, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	tag := fmt.Sprintf(`"%d"`, a.versions[r.URL.Path])
	switch {
	case r.Method == "MKCALENDAR":
		a.calendars.Add(1)
		if a.made["c-"+folder] {
			w.WriteHeader(409)
			return
		}
		a.made["c-"+folder] = true
		w.Header().Set("Location", "/c-"+folder+"/")
		w.WriteHeader(201)
	case !a.made[folder] || file == "":
		w.WriteHeader(404)
	case r.Method == "GET":
		w.Header().Set("ETag", tag)
		fmt.Fprint(w, a.texts[r.URL.Path])
	case r.Method == "PUT" && r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != tag:
		w.WriteHeader(412)
	case r.Method == "PUT":
		a.texts[r.URL.Path] = string(body)
		a.versions[r.URL.Path]++
		w.WriteHeader(204)
	}
}

const agendaScenario = `[target]
url = %q

[target.prepare]
request = "MKCALENDAR /{run}"
capture = { calendar = "header:Location:last" }

[target.setup]
request = "PUT /{calendar}/{key}.ics"
headers = { Content-Type = "text/calendar" }
body    = "BEGIN:VEVENT\r\nSUMMARY:{value}\r\nX-EDITOR:{tag}\r\nEND:VEVENT\r\n"

[target.read]
request = "GET /{calendar}/{key}.ics"
value   = 'regex:(?m)^SUMMARY:(.*?)\r?$'
version = "header:ETag"

[target.write]
like    = "setup"
headers = { If-Match = "{version}" }

[target.identify]
tag = 'regex:(?m)^X-EDITOR:(.*?)\r?$'

[workload]
kind  = "counter"
think = "1ms"

[load]
clients = 4
duration = "200ms"
repeat = 1

[[strategy]]
locking = "optimistic"

[[strategy]]
locking = "none"
`

// An API that speaks neither JSON nor XML, whose resources live in a folder
// that is made once: a pattern finds the number, and the text that set-up and
// write share stands in the file once.
func TestAnAPIOfTexts(t *testing.T) {
	a := &agenda{made: map[string]bool{}, texts: map[string]string{}, versions: map[string]int{}}
	s := httptest.NewServer(a)
	defer s.Close()
	dir := t.TempDir()
	inFile(t, filepath.Join(dir, "agenda.toml"), fmt.Sprintf(agendaScenario, s.URL))
	code, out := tussleIn(t, dir, nil, "run", "agenda.toml", "-o", "out")
	text, err := os.ReadFile(filepath.Join(dir, "out", jsonFile))
	if code != exitOK || err != nil {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	for path, want := range map[string]string{"strategies.0.verdict": "holds", "strategies.1.verdict": "not-judged"} {
		if got := gjson.GetBytes(text, path).String(); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	for path, least := range map[string]int64{"strategies.0.by_status.412": 1, "strategies.0.operations.committed": 10,
		`strategies.1.properties.#(name=="no-lost-update").violations`: 1} {
		if got := gjson.GetBytes(text, path).Int(); got < least {
			t.Errorf("%s is %d, want %d at least", path, got, least)
		}
	}
	if n := a.calendars.Load(); n != 1 {
		t.Errorf("the calendar was made %d times", n)
	}
	code, out = tussleIn(t, dir, nil, "explain", "agenda.toml")
	if code != exitOK {
		t.Errorf("explain: exit %d", code)
	}
	wants(t, out, "strategy.optimistic.write.body", "agenda.toml:11", "strategy.optimistic.write.headers.If-Match", "agenda.toml:20")
}

// What a preflight says when it fails: first what to do, then a little of the
// answer, without its tags.
func TestWhatAPreflightSays(t *testing.T) {
	const plain = `
[target]
url   = %q
setup = { request = "PUT /{key}", body = { v = "{value}" } }
read  = { request = "GET /{key}", value = "json:v" }
write = { request = "PUT /{key}", headers = { X-Write = "1" }, body = { v = "{value}" } }
[workload]
kind = "register"
[load]
clients = 2
duration = "100ms"
repeat = 1
[[strategy]]
locking = "none"
`
	page := "<!DOCTYPE html><html><head><style>p{color:red}</style><title>x</title></head><body><h1>Error 501</h1><p>Unsupported method (&#39;PUT&#39;) \x1b[31m" +
		strings.Repeat(" and so on", 400) + "</p></body></html>"
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		env   string // a header from the environment, in the scenario
		code  int
		want  []string // in this order
		not   []string
	}{
		"a page of HTML": {serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(501); fmt.Fprint(w, page) }, code: exitCannotRun,
			want: []string{"was answered with 501: the answer is an HTML page", "hint: the request was: curl", "hint: run the request by hand", "note: it was answered: Error 501 Unsupported method ('PUT') [31m and so on", "…"},
			not:  []string{"<p", "</", "color:red", "\x1b", strings.Repeat(" and so on", 20)}},
		"who asks": {serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, code: exitCannotRun,
			want: []string{"was answered with 401\n", "curl -sS -i -X PUT", `hint: the target wants to know who asks: try the request with -H 'Authorization: Bearer '"$TOKEN", then describe [[target.identity]] or [target.login]`}},
		"a token that is refused": {serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, env: "SHOP_TOKEN", code: exitCannotRun,
			want: []string{`-H 'Authorization: Bearer '"$SHOP_TOKEN"`, "hint: the target does not take what the scenario presents: does the environment variable in the curl line hold a value that is still good?"},
			not:  []string{"planted"}},
		"a register that changes texts": {serve: register(strings.ToUpper), code: exitCannotRun,
			want: []string{"preflight of strategy none: the value ", " was just written, and read shows ", "curl -sS -i 'http://", "hint: does target.read.value name the field that target.write sends {value} in"}},
		"a register that keeps what was there": {serve: register(nil), code: -1},
		"a register that keeps texts":          {serve: register(func(s string) string { return s }), code: exitInconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(tc.serve)
			defer s.Close()
			dir := t.TempDir()
			scenario := fmt.Sprintf(plain, s.URL)
			if tc.env != "" {
				scenario += "[target.headers]\nAuthorization = { env = '" + tc.env + "', prefix = 'Bearer ' }\n"
			}
			inFile(t, filepath.Join(dir, "s.toml"), scenario)
			code, out := tussleIn(t, dir, []string{"SHOP_TOKEN=planted-token"}, "run", "s.toml", "-o", "out")
			if tc.code >= 0 && code != tc.code || code == exitUsage {
				t.Errorf("exit %d, want %d\n%s", code, tc.code, out)
			}
			if tc.code < 0 && strings.Contains(out, "preflight") {
				t.Errorf("the preflight refused it:\n%s", out)
			}
			at := 0
			for _, w := range tc.want {
				i := strings.Index(out[at:], w)
				if i < 0 {
					t.Errorf("%q is missing, or too early, in\n%s", w, out)
					continue
				}
				at += i + len(w)
			}
			for _, n := range tc.not {
				if strings.Contains(out, n) {
					t.Errorf("%q is in\n%s", n, out)
				}
			}
		})
	}
}

// register keeps what change makes of each text that is written; with nil it
// keeps what set-up wrote.
func register(change func(string) string) http.HandlerFunc {
	var mu sync.Mutex
	texts := map[string]string{}
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		switch text := gjson.GetBytes(body, "v").String(); {
		case r.Method == "PUT" && r.Header.Get("X-Write") == "":
			texts[r.URL.Path] = text
		case r.Method == "PUT" && change != nil:
			texts[r.URL.Path] = change(text)
		}
		fmt.Fprintf(w, `{"v":%q}`, texts[r.URL.Path])
	}
}
