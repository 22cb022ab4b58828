package wire

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"tussle/history"
)

// got is a request as a server met it.
type got struct {
	method, target, body string
	header               http.Header
}

func listen(t *testing.T) (url string, last func() got) {
	t.Helper()
	met := make(chan got, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		met <- got{r.Method, r.RequestURI, string(b), r.Header}
		w.WriteHeader(204)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() got { return <-met }
}

// A line that is pasted into a shell sends, byte for byte, what it shows.
func TestCurlRunsAsItStands(t *testing.T) {
	url, last := listen(t)
	for name, r := range map[string]Request{
		"a read":                        {Method: "GET", URL: "/a"},
		"only the head":                 {Method: "HEAD", URL: "/a?x=1"},
		"a query and a path with signs": {Method: "GET", URL: "/a%20b/{x}/[1]/?q=%26;a=1&b=$HOME"},
		"a path with dots":              {Method: "DELETE", URL: "/a/../b/./c"},
		"quotes":                        {Method: "PUT", URL: "/it's", Headers: []Header{{"If-Match", `W/"it's"`}, {"Content-Type", "text/plain"}}, Body: `it's "$HOME" \n` + "`id`", HasBody: true},
		"no type":                       {Method: "POST", URL: "/", Body: "a=1", HasBody: true},
		"a body like a file":            {Method: "POST", URL: "/", Headers: []Header{{"Content-Type", "text/plain"}}, Body: "@/etc/hostname", HasBody: true},
		"lines and odd bytes":           {Method: "PUT", URL: "/", Headers: []Header{{"Content-Type", "text/x"}}, Body: "a\r\n\tb\xff\x01'\\n\u202e", HasBody: true},
		"an empty header":               {Method: "GET", URL: "/", Headers: []Header{{"X-Empty", ""}}},
	} {
		target := r.URL
		r.URL = url + target
		line := r.Curl()
		if out, err := exec.Command("bash", "-c", line).CombinedOutput(); err != nil || !strings.Contains(string(out), " 204 ") {
			t.Errorf("%s: %v\n%s\n%s", name, err, line, out)
			continue
		}
		g := last()
		if g.method != r.Method || g.target != target || g.body != r.Body {
			t.Errorf("%s: %s\nsent %s %s %q, want %s %s %q", name, line, g.method, g.target, g.body, r.Method, target, r.Body)
		}
		for _, h := range r.Headers {
			if list, there := g.header[h.Name]; !there || list[0] != h.Value {
				t.Errorf("%s: header %s is %q, want %q", name, h.Name, list, h.Value)
			}
		}
		if _, typed := g.header["Content-Type"]; typed && r.Header("Content-Type") == nil {
			t.Errorf("%s: a type that was not there: %v", name, g.header)
		}
	}
}

// Secrets are the shell's variables, a file's and the environment's; their
// values are nowhere.
func TestFormsLeaveSecretsOut(t *testing.T) {
	url, last := listen(t)
	steps, err := Compile(map[string]history.PlanRequest{"write": {Method: "PUT", Base: url, Path: "/x", Query: []history.PlanField{{Name: "k", Env: "KEY"}},
		Headers: []history.PlanField{{Name: "Authorization", Prefix: "Bearer ", Env: "KEY"}},
		Body:    map[string]any{"user": map[string]any{"env": "KEY"}, "v": "{value}"}}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := &Vars{}
	v.Set(Value, Text{S: "1", Raw: true})
	r, err := steps[history.StepWrite].Request(v)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", r.Curl())
	cmd.Env = append(cmd.Environ(), "KEY=s3cret")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if g := last(); g.target != "/x?k=s3cret" || g.header.Get("Authorization") != "Bearer s3cret" || g.body != `{"user":"s3cret","v":1}` {
		t.Errorf("%+v", g)
	}
	for name, c := range map[string]struct{ text, want string }{
		"http": {r.HTTP("a\nb"), "### a b\nPUT " + url + "/x?k={{KEY}}\nAuthorization: Bearer {{KEY}}\nContent-Type: application/json\n\n{\"user\":\"{{KEY}}\",\"v\":1}\n"},
		"test": {Test("Lost", []Told{{r, 204}}), `os.Getenv("KEY")`},
	} {
		if !strings.Contains(c.text, c.want) || strings.Contains(c.text, "\x00") {
			t.Errorf("%s: %q", name, c.text)
		}
	}
}
