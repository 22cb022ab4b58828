package dialect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tussle/history"
	"tussle/runner/secrets"
	"tussle/runner/transport"
	"tussle/scenarios"
)

func TestCaptures(t *testing.T) {
	for name, tc := range map[string]struct {
		capture string
		resp    *transport.Response
		want    Text
		none    bool
	}{
		"json text":                  {"json:a.b", respond(200, `{"a":{"b":"x\ny"}}`), Text{S: "x\ny"}, false},
		"json number keeps digits":   {"json:n", respond(200, `{"n":12345678901234567890}`), Text{S: "12345678901234567890", Raw: true}, false},
		"json list":                  {"json:l", respond(200, `{"l":[1, {"a":2}]}`), Text{S: `[1, {"a":2}]`, Raw: true}, false},
		"json null":                  {"json:n", respond(200, `{"n":null}`), Text{S: "null", Raw: true}, false},
		"json with a name with dots": {`json:meta\.data.v`, respond(200, `{"meta.data":{"v":1}}`), Text{S: "1", Raw: true}, false},
		"json that is missing":       {"json:x", respond(200, `{"n":1}`), Text{}, true},
		"half of a document":         {"json:n", respond(200, `{"n":1,"m":`), Text{}, true},
		"two documents":              {"json:n", respond(200, `{"n":1}{"n":2}`), Text{}, true},
		"no document":                {"json:n", respond(200, ``), Text{}, true},
		"base64":                     {"json:v:base64", respond(200, `{"v":"MTA="}`), Text{S: "10"}, false},
		"base64 that is none":        {"json:v:base64", respond(200, `{"v":"M"}`), Text{}, true},
		"base64url":                  {"json:v:base64url", respond(200, `{"v":"_-8"}`), Text{S: "\xff\xef"}, false},
		"header":                     {"header:etag", respond(200, "", "ETag", `W/"3"`), Text{S: `W/"3"`}, false},
		"header made strong":         {"header:ETag:strong", respond(200, "", "ETag", `W/"3"`), Text{S: `"3"`}, false},
		"header without quotes":      {"header:ETag:unquote", respond(200, "", "ETag", `W/"3"`), Text{S: `3`}, false},
		"header that is missing":     {"header:ETag", respond(200, ""), Text{}, true},
		"location":                   {"header:Location:last", respond(201, "", "Location", "http://h/items/a%20b/?x=1"), Text{S: "a b"}, false},
		"location without a name":    {"header:Location:last", respond(201, "", "Location", "/"), Text{}, true},
		"lock token":                 {"header:Lock-Token", respond(200, "", "Lock-Token", " <opaquelocktoken:1> "), Text{S: "opaquelocktoken:1"}, false},
		"xml":                        {"xml:getetag", respond(207, `<D:multistatus xmlns:D="DAV:"><D:getetag>"1"</D:getetag></D:multistatus>`), Text{S: `"1"`}, false},
		"xml, the first":             {"xml:locktoken/href", respond(200, `<p><owner><href>me</href></owner><locktoken><href>t</href></locktoken></p>`), Text{S: "t"}, false},
		"xml with entities":          {"xml:a", respond(200, `<a>1 &lt; <b>2</b><![CDATA[ & 3]]></a>`), Text{S: "1 < 2 & 3"}, false},
		"xml that is cut off":        {"xml:a", respond(200, `<r><a>1`), Text{}, true},
		"body of text":               {"body", respond(200, " hello\n"), Text{S: "hello"}, false},
		"body of a number":           {"body", respond(200, "42\n"), Text{S: "42", Raw: true}, false},
		"body of a list":             {"body", respond(200, `["a","b"]`), Text{S: `["a","b"]`, Raw: true}, false},
		"body like a number":         {"body", respond(200, "42nd"), Text{S: "42nd"}, false},
		"body that is empty":         {"body", respond(200, ""), Text{}, true},
		"body in base64":             {"body:base64", respond(200, "MTA="), Text{S: "10"}, false},
		"status":                     {"status", respond(201, ""), Text{S: "201", Raw: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: tc.capture}, Options{})
			var a Answer
			d.Read(history.StepRead, tc.resp, &a)
			if a.Value != tc.want || a.HasValue == tc.none {
				t.Errorf("%+v, %v, want %+v", a.Value, a.HasValue, tc.want)
			}
			if want := map[bool]string{true: "value"}[tc.none]; a.Missing != want {
				t.Errorf("missing %q, want %q", a.Missing, want)
			}
		})
	}
}

// TestMissing: only a successful answer can lack something; a tag may be
// missing from what set-up wrote, and a version from the answer to a write
// unless writes are told apart by it.
func TestMissing(t *testing.T) {
	steps := map[string]scenarios.Step{
		"read":  {Request: "GET /x", Value: "json:v", Version: "header:ETag", Capture: map[string]string{"term": "json:t"}},
		"write": {Request: "PUT /x", Version: "header:ETag"},
		"lock":  {Request: "POST /x", Token: "json:token", Fence: "json:fence"},
	}
	for _, by := range []string{"tag", "version"} {
		d, err := Compile(steps, nil, scenarios.Identify{By: by, Tag: "json:tag"}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			step history.Step
			resp *transport.Response
			want string
		}{
			{history.StepRead, respond(200, `{"v":1,"t":2}`, "ETag", `"1"`), ""},
			{history.StepRead, respond(200, `{"t":2}`, "ETag", `"1"`), "value"},
			{history.StepRead, respond(200, `{"v":1,"t":2}`), "version"},
			{history.StepRead, respond(200, `{"v":1}`, "ETag", `"1"`), "term"},
			{history.StepRead, respond(404, ``), ""},
			{history.StepRead, respond(500, ``), ""},
			{history.StepWrite, respond(204, ``), map[string]string{"version": "version"}[by]},
			{history.StepWrite, respond(412, ``), ""},
			{history.StepLock, respond(200, `{"token":"t"}`), "fence"},
			{history.StepLock, respond(423, `{}`), ""},
		} {
			var a Answer
			if d.Read(tc.step, tc.resp, &a); a.Missing != tc.want {
				t.Errorf("by %s: %s %d: missing %q, want %q", by, tc.step, a.Status, a.Missing, tc.want)
			}
		}
	}
}

func TestAbsent(t *testing.T) {
	d := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: "json:v", Absent: scenarios.Absence{{Status: 200}, {Status: 403}}}, Options{})
	for _, tc := range []struct {
		resp   *transport.Response
		absent bool
		class  history.Class
	}{
		{respond(403, ``), true, history.OK},
		{respond(404, ``), false, history.Rejected}, // the list replaces the default
		{respond(200, `{}`), true, history.OK},
		{respond(200, `{"v":1}`), false, history.OK},
		{respond(200, `{"v":`), false, history.Unreadable}, // garbled is not absent
	} {
		var a Answer
		if d.Read(history.StepRead, tc.resp, &a); a.Absent != tc.absent || a.Class != tc.class {
			t.Errorf("%d %q: absent %v, class %s", a.Status, a.Body, a.Absent, a.Class)
		}
	}
}

// TestReuse: nothing of one answer shows in the next.
func TestReuse(t *testing.T) {
	d := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: "json:v", Capture: map[string]string{"c": "json:c"}}, Options{})
	var a Answer
	d.Read(history.StepRead, respond(423, `{"type":"/p","retry_after_ms":5}`, "Retry-After", "9"), &a)
	if a.Problem != "/p" || a.RetryAfter != 5*time.Millisecond || a.Detail == "" {
		t.Fatalf("%+v", a)
	}
	d.Read(history.StepRead, respond(200, `{"v":"x","c":1}`), &a)
	if a.Problem != "" || a.HasRetryAfter || a.Detail != "" || a.Value.S != "x" || a.Named["c"].S != "1" {
		t.Fatalf("%+v", a)
	}
	d.Read(history.StepRead, respond(200, `{"v":"y"}`), &a)
	if _, old := a.Named["c"]; old || a.Value.S != "y" || a.Missing != "c" {
		t.Fatalf("%+v", a)
	}
}

// TestRetryAfterDate: a date is measured against the server's own clock where
// it tells it. The answers go over the wire, as responses made by hand have no
// Date.
func TestRetryAfterDate(t *testing.T) {
	answers := []string{"Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 12:00:30 GMT\r\n",
		"Retry-After: Tue, 24 Nov 2026 12:00:30 GMT\r\n", "Retry-After: soon\r\n"}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		for _, h := range answers {
			if _, err := http.ReadRequest(r); err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"+h+"\r\n")
		}
	}()
	end, err := transport.NewEndpoint("http://"+l.Addr().String(), transport.Files{})
	if err != nil {
		t.Fatal(err)
	}
	conn := transport.NewConn(end, nil, func() int64 { return 0 })
	defer conn.Close()
	d := one(t, history.StepRead, scenarios.Step{Request: "GET /x"}, Options{Now: func() time.Time { return time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC) }})
	for i, want := range []struct {
		after time.Duration
		class history.Class
	}{{30 * time.Second, history.Throttled}, {time.Hour + 30*time.Second, history.Throttled}, {0, history.ServerError}} {
		var resp transport.Response
		if res := conn.Do(t.Context(), render(t, d, history.StepRead, &Vars{}), &resp, time.Now().Add(10*time.Second)); res.Err != nil {
			t.Fatal(res.Err)
		}
		var a Answer
		if d.Read(history.StepRead, &resp, &a); a.RetryAfter != want.after || a.Class != want.class {
			t.Errorf("answer %d: %v, %s, want %v, %s", i+1, a.RetryAfter, a.Class, want.after, want.class)
		}
	}
}

func TestDetail(t *testing.T) {
	var known secrets.Registry
	known.Add("KEY", "s3cret")
	d := one(t, history.StepWrite, scenarios.Step{Request: "PUT /x"}, Options{Mask: known.Mask, Window: known.Window})
	for name, body := range map[string]string{
		"a secret":             `{"type":"/p/s3cret","detail":"token s3cret is bad"}`,
		"a secret at the cut":  strings.Repeat("x", 508) + "s3cret and more",
		"runes at the cut":     strings.Repeat("ü", 400),
		"binary":               strings.Repeat("\xff\x00\xfe", 400),
		"longer than anything": strings.Repeat("long ", 100000),
	} {
		var a Answer
		d.Read(history.StepWrite, respond(400, body), &a)
		if len(a.Detail) > 512 || a.Detail == "" || !utf8.ValidString(a.Detail) || strings.Contains(a.Detail+a.Problem, "s3c") {
			t.Errorf("%s: %d bytes, %q, problem %q", name, len(a.Detail), a.Detail, a.Problem)
		}
	}
}

func TestGzip(t *testing.T) {
	pack := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	}
	d := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: "json:v"}, Options{Gzip: true})
	var req transport.Request
	if err := d.Render(history.StepRead, &Vars{}, &req); err != nil || string(req.Header("Accept-Encoding")) != "gzip" {
		t.Errorf("Accept-Encoding %q, %v", req.Header("Accept-Encoding"), err)
	}
	var a Answer
	whole := pack(`{"v":"x"}`)
	for _, tc := range []struct {
		body string
		want string
	}{
		{whole, "x"},
		{whole[:len(whole)-9], ""},
		{`{"v":"x"}`, ""}, // says gzip and is none
		{"", ""},
		{pack(`{"v":"` + strings.Repeat("0", 8<<20) + `"}`), ""}, // a bomb
		{whole, "x"}, // and the memory still works
	} {
		d.Read(history.StepRead, respond(200, tc.body, "Content-Encoding", "gzip"), &a)
		if a.Value.S != tc.want || a.HasValue != (tc.want != "") {
			t.Errorf("%d bytes: value %.20q, want %q", len(tc.body), a.Value.S, tc.want)
		}
	}
}

// TestGarbage: whatever a server sends, reading ends, and the status speaks.
func TestGarbage(t *testing.T) {
	deep := strings.Repeat("[", 3<<20)
	d, list := recorded(t, "testdata/etag.txt")
	if len(list) == 0 {
		t.Fatal("no exchanges")
	}
	x := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: "xml:a", Version: "json:a.#.b"}, Options{})
	for name, body := range map[string]string{
		"deep json":        deep,
		"deep objects":     strings.Repeat(`{"a":`, 1<<20),
		"deep and closed":  deep[:1<<20] + strings.Repeat("]", 1<<20),
		"deep in a string": `{"value":"` + deep + `"}`,
		"deep xml":         strings.Repeat("<a>", 1<<20),
		"half a body":      `{"value":1,"ta`,
		"binary":           "\x00\x01\xff\xfe{",
		"html":             "<html><body><p>it works!",
		"a number":         "1e999999",
		"nul":              "\x00",
		"bad utf-8 json":   "{\"value\":\"\xff\xfe\"}",
		"an entity bomb":   `<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;&b;</a>`,
	} {
		for _, status := range []int{200, 412} {
			var a Answer
			for _, step := range []history.Step{history.StepRead, history.StepWrite} {
				d.Read(step, respond(status, body), &a)
				x.Read(step, respond(status, body), &a)
				if a.Status != status || a.Class == "" {
					t.Errorf("%s, %d %s: %+v", name, status, step, a.Class)
				}
			}
		}
	}
}

// JSON says null where nothing is there; an initial state has no editor yet,
// and a lock step that answers null gave no token.
func TestNullNamesNothing(t *testing.T) {
	d, err := Compile(map[string]scenarios.Step{
		"read": {Request: "GET /x", Value: "json:value", Version: "json:version"},
		"lock": {Request: "POST /l", Token: "json:token"},
	}, nil, scenarios.Identify{By: "tag", Tag: "json:editor"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	d.Read(history.StepRead, respond(200, `{"value":null,"version":3,"editor":null}`), &a)
	if a.HasTag || a.Missing != "" || !a.HasValue || a.Value.S != "null" || a.Version.S != "3" {
		t.Errorf("read: %+v", a)
	}
	d.Read(history.StepLock, respond(200, `{"token":null}`), &a)
	if a.HasToken || a.Missing != "token" {
		t.Errorf("lock: token %q, missing %q", a.Token.S, a.Missing)
	}
}

// A version that stands in the document goes back with it, so a write of the
// whole document presents it, unless it is changed or taken out.
func TestAWholeDocumentPresentsTheVersionInIt(t *testing.T) {
	read := scenarios.Step{Request: "GET /x", Value: "json:v", Version: "json:version"}
	header := scenarios.Step{Request: "GET /x", Value: "json:v", Version: "header:ETag"}
	for name, tc := range map[string]struct {
		read, write scenarios.Step
		want        bool
	}{
		"sent back":             {read, scenarios.Step{Request: "PUT /x", Body: "{read.body}", Set: map[string]any{"v": "{value}"}}, true},
		"taken out":             {read, scenarios.Step{Request: "PUT /x", Body: "{read.body}", Unset: []string{"version"}}, false},
		"replaced":              {read, scenarios.Step{Request: "PUT /x", Body: "{read.body}", Set: map[string]any{"version": int64(0)}}, false},
		"in a header, not sent": {header, scenarios.Step{Request: "PUT /x", Body: "{read.body}"}, false},
		"in a header, sent":     {header, scenarios.Step{Request: "PUT /x", Body: "{read.body}", Headers: headers("If-Match", "{version}")}, true},
		"another body":          {read, scenarios.Step{Request: "PUT /x", Body: map[string]any{"v": "{value}"}}, false},
	} {
		d, err := Compile(map[string]scenarios.Step{"read": tc.read, "write": tc.write}, nil, scenarios.Identify{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Uses(history.StepWrite, Version); got != tc.want {
			t.Errorf("%s: presents the version: %t, want %t", name, got, tc.want)
		}
	}
}
