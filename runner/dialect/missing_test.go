package dialect

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/scenarios"
)

// What a successful answer lacks is told with the path and with what there
// is: names, masked and not too many, and no value.
func TestWhatAnAnswerHasInstead(t *testing.T) {
	const doc = `{"id":"S3CRET","data":{"stock":1,"S3CRET\n":2},"rev":null,"meta":{"version":{"r":1}},"list":[1,2],"title":"x"}`
	for name, tc := range map[string]struct {
		capture, body, want string
	}{
		"not there":        {"json:version", doc, "json:version is not there; the answer has: id, data, rev, meta, list, title"},
		"not there inside": {"json:meta.version.rev", doc, "json:meta.version.rev is not there; the answer has: id, data, rev, meta, list, title; meta.version has: r"},
		"masked":           {"json:data.rev", doc, "json:data.rev is not there; the answer has: id, data, rev, meta, list, title; data has: stock, *** "},
		"a list inside":    {"json:list.7", doc, "json:list.7 is not there; the answer has: id, data, rev, meta, list, title; list is a list of 2"},
		"null":             {"json:rev", doc, "json:rev is null; the answer has: id, data, rev, meta, list, title"},
		"a filter":         {"json:title:base64", doc, "json:title:base64 is there, but the filter cannot read it; the answer has: id, data, rev, meta, list, title; title is no object"},
		"a header":         {"header:ETag", doc, "header:ETag is not there; the answer has: id, data, rev, meta, list, title"},
		"a list":           {"json:rev", `[{"rev":1}]`, "json:rev is not there; the answer is a list of 1"},
		"a number":         {"json:rev", `7`, "json:rev is not there; the answer is no object"},
		"an empty object":  {"json:rev", `{}`, "json:rev is not there; the answer is an empty object"},
		"many":             {"json:z", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1}`, "json:z is not there; the answer has: a, b, c, d, e, f, g, h, i, j and 2 more"},
		"long":             {"json:z", `{"` + strings.Repeat("é", 50) + `":1}`, "json:z is not there; the answer has: " + strings.Repeat("é", 40) + "…"},
		"no JSON":          {"json:z", "<html>S3CRET</html>", "json:z is not there; the answer is not JSON"},
		"no body":          {"json:z", "", "json:z is not there; the answer has no body"},
		"XML":              {"xml:z", "<a/>", "xml:z is not there"},
		"there":            {"json:id", doc, ""},
	} {
		d, err := Compile(map[string]scenarios.Step{"read": {Request: "GET /x", Version: tc.capture}}, nil, scenarios.Identify{},
			Options{Mask: func(s string) string { return strings.ReplaceAll(s, "S3CRET", "***") }})
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		d.Read(history.StepRead, respond(200, tc.body), &a)
		if got := d.Missing(history.StepRead, &a); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// A login may name no token at all: what it was answered is told then, too.
func TestWhatALoginHasInstead(t *testing.T) {
	for token, want := range map[string]string{
		"":           "nothing says where it is; the answer has: token, ttl",
		"json:tok":   "json:tok is not there; the answer has: token, ttl",
		"json:token": "",
	} {
		d, err := Compile(map[string]scenarios.Step{"login": {Request: "POST /login", Token: token, Capture: map[string]string{"user": "json:ttl"}}}, nil, scenarios.Identify{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		d.Read(history.StepLogin, respond(201, `{"token":"abc","ttl":5}`), &a)
		if got := d.Missing(history.StepLogin, &a); got != want {
			t.Errorf("%q: %s, want %s", token, got, want)
		}
	}
}
