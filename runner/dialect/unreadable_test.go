package dialect

import (
	"strings"
	"testing"
	"time"

	"tussle/history"
	"tussle/scenarios"
)

// A 2xx that lacks what its step must yield is no success of that step.
func TestWhatLacksItsYieldIsUnreadable(t *testing.T) {
	steps := map[string]scenarios.Step{
		"setup": {Request: "PUT /{key}", Body: map[string]any{"v": "{value}", "t": "{tag}"}},
		"read":  {Request: "GET /{key}", Value: "json:v", Version: "header:ETag"},
		"write": {Request: "PUT /{key}", Headers: map[string]scenarios.Text{"If-Match": {Template: "{version}"}}, Version: "header:ETag"},
		"lock":  {Request: "LOCK /{key}", Token: "header:Lock-Token"},
	}
	multi := `<D:multistatus xmlns:D="DAV:"><D:response><D:href>/x</D:href><D:status>HTTP/1.1 423 Locked</D:status></D:response></D:multistatus>`
	whole := `{"v":1,"t":"a"}`
	for _, tc := range []struct {
		by, name string
		step     history.Step
		status   int
		body     string
		header   []string
		class    history.Class
		effect   history.Effect
		lacks    string
	}{
		{"tag", "whole", "read", 200, whole, []string{"ETag", "1"}, history.OK, "", ""},
		{"tag", "a page", "read", 200, "<html>", []string{"ETag", "1"}, history.Unreadable, "", "value"},
		{"tag", "empty", "read", 200, "", []string{"ETag", "1"}, history.Unreadable, "", "value"},
		{"tag", "torn", "read", 200, whole[:8], []string{"ETag", "1"}, history.Unreadable, "", "value"},
		{"tag", "too deep", "read", 200, `{"v":1,"t":"a","d":` + strings.Repeat("[", 5001) + strings.Repeat("]", 5001) + "}", []string{"ETag", "1"}, history.Unreadable, "", "value"},
		{"tag", "no tag", "read", 200, `{"v":1}`, []string{"ETag", "1"}, history.Unreadable, "", "tag"},
		{"tag", "tag null", "read", 200, `{"v":1,"t":null}`, []string{"ETag", "1"}, history.Unreadable, "", "tag"},
		{"tag", "tag empty", "read", 200, `{"v":1,"t":""}`, []string{"ETag", "1"}, history.Unreadable, "", "tag"},
		{"tag", "no version", "read", 200, whole, nil, history.Unreadable, "", "version"},
		{"tag", "unknown coding", "read", 200, whole, []string{"ETag", "1", "Content-Encoding", "zstd"}, history.Unreadable, "", "value"},
		{"tag", "identity", "read", 200, whole, []string{"ETag", "1", "Content-Encoding", "Identity"}, history.OK, "", ""},
		{"tag", "a write need not tell its version", "write", 204, "", nil, history.OK, history.Applied, ""},
		{"version", "a write must tell it", "write", 200, "<html>", nil, history.Unreadable, history.Unknown, "version"},
		{"tag", "a lock", "lock", 200, "", []string{"Lock-Token", "<u:1>"}, history.OK, "", ""},
		{"tag", "a lock without its token", "lock", 200, "", nil, history.Unreadable, "", "token"},
		{"tag", "207 with 423 inside", "lock", 207, multi, nil, history.Locked, "", ""},
		{"tag", "207 of a write", "write", 207, multi, nil, history.Locked, history.Refused, ""},
	} {
		d, err := Compile(steps, nil, scenarios.Identify{By: tc.by, Tag: map[string]string{"tag": "json:t"}[tc.by]}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		d.Read(tc.step, respond(tc.status, tc.body, tc.header...), &a)
		if a.Class != tc.class || a.Effect != tc.effect || a.Missing != tc.lacks {
			t.Errorf("%s: class %s, effect %q, lacks %q; want %s, %q, %q", tc.name, a.Class, a.Effect, a.Missing, tc.class, tc.effect, tc.lacks)
		}
		if a.Class == history.Unreadable && tc.body != "" && a.Detail == "" {
			t.Errorf("%s: nothing is kept of the body", tc.name)
		}
	}
}

// Where set-up leaves no tag, a read without one may have seen what it left.
func TestATagIsNeededOnlyWhereSetUpLeftOne(t *testing.T) {
	steps := map[string]scenarios.Step{"setup": {Request: "PUT /{key}", Body: map[string]any{"v": "{value}"}}, "read": {Request: "GET /{key}", Value: "json:v"}}
	d, err := Compile(steps, nil, scenarios.Identify{By: "tag", Tag: "json:t"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	if d.Read(history.StepRead, respond(200, `{"v":1}`), &a); a.Class != history.OK || a.HasTag {
		t.Errorf("class %s", a.Class)
	}
}

func TestAbsenceIsToldByContentToo(t *testing.T) {
	no := false
	empty := ""
	for _, tc := range []struct {
		absent scenarios.Absence
		body   string
		want   bool
	}{
		{scenarios.Absence{{JSON: "deleted", Equals: true}}, `{"deleted":true}`, true},
		{scenarios.Absence{{JSON: "deleted", Equals: true}}, `{"deleted":false,"r":[{"v":1}]}`, false},
		{scenarios.Absence{{Status: 404}, {JSON: "r", Equals: []any{}}}, `{"r":[]}`, true},
		{scenarios.Absence{{JSON: "item", Exists: &no}}, `{"item":null}`, true},
		{scenarios.Absence{{Body: &empty}}, " \n", true},
		{scenarios.Absence{{Body: &empty}}, "<html>", false},
		{nil, `{"r":[]}`, true},          // its first member was looked for
		{nil, `{"r":[{"w":1}]}`, false},  // there is one, and it lacks the value
		{nil, `{"error":"busy"}`, false}, // says nothing of the kind
		{nil, ``, false},
	} {
		d := one(t, history.StepRead, scenarios.Step{Request: "GET /x", Value: "json:r.0.v", Absent: tc.absent}, Options{})
		var a Answer
		if d.Read(history.StepRead, respond(200, tc.body), &a); a.Absent != tc.want || a.Absent != (a.Class == history.OK && !a.HasValue) {
			t.Errorf("%+v, %q: absent %t, class %s", tc.absent, tc.body, a.Absent, a.Class)
		}
	}
}

// A number may be of seconds or of milliseconds: taken for the wrong ones, a
// lease would seem to last a thousand times as long.
func TestAGrantedTimeHasAUnit(t *testing.T) {
	d := one(t, history.StepLock, scenarios.Step{Request: "POST /x", Token: "json:token", Granted: "json:ttl"}, Options{})
	var a Answer
	d.Read(history.StepLock, respond(200, `{"token":"a","ttl":300}`), &a)
	if got, want := d.Missing(history.StepLock, &a), "json:ttl is a number without a unit; write json:ttl:ms or json:ttl:seconds"; a.Class != history.Unreadable || got != want {
		t.Errorf("class %s, %q", a.Class, got)
	}
}

func TestTheGrantedTimeIsRead(t *testing.T) {
	asked := map[string]any{"lease": map[string]any{"ttl_ms": "{ttl:ms}"}, "owner": "{client}"}
	for _, tc := range []struct {
		granted, body string
		want          time.Duration
	}{
		{"json:ttl_ms:ms", `{"token":"a","ttl_ms":300}`, 300 * time.Millisecond},
		{"json:ttl:seconds", `{"token":"a","ttl":"Second-60, Second-30"}`, time.Minute},
		{"json:ttl", `{"token":"a","ttl":"1.5s"}`, 1500 * time.Millisecond},
		{"json:ttl:seconds", `{"token":"a","ttl":2}`, 2 * time.Second},
		{"json:ttl", `{"token":"a","ttl":"Infinite"}`, 100 * 365 * 24 * time.Hour},
		{"json:ttl", `{"token":"a","ttl":"soon"}`, 0},
		{"", `{"token":"a","lease":{"ttl_ms":250}}`, 250 * time.Millisecond}, // where it was sent
		{"", `{"token":"a"}`, 0},
	} {
		d := one(t, history.StepLock, scenarios.Step{Request: "POST /x", Body: asked, Token: "json:token", Granted: tc.granted}, Options{})
		var a Answer
		if d.Read(history.StepLock, respond(200, tc.body), &a); a.Granted != tc.want || a.Class != history.OK {
			t.Errorf("%q of %s: granted %v, class %s; want %v", tc.granted, tc.body, a.Granted, a.Class, tc.want)
		}
	}
}
