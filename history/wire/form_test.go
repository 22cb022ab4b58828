package wire

import (
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"tussle/history"
)

func rendered(t *testing.T, r history.PlanRequest, v *Vars) Request {
	t.Helper()
	r.Method, r.Path = "POST", "/form"
	steps, err := Compile(map[string]history.PlanRequest{"write": r}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	req, err := steps["write"].Request(v)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// A form carries what is set, repeats lists, and leaves out what is one unset
// variable.
func TestFormIsURLEncoded(t *testing.T) {
	v := &Vars{}
	v.SetNamed("title", Text{S: "a&b=ü +"})
	req := rendered(t, history.PlanRequest{Form: map[string]any{
		"title": "{title}", "tags": []any{"x y", int64(7)}, "gone": "{nothing}", "mixed field": "t: {title}", "on": true,
		"secret": map[string]any{"env": "TOKEN_A"},
	}}, v)
	if got := string(req.Header("Content-Type")); got != "application/x-www-form-urlencoded" {
		t.Errorf("content type %q", got)
	}
	if !strings.Contains(req.Body, "\x00TOKEN_A\x00") {
		t.Errorf("the secret is not marked: %q", req.Body)
	}
	got, err := url.ParseQuery(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"title": {"a&b=ü +"}, "tags": {"x y", "7"}, "mixed field": {"t: a&b=ü +"}, "on": {"true"}, "secret": got["secret"]}
	if got.Encode() != want.Encode() {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMultipartHasFilesAndFields(t *testing.T) {
	v := &Vars{}
	v.Set(Value, Text{S: "line 1\nline 2"})
	req := rendered(t, history.PlanRequest{Multipart: map[string]any{
		"doc":  map[string]any{"file": `a"b.txt`, "type": "text/plain", "content": "<{value}>"},
		"n":    int64(3),
		"gone": "{nothing}",
	}}, v)
	kind, params, err := mime.ParseMediaType(string(req.Header("Content-Type")))
	if err != nil || kind != "multipart/form-data" {
		t.Fatal(kind, err)
	}
	r := multipart.NewReader(strings.NewReader(req.Body), params["boundary"])
	got := map[string]string{}
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(p)
		got[p.FormName()] = p.FileName() + "|" + p.Header.Get("Content-Type") + "|" + string(body)
	}
	if len(got) != 2 || got["doc"] != "a%22b.txt|text/plain|<line 1\nline 2>" || got["n"] != "||3" {
		t.Errorf("got %q", got)
	}
	v.Set(Value, Text{S: boundary})
	steps, _ := Compile(map[string]history.PlanRequest{"write": {Method: "POST", Path: "/", Multipart: map[string]any{"a": "{value}"}}}, Options{})
	if _, err := steps["write"].Request(v); err == nil {
		t.Error("a value with the boundary in it was sent")
	}
}

func TestVariablesCalculate(t *testing.T) {
	v := &Vars{}
	v.Set(Value, Text{S: "41", Raw: true})
	v.SetNamed("n", Text{S: "4"})
	v.SetNamed("big", Text{S: "9007199254740993"})
	v.SetNamed("word", Text{S: "none"})
	v.SetNamed("far", Text{S: "1e999999999"})
	for template, want := range map[string]string{
		"{value + 1}": `42`, "{value - n}": `37`, "{n * 2.5}": `10`, "{n / 8}": `0.5`, "{value / 3}": `13.666666666666666`, "{big + 1}": `9007199254740994`,
		"v{value + 1}": `"v42"`, "{value + 1:base64}": `"NDI="`, "{value + 1:text}": `"42"`, "{gone + 1}": "", `{ "a" }`: `"{ \"a\" }"`, "{value+1}": "!", "{value + }": "!",
		"{word + 1}": "!", "{value / 0}": "!", "{value + gone}": "!", "{far + 1}": "!",
	} {
		steps, err := Compile(map[string]history.PlanRequest{"write": {Method: "PUT", Path: "/", Body: map[string]any{"x": template}}}, Options{})
		var req Request
		if err == nil {
			req, err = steps["write"].Request(v)
		}
		body := `{"x":` + want + `}`
		if want == "" {
			body = "{}"
		}
		if want == "!" {
			if err == nil {
				t.Errorf("%s gives %s, and should be an error", template, req.Body)
			}
			continue
		}
		if err != nil || req.Body != body {
			t.Errorf("%s gives %s (%v), want %s", template, req.Body, err, body)
		}
	}
	if tm, err := ParseTemplate("{value - n:base64}"); err != nil || strings.Join(tm.Vars(), " ") != "value n" {
		t.Errorf("variables %q, %v", tm.Vars(), err)
	}
}

// {uuid} is one for an operation, and never that of another.
func TestUUIDs(t *testing.T) {
	seen := map[string]bool{}
	for block := range 3 {
		for client := -1; client < 3; client++ {
			for op := range 3 {
				id := UUIDOf("run", block, client, op)
				if seen[id] || id != UUIDOf("run", block, client, op) || len(id) != 36 || id[14] != '8' || !strings.ContainsRune("89ab", rune(id[19])) {
					t.Errorf("%s", id)
				}
				seen[id] = true
			}
		}
	}
}
