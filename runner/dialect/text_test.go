package dialect

import (
	"testing"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

const calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:k1\r\nSUMMARY:41\r\nX-EDITOR:1.2.3\r\nDESCRIPTION:sixty %s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// A regular expression finds a text in what is neither JSON nor XML; what its
// one group is, as it stands, is the text.
func TestCapturesByPattern(t *testing.T) {
	for name, tc := range map[string]struct{ capture, body, want string }{
		"a property of a calendar":  {`regex:(?m)^SUMMARY:(.*?)\r?$`, calendar, "41"},
		"the first of two":          {`regex:(?m)^([A-Z]+):VEVENT`, calendar, "BEGIN"},
		"of HTML, across lines":     {`regex:(?s)<td id="stock">\s*(\d+)`, "<table><tr>\n<td id=\"stock\">\n  7</td>", "7"},
		"with a filter":             {`regex:token=(\S+):base64`, "token=MTA=", "10"},
		"an empty group":            {`regex:stock=(\d*)`, "stock=", ""},
		"nothing":                   {`regex:stock=(\d+)`, "stock=none", "missing"},
		"a group that is left out":  {`regex:(a)|b`, "b", "missing"},
		"no body":                   {`regex:(.+)`, "", "missing"},
		"a body that is no UTF-8":   {`regex:n=(\d+)`, "\xff\xfe n=3", "3"},
		"a colon within the group":  {`regex:at (\d\d:\d\d)`, "at 12:30", "12:30"},
		"groups that are not named": {`regex:(?:a|b)=(?:"([^"]*)")`, `b="x"`, "x"},
	} {
		d, err := Compile(map[string]scenarios.Step{"read": {Request: "GET /x", Value: tc.capture}}, nil, scenarios.Identify{}, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var a Answer
		d.Read(history.StepRead, respond(200, tc.body), &a)
		got := a.Value.S
		if !a.HasValue {
			got = "missing"
			if a.Missing != "value" {
				t.Errorf("%s: %q is missing", name, a.Missing)
			}
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

// A blind write presents no version, also not one inside the document that it
// sends back.
func TestABlindWriteLeavesTheVersionOut(t *testing.T) {
	d, err := Compile(map[string]scenarios.Step{
		"read":   {Request: "GET /x", Value: "json:v", Version: "json:meta.version"},
		"write":  {Request: "PUT /x", Body: "{read.body}", Set: map[string]any{"v": "{value}"}},
		"delete": {Request: "DELETE /x", Body: "{read.body}"},
	}, nil, scenarios.Identify{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	vars := func(version string) *Vars {
		v := set(map[Var]Text{Value: {S: "2", Raw: true}, ReadBody: {S: `{"v":1,"meta":{"version":7,"by":"x"}}`, Raw: true}})
		if version != "" {
			v.Set(Version, Text{S: version, Raw: true})
		}
		return v
	}
	for name, tc := range map[string]struct {
		step    history.Step
		version string
		want    string
	}{
		"presented":                {history.StepWrite, "7", `{"v":2,"meta":{"version":7,"by":"x"}}`},
		"blind":                    {history.StepWrite, "", `{"v":2,"meta":{"by":"x"}}`},
		"blind, nothing to change": {history.StepDelete, "", `{"v":1,"meta":{"by":"x"}}`},
	} {
		v := vars(tc.version)
		if got := string(render(t, d, tc.step, v).Body()); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
		if sent := v.Sent(); sent.Version != (tc.version != "") {
			t.Errorf("%s: said to carry a version: %t", name, sent.Version)
		}
	}
}

// A path that is set to a variable goes out of the document when the variable
// is unset, so that naming {version} makes no blind write present one. Where
// {version} is named elsewhere, the one inside goes out as well.
func TestAnUnsetVariableIsSetNowhere(t *testing.T) {
	const doc = `{"v":1,"meta":{"version":{"rev":7},"by":"x"},"list":["a"]}`
	for name, tc := range map[string]struct {
		write          scenarios.Step
		blind, guarded string
	}{
		"within the document": {scenarios.Step{Set: map[string]any{"v": "{value}", "meta.version.rev": "{version}"}},
			`{"v":2,"meta":{"version":{},"by":"x"},"list":["a"]}`, `{"v":2,"meta":{"version":{"rev":9},"by":"x"},"list":["a"]}`},
		"at another path": {scenarios.Step{Set: map[string]any{"meta.by": "at {version}"}},
			`{"v":1,"meta":{"version":{}},"list":["a"]}`, `{"v":1,"meta":{"version":{"rev":7},"by":"at 9"},"list":["a"]}`},
		"in a header": {scenarios.Step{Headers: map[string]scenarios.Text{"If-Match": {Template: "{version}"}}},
			`{"v":1,"meta":{"version":{},"by":"x"},"list":["a"]}`, doc},
		"another variable": {scenarios.Step{Set: map[string]any{"v": "{lock}", "list.-1": "{lock}", "list.0": "{version}"}},
			`{"meta":{"version":{},"by":"x"},"list":[]}`, `{"meta":{"version":{"rev":7},"by":"x"},"list":[9]}`},
		"set to what is no variable": {scenarios.Step{Set: map[string]any{"meta.version.rev": int64(0)}},
			`{"v":1,"meta":{"version":{"rev":0},"by":"x"},"list":["a"]}`, `{"v":1,"meta":{"version":{"rev":0},"by":"x"},"list":["a"]}`},
	} {
		tc.write.Request, tc.write.Body = "PUT /x", "{read.body}"
		d, err := Compile(map[string]scenarios.Step{
			"read": {Request: "GET /x", Value: "json:v", Version: "json:meta.version.rev"}, "write": tc.write,
		}, nil, scenarios.Identify{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		v := set(map[Var]Text{Value: {S: "2", Raw: true}, ReadBody: {S: doc, Raw: true}})
		if got := string(render(t, d, history.StepWrite, v).Body()); got != tc.blind || v.Sent().Version {
			t.Errorf("%s, blind: %s, want %s; said to carry a version: %t", name, got, tc.blind, v.Sent().Version)
		}
		v.Set(Version, Text{S: "9", Raw: true})
		if got := string(render(t, d, history.StepWrite, v).Body()); got != tc.guarded {
			t.Errorf("%s, guarded: %s, want %s", name, got, tc.guarded)
		}
	}
}

// What is kept stays when the other variables are reset, and gives way to one
// of the same name that is set.
func TestKeptVariables(t *testing.T) {
	d, err := Compile(map[string]scenarios.Step{"read": {Request: "GET /{calendar}/{key}"}}, nil, scenarios.Identify{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var v Vars
	v.Keep("calendar", Text{S: "c 1"})
	for _, want := range []string{"/c%201/a", "/c%201/b"} {
		v.Reset()
		v.Set(Key, Text{S: want[len(want)-1:]})
		var req transport.Request
		if err := d.Render(history.StepRead, &v, &req); err != nil || string(req.Target()) != want {
			t.Errorf("%s, want %s (%v)", req.Target(), want, err)
		}
	}
	v.SetNamed("calendar", Text{S: "other"})
	if got := string(render(t, d, history.StepRead, &v).Target()); got != "/other/b" {
		t.Error(got)
	}
}
