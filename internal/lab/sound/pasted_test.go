package sound_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"tussle/internal/cli"
	"tussle/internal/lab/sound"
	"tussle/report/check"
	"tussle/scenarios"
	"tussle/targets"
	"tussle/targets/operations"
)

// The test binary serves the built-in targets, as tussle does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// asked is one request as a server got it, without what each client says of itself.
type asked struct{ Line, Headers, Body string }

// listener is a server that notes what it is asked.
type listener struct {
	http.Handler
	mu    sync.Mutex
	notes []asked
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // who does not send it has gone
	r.Body = io.NopCloser(bytes.NewReader(body))
	var headers []string
	for name, values := range r.Header {
		switch name {
		case "User-Agent", "Accept", "Accept-Encoding", "Traceparent":
		default:
			headers = append(headers, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(headers)
	l.mu.Lock()
	l.notes = append(l.notes, asked{r.Method + " " + r.RequestURI, strings.Join(headers, "\n"), string(body)})
	l.mu.Unlock()
	l.Handler.ServeHTTP(w, r)
}

func (l *listener) taken() []asked {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.notes
	l.notes = nil
	return out
}

// pasted is one target that breaks a promise, so that there are lines to paste.
type pasted struct {
	name, scenario string
	server         http.Handler
	document       bool   // a write sends back the document that it read, which the record does not keep
	want           string // a property that it breaks; the load is longer until it does
	ended          bool   // the target ended with the run: the lines go to another of its kind
}

// ofTheZoo is a scenario of the zoo against a server that a test can listen to.
func ofTheZoo(t *testing.T, name, scheme string, replacements ...string) pasted {
	t.Helper()
	memory, err := targets.Find("memory")
	if err != nil {
		t.Fatal(err)
	}
	server, done, err := memory.Open(t.Context(), map[string]string{"defect": name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = done() })
	read, err := os.ReadFile(filepath.Join("..", "..", "..", "scenarios", "zoo", name+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(read)
	use := "use     = \"memory\"\noptions = { defect = \"" + name + "\" }"
	if !strings.Contains(text, use) {
		t.Fatalf("%s does not begin as it did:\n%s", name, text)
	}
	return pasted{name: name, server: server, scenario: strings.NewReplacer(append([]string{use, `url = "URL/` + scheme + `"`}, replacements...)...).Replace(text)}
}

// ended is a target that tussle starts, kills and stops.
func ended(t *testing.T) pasted {
	t.Helper()
	p := ofTheZoo(t, "old-etag-in-answer", "etag")
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "scenarios", "zoo", "ack-before-durable.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return pasted{name: "ack-before-durable", scenario: string(text), server: p.server, ended: true, want: "durability"}
}

// requestKinds are twins of this package and what requests can look like.
func requestKinds() []pasted {
	twins := map[string]sound.Server{}
	for _, s := range append(sound.All(), sound.Templates()...) {
		twins[s.Name] = s
	}
	twin := func(name string, replacements ...string) pasted {
		s, there := twins[name]
		if !there {
			panic("no server " + name)
		}
		return pasted{name: name, scenario: strings.NewReplacer(replacements...).Replace(s.Scenario), server: s.New(true), want: s.Breaks}
	}
	const body = `body    = { n = "{value}", by = "{tag}" }`
	text := twin("delete-again-404",
		"[target.write]\nrequest = \"PUT /docs/{key}\"\nheaders = { If-Match = \"{version}\" }\n"+body,
		"[target.write]\nrequest = \"PUT /docs/{key}\"\nheaders = { If-Match = \"{version}\", X-Note = \"it's \\\"here\\\" $HOME `x`\" }\n"+
			`query   = { by = "a b&c=%", client = "{client}" }`+"\n"+
			`body    = { n = "{value}", by = "{tag}", note = "first\nsecond: Grüße, 日本語, it's 100 % {client} \\ \"quoted\" !", none = "", long = "`+strings.Repeat("0123456789", 300)+`" }`,
		`request = "GET /docs/{key}"`, "request = \"GET /docs/{key}\"\nquery   = { fields = \"[n]\" }")
	text.name = "lines and letters of any kind, long ones, and queries"
	document := twin("lost-update", `set     = { stock = "{value}", editor = "{tag}" }`, "set     = { stock = \"{value}\", editor = \"{tag}\" }\nunset   = [\"id\", \"title\"]",
		"# [[target.identity]]\n# headers", "[[target.identity]]\nheaders")
	document.name, document.document = "the document as it was read, some members left out, an id of the server's and a secret", true
	head := twin("delete-again-404", `request = "GET /docs/{key}"`, `request = "HEAD /docs/{key}"`, `value   = "json:n"`, `value   = "header:X-N"`, `tag = "json:by"`, `tag = "header:X-By"`)
	head.name, head.server = "HEAD", heads(head.server)
	return []pasted{text, document, head, twin("lease"), twin("form-bodies"), twin("double-spend"), twin("parent-delete"), twin("duplicate-create")}
}

// back is a server that shows whoever comes anew the state before the last one
// first, as a replica that lags does: the last reads come over connections of
// their own.
func back() http.Handler {
	s := sound.Templates()[3].New(false) // lost-update
	var mu sync.Mutex
	known := map[string]bool{}
	before, now := map[string]*httptest.ResponseRecorder{}, map[string]*httptest.ResponseRecorder{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		key, met := r.URL.Path, known[r.RemoteAddr]
		known[r.RemoteAddr] = true
		if r.Method != http.MethodGet {
			s.ServeHTTP(w, r)
			return
		}
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if now[key] == nil || now[key].Body.String() != got.Body.String() {
			before[key], now[key] = now[key], got
		} else if before[key] != nil && !met { // somebody has seen the last one
			got = before[key]
		}
		for name, values := range got.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes()) // who does not read it has gone
	})
}

// heads answers HEAD with what a GET tells, in headers.
func heads(of http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodHead {
			of.ServeHTTP(w, r)
			return
		}
		r.Method = http.MethodGet
		got := httptest.NewRecorder()
		of.ServeHTTP(got, r)
		for _, name := range []string{"n", "by"} {
			w.Header().Set("X-"+name, gjson.Get(got.Body.String(), name).String())
		}
		w.Header()["ETag"] = got.Header()["ETag"]
		w.WriteHeader(got.Code)
	})
}

// Every kind of finding, and every kind of request in one, has lines that run
// as they stand: pasted into a shell, the target gets what it got in the run.
func TestTheLinesOfEveryKindOfFindingRunInAShell(t *testing.T) {
	t.Setenv("API_TOKEN", "of a 'test'")
	rows := requestKinds()
	for _, z := range [][3]string{{"aba-version-restart", "etag", "lifecycle"}, {"conflict-after-commit", "etag", "honest-refusals"},
		{"idempotency-check-then-store", "server-side", "counter-bounds"}, {"lease-without-fencing", "lease", "fencing"},
		{"old-etag-in-answer", "etag", "one-version-one-state"}, {"patch-over-stale-copy", "server-side", "append-only"},
		{"write-skew-snapshot", "server-side", "write-skew"}, {"stale-replica", "lease", "session-guarantees"}, {"deadlock-two-locks", "server-side", "progress"}} {
		row := ofTheZoo(t, z[0], z[1], `target   = { scheme = "server-side" }`, "")
		row.want = z[2]
		rows = append(rows, row)
	}
	for kind, want := range map[string]string{"booking": "no-night-twice", "coupon": "redeemed-once", "last-admin": "somebody-stays", "state-machine": "one-end"} {
		text, _ := scenarios.Template(kind)
		rows = append(rows, pasted{name: kind, scenario: strings.ReplaceAll(text, "http://127.0.0.1:8080", "URL"), server: operations.Open(operations.Options{Kind: kind}), want: want})
	}
	rows = append(rows, ended(t), pasted{name: "a last read that goes back", server: back(), document: true, want: "last-read",
		scenario: strings.Replace(sound.Templates()[3].Scenario, "keys  = 4\n", "keys  = 4\nread_share = 0.9\n", 1)})
	var mu sync.Mutex
	seen := map[string]int{}
	t.Run("of", func(t *testing.T) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				properties := row.paste(t)
				t.Log(properties)
				mu.Lock()
				defer mu.Unlock()
				for _, p := range properties {
					seen[p]++
				}
			})
		}
	})
	for _, c := range check.Properties {
		if seen[c.Name] == 0 {
			t.Errorf("no finding of %s was pasted", c.Name)
		}
	}
}

// gone is the address of a target that ended.
var gone = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// paste runs the scenario, pastes the lines of all its findings, and returns
// their properties.
func (p pasted) paste(t *testing.T) (properties []string) {
	t.Helper()
	l := &listener{Handler: p.server}
	server := httptest.NewServer(l)
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "s.toml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(p.scenario, "URL", server.URL)), 0o644); err != nil {
		t.Fatal(err)
	}
	got := map[asked]bool{}
	out, report := "", []byte(nil)
	for _, load := range [][]string{{"load.duration=250ms", "load.warmup=20ms"}, {"load.duration=1s"}, {"load.duration=2s"}, {"load.duration=4s"}} {
		out = filepath.Join(dir, load[0])
		command := []string{"run", file, "-o", out, "--set", "load.repeat=1"}
		for _, set := range load {
			if !p.ended { // its faults have their times
				command = append(command, "--set", set)
			}
		}
		var b bytes.Buffer
		if code := cli.Main(command, strings.NewReader(""), &b, &b); code == 2 || code == 3 {
			t.Fatalf("run exits %d\n%s", code, b.String())
		}
		for _, a := range l.taken() {
			got[p.as(a)] = true
		}
		var err error
		if report, err = os.ReadFile(filepath.Join(out, "report.json")); err != nil {
			t.Fatal(err)
		}
		if gjson.GetBytes(report, "strategies.#.properties|@flatten|#(name=="+p.want+").violations").Int() > 0 {
			break
		}
	}
	junit, markdown := p.format(t, out, "junit"), p.format(t, out, "markdown")
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	shown := html.UnescapeString(string(page))
	inMarkdown := 0 // findings: it shows one
	gjson.GetBytes(report, "strategies.#.properties|@flatten").ForEach(func(_, property gjson.Result) bool {
		finding, whole := property.Get("findings.0"), true
		finding.Get("requests").ForEach(func(_, q gjson.Result) bool {
			line := q.Get("curl").String()
			if line == "" {
				t.Errorf("%s: %s has no line", property.Get("name"), q)
				return true
			}
			there := line
			if p.ended {
				there = gone.ReplaceAllString(line, server.URL)
			}
			sent, err := exec.Command("bash", "-c", there).CombinedOutput()
			if p.ended && regexp.MustCompile(`HTTP/1.1 [245]`).Match(sent) && !bytes.Contains(sent, []byte("no-such-path")) && !bytes.Contains(sent, []byte("HTTP/1.1 400")) {
				l.taken()
				return true
			}
			notes := l.taken()
			unknown := slices.ContainsFunc(notes, func(a asked) bool { return !got[p.as(a)] })
			if err != nil || len(notes) != strings.Count(line, "curl -sS") || unknown {
				t.Errorf("%s: %v\n%s\n%s\nasks: %q", property.Get("name"), err, line, sent, notes)
			}
			for name, text := range map[string]string{"html": shown, "junit": junit} {
				if !strings.Contains(text, line) {
					t.Errorf("%s: the line is not in the %s report: %s", property.Get("name"), name, line)
				}
			}
			whole = whole && strings.Contains(markdown, "\n"+line+"\n")
			return true
		})
		if finding.Exists() {
			if whole {
				inMarkdown++
			}
			properties = append(properties, property.Get("name").String())
		}
		return true
	})
	if !slices.Contains(properties, p.want) || inMarkdown == 0 {
		t.Errorf("want a finding of %s; findings of %q, and %d of them whole in the markdown report:\n%s", p.want, properties, inMarkdown, markdown)
	}
	return properties
}

// as is a request in the form in which two of a row are compared.
func (p pasted) as(a asked) asked {
	var members map[string]any
	if p.document && json.Unmarshal([]byte(a.Body), &members) == nil {
		a.Body = ""
		for name := range members {
			a.Body += name + " "
		}
		words := strings.Fields(a.Body)
		slices.Sort(words)
		a.Body = strings.Join(words, " ")
		a.Headers = withoutLength(a.Headers)
	}
	return a
}

func withoutLength(headers string) string {
	lines := strings.Split(headers, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Content-Length: ") }), "\n")
}

// format writes a run's report anew; JUnit's texts as they are read.
func (p pasted) format(t *testing.T, out, format string) string {
	t.Helper()
	var b bytes.Buffer
	if code := cli.Main([]string{"report", out, "--format", format}, strings.NewReader(""), &b, io.Discard); code != 0 {
		t.Fatalf("report --format %s exits %d", format, code)
	}
	if format != "junit" {
		return b.String()
	}
	var text strings.Builder
	for d := xml.NewDecoder(&b); ; {
		token, err := d.Token()
		if err != nil {
			return text.String()
		}
		switch x := token.(type) {
		case xml.CharData:
			text.Write(x)
		case xml.StartElement:
			for _, a := range x.Attr {
				fmt.Fprintln(&text, a.Value)
			}
		}
	}
}
