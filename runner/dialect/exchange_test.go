package dialect

import (
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// exchange is one recorded request and answer, as testdata/*.txt hold them:
//
//	== its name
//	write key=k1 value=#7         the step and its variables, # for JSON text
//	> PUT /items/k1               the request, of whose headers those that are
//	> If-Match: "1"               listed must be there; "> !Name" must not
//	>
//	> the body, in full, if there is one
//	< 200                         the answer
//	< ETag: "2"
//	<
//	< the body
//	= class=ok effect=applied     all that is read from it, but status and detail
type exchange struct {
	name, vars, want  string
	request, response []string
}

// recorded reads a file of exchanges with the scenario that stands before them.
func recorded(t testing.TB, file string) (*Dialect, []exchange) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(b), "\n== ")
	d := compiled(t, file, parts[0]+"\n")
	var out []exchange
	for _, p := range parts[1:] {
		lines := strings.Split(strings.TrimSpace(p), "\n")
		e := exchange{name: lines[0], vars: lines[1]}
		for _, l := range lines[2:] {
			mark, rest := l[:1], strings.TrimPrefix(l[1:], " ")
			switch mark {
			case ">":
				e.request = append(e.request, rest)
			case "<":
				e.response = append(e.response, rest)
			case "=":
				e.want = rest
			default:
				t.Fatalf("%s: %s: line %q", file, e.name, l)
			}
		}
		out = append(out, e)
	}
	return d, out
}

// compiled compiles the first strategy of a scenario.
func compiled(t testing.TB, file, text string) *Dialect {
	t.Helper()
	s, err := scenarios.Parse(file, text, scenarios.Options{Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	st := s.Strategies[0]
	base := strings.TrimPrefix(s.Target.URL, "http://")
	_, path, _ := strings.Cut(base, "/")
	d, err := Compile(st.Speaks, st.Outcomes, st.Identify, Options{BasePath: "/" + path})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// split cuts a message into first line, headers and body.
func split(lines []string) (first string, headers []string, body string, hasBody bool) {
	first = lines[0]
	for i, l := range lines[1:] {
		if l == "" {
			return first, headers, strings.Join(lines[i+2:], "\n"), true
		}
		headers = append(headers, l)
	}
	return first, headers, "", false
}

// pairs reads name=value with values as in Go when quoted.
func pairs(t testing.TB, s string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			t.Fatalf("no name=value in %q", s)
		}
		value, err := strconv.QuotedPrefix(rest)
		if err != nil {
			value, _, _ = strings.Cut(rest, " ")
			out[name] = value
		} else if out[name], err = strconv.Unquote(value); err != nil {
			t.Fatal(err)
		}
		s = rest[len(value):]
	}
	return out
}

func fromMark(s string) Text {
	if rest, ok := strings.CutPrefix(s, "#"); ok {
		return Text{S: rest, Raw: true}
	}
	return Text{S: s}
}

// told lists what an answer says, as the = lines do.
func told(a *Answer) map[string]string {
	out := map[string]string{"class": string(a.Class), "effect": string(a.Effect), "action": string(a.Action), "missing": a.Missing, "problem": a.Problem}
	mark := func(name string, t Text, has bool) {
		if t.Raw {
			t.S = "#" + t.S
		}
		if has {
			out[name] = t.S
		}
	}
	mark("value", a.Value, a.HasValue)
	mark("version", a.Version, a.HasVersion)
	mark("tag", a.Tag, a.HasTag)
	mark("token", a.Token, a.HasToken)
	mark("fence", a.Fence, a.HasFence)
	mark("key", a.Key, a.HasKey)
	for name, text := range a.Named {
		mark("named."+name, text, true)
	}
	if a.Absent {
		out["absent"] = "true"
	}
	if a.HasRetryAfter {
		out["retry_after"] = a.RetryAfter.String()
	}
	maps.DeleteFunc(out, func(_, v string) bool { return v == "" })
	return out
}

func (e *exchange) render(t *testing.T, d *Dialect) Sent {
	name, vars, _ := strings.Cut(e.vars, " ")
	v := &Vars{}
	for k, val := range pairs(t, vars) {
		v.SetNamed(k, fromMark(val))
	}
	var req transport.Request
	if err := d.Render(history.Step(name), v, &req); err != nil {
		t.Fatal(err)
	}
	first, headers, body, hasBody := split(e.request)
	if got := req.Method() + " " + string(req.Target()); got != first {
		t.Errorf("request %s\n   want %s", got, first)
	}
	for _, h := range headers {
		if absent, ok := strings.CutPrefix(h, "!"); ok {
			if got := req.Header(absent); len(got) > 0 {
				t.Errorf("header %s is %q, want none", absent, got)
			}
			continue
		}
		name, want, _ := strings.Cut(h, ": ")
		if got := string(req.Header(name)); got != want {
			t.Errorf("header %s is %q, want %q", name, got, want)
		}
	}
	if got := string(req.Body()); hasBody && got != body {
		t.Errorf("body %s\nwant %s", got, body)
	}
	return v.Sent()
}

func (e *exchange) answer(t testing.TB) *transport.Response {
	first, headers, body, _ := split(e.response)
	code, _, _ := strings.Cut(first, " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		t.Fatal(err)
	}
	h := map[string]string{}
	for _, l := range headers {
		name, value, _ := strings.Cut(l, ": ")
		h[name] = value
	}
	var resp transport.Response
	resp.Set(status, h, body)
	return &resp
}

// TestExchanges renders and reads every recorded exchange.
func TestExchanges(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 16 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			d, list := recorded(t, file)
			if len(list) < 3 {
				t.Fatalf("only %d exchanges", len(list))
			}
			var a Answer
			for _, e := range list {
				t.Run(e.name, func(t *testing.T) {
					name, _, _ := strings.Cut(e.vars, " ")
					a.Sent = e.render(t, d)
					d.Read(history.Step(name), e.answer(t), &a)
					if diff := cmp.Diff(pairs(t, e.want), told(&a)); diff != "" {
						t.Errorf("read from the answer (- want, + got):\n%s", diff)
					}
				})
			}
		})
	}
}

// TestEveryDialectIsRecorded: no built-in dialect without exchanges.
func TestEveryDialectIsRecorded(t *testing.T) {
	for _, name := range scenarios.Dialects() {
		if _, err := os.Stat(filepath.Join("testdata", name+".txt")); err != nil {
			t.Errorf("dialect %s has no recorded exchanges: %v", name, err)
		}
	}
}
