package dialect

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// FuzzCaptures: no capture of any answer panics, and what is captured from
// JSON is JSON again when it is put into a body.
func FuzzCaptures(f *testing.F) {
	for _, path := range []string{"json:a", "json:a.b.0", "json:#", "json:a.#(b==1).c", "json:@reverse", "json:a:base64", "xml:a/b", "header:Lock-Token", "header:ETag:unquote", "header:Location:last", "body", "status", `regex:"b":(.)`, "regex:(?s)(.*)", "regex:(<.>)|x:base64"} {
		for _, body := range []string{`{"a":{"b":[1,"x"]}}`, `[1,2]`, `<a><b>x</b></a>`, `{"a":`, "\xff", `"<t>"`, `W/"x"`, `{"a":"MTA="}`} {
			f.Add(path, body)
		}
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		d, err := Compile(map[string]scenarios.Step{"read": {Request: "GET /x", Value: path}, "write": {Request: "PUT /x", Body: map[string]any{"v": "{value}"}}}, nil, scenarios.Identify{}, Options{})
		if err != nil {
			return
		}
		var a Answer
		d.Read(history.StepRead, respond(200, body, "Lock-Token", body, "ETag", body, "Location", body), &a)
		if !a.HasValue {
			return
		}
		v := &Vars{}
		v.Set(Value, a.Value)
		var req transport.Request
		if err := d.Render(history.StepWrite, v, &req); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(req.Body()) {
			t.Errorf("%q of %q: %+v makes the body %q", path, body, a.Value, req.Body())
		}
	})
}

// FuzzTemplates: no value leaves the place where it is put.
func FuzzTemplates(f *testing.F) {
	for _, s := range []string{"", "k", "a/b", "../..", "a?b#c", "\r\nX: y", `"`, `\`, "</a>", "&amp;", "\x00", "\xff\xfe", "ü", " ", "%2f"} {
		f.Add(s)
	}
	d, err := Compile(map[string]scenarios.Step{
		"read":   {Request: "GET /a/{key}/b?q={key}", Query: map[string]scenarios.Text{"p": {Template: "{key}"}}, Headers: headers("X-Key", "{key}", "If", "{key:if}")},
		"write":  {Request: "PUT /a", Body: map[string]any{"v": "{key}", "w": "<{key}>"}},
		"create": {Request: "PUT /a", Body: "<a b=\"{key}\">{key}</a>"},
		"append": {Request: "PUT /a", Body: `{"a":"{key}","b":{key}}`},
	}, nil, scenarios.Identify{}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key string) {
		v := set(map[Var]Text{Key: {S: key}})
		req := render(t, d, history.StepRead, v)
		u, err := url.ParseRequestURI(string(req.Target()))
		if err != nil || strings.Count(u.EscapedPath(), "/") != 3 || u.Query().Get("q") != key || u.Query().Get("p") != key || u.Path != "/a/"+key+"/b" {
			t.Errorf("%q: target %s, %v", key, req.Target(), err)
		}
		for _, name := range []string{"X-Key", "If"} {
			if bytes.ContainsAny(req.Header(name), "\r\n\x00") {
				t.Errorf("%q: header %q", key, req.Header(name))
			}
		}
		for _, step := range []history.Step{history.StepWrite, history.StepAppend} {
			var doc map[string]string
			if err := json.Unmarshal(render(t, d, step, v).Body(), &doc); err != nil || len(doc) != 2 {
				t.Errorf("%q: %s: %v, %v", key, step, doc, err)
			} else if utf8.ValidString(key) && doc["v"]+doc["a"] != key {
				t.Errorf("%q: %s sends %q", key, step, doc)
			}
		}
		if !utf8.ValidString(key) {
			return // no text of XML
		}
		dec := xml.NewDecoder(bytes.NewReader(render(t, d, history.StepCreate, v).Body()))
		for starts := 0; ; {
			tok, err := dec.Token()
			if err == io.EOF {
				return
			}
			if err != nil && strings.Contains(err.Error(), "illegal character code") {
				return // noncharacters such as U+FFFE have no form in XML
			}
			if _, ok := tok.(xml.StartElement); ok {
				starts++
			}
			if err != nil || starts > 1 {
				t.Fatalf("%q: xml with %d elements, %v", key, starts, err)
			}
		}
	})
}

func FuzzProblem(f *testing.F) {
	for _, s := range []string{`{"type":"/problems/x","title":"t","status":409,"detail":"d","instance":"/i","retry_after_ms":5}`, `{"type":7}`, `{"error":{"type":"t"}}`,
		`{"retry_after_ms":1e400}`, `{"retry_after_ms":-1}`, `[{"errorCode":"X"}]`, `<Error><Code>C</Code></Error>`, `<D:error xmlns:D="DAV:"><D:no-conflicting-lock/></D:error>`, `<error`, "\xff", strings.Repeat(`{"a":`, 100)} {
		f.Add(s)
	}
	d, err := Compile(map[string]scenarios.Step{"write": {Request: "PUT /x"}}, []scenarios.Outcome{
		{JSON: &scenarios.Match{Path: "type", Regex: "^/problems/x$"}, Class: "stale"},
		{XML: &scenarios.Match{Name: "a/b", Absent: &yes}, Class: "locked"},
		{Items: &scenarios.Items{Path: "a", Field: "b", Equals: int64(1)}, Class: "exists"},
	}, scenarios.Identify{}, Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var a Answer
		d.Read(history.StepWrite, respond(409, body), &a)
		if len(a.Problem) > 3*maxProblem || len(a.Detail) > maxDetail || !utf8.ValidString(a.Problem) || !utf8.ValidString(a.Detail) || a.RetryAfter < 0 {
			t.Errorf("%q: problem %q, detail %q, %v", body, a.Problem, a.Detail, a.RetryAfter)
		}
	})
}
