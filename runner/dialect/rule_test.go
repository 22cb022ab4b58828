package dialect

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

var yes, no = true, false

// respond makes a response; headers are name, value, name, value ...
func respond(status int, body string, headers ...string) *transport.Response {
	h := map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		h[headers[i]] = headers[i+1]
	}
	var r transport.Response
	r.Set(status, h, body)
	return &r
}

const bulk = `{"errors":true,"items":[{"index":{"status":201}},{"index":{"status":409}}]}`

func TestRules(t *testing.T) {
	type o = scenarios.Outcome
	type m = scenarios.Match
	for name, tc := range map[string]struct {
		rule o
		resp *transport.Response
		hits bool
	}{
		"status in a range":             {o{Status: scenarios.StatusList{{From: 400, To: 499}}}, respond(409, ""), true},
		"status outside":                {o{Status: scenarios.StatusList{{From: 400, To: 499}}}, respond(500, ""), false},
		"one of two statuses":           {o{Status: scenarios.StatusList{{From: 409, To: 409}, {From: 412, To: 412}}}, respond(412, ""), true},
		"another step":                  {o{Step: scenarios.StringList{"read", "lock"}}, respond(200, ""), false},
		"this step":                     {o{Step: scenarios.StringList{"read", "write"}}, respond(200, ""), true},
		"header equals, any case":       {o{Header: &m{Name: "x-why", Equals: "stale"}}, respond(400, "", "X-Why", "stale"), true},
		"header differs":                {o{Header: &m{Name: "X-Why", Equals: "stale"}}, respond(400, "", "X-Why", "Stale"), false},
		"header is a number":            {o{Header: &m{Name: "X-Left", Equals: int64(0)}}, respond(400, "", "X-Left", "0"), true},
		"header absent":                 {o{Header: &m{Name: "X-Why", Absent: &yes}}, respond(400, ""), true},
		"header not absent":             {o{Header: &m{Name: "X-Why", Absent: &yes}}, respond(400, "", "X-Why", ""), false},
		"header exists":                 {o{Header: &m{Name: "X-Why", Exists: &yes}}, respond(400, "", "X-Why", "z"), true},
		"header does not exist":         {o{Header: &m{Name: "X-Why", Exists: &no}}, respond(400, ""), true},
		"json false":                    {o{JSON: &m{Path: "a.ok", Equals: false}}, respond(200, `{"a":{"ok":false}}`), true},
		"json false is not missing":     {o{JSON: &m{Path: "a.ok", Equals: false}}, respond(200, `{"a":{}}`), false},
		"json missing":                  {o{JSON: &m{Path: "a.ok", Absent: &yes}}, respond(200, `{"a":{}}`), true},
		"json missing in garbage":       {o{JSON: &m{Path: "a.ok", Absent: &yes}}, respond(200, `{"a":{`), false},
		"json missing in nothing":       {o{JSON: &m{Path: "a.ok", Absent: &yes}}, respond(200, ``), false},
		"json number":                   {o{JSON: &m{Path: "code", Equals: int64(7)}}, respond(400, `{"code":7.0}`), true},
		"json number as text":           {o{JSON: &m{Path: "code", Equals: int64(7)}}, respond(400, `{"code":"7"}`), true},
		"json large number":             {o{JSON: &m{Path: "code", Equals: int64(9007199254740993)}}, respond(400, `{"code":9007199254740992}`), false},
		"json float":                    {o{JSON: &m{Path: "code", Equals: 0.5}}, respond(400, `{"code":5e-1}`), true},
		"json suffix":                   {o{JSON: &m{Path: "__type", Suffix: "#Failed"}}, respond(400, `{"__type":"a.b#Failed"}`), true},
		"json regex":                    {o{JSON: &m{Path: "msg", Regex: `^no\s+row`}}, respond(400, `{"msg":"no  rows"}`), true},
		"json exists":                   {o{JSON: &m{Path: "e.1", Exists: &yes}}, respond(400, `{"e":[1,2]}`), true},
		"json path alone is existence":  {o{JSON: &m{Path: "e.9"}}, respond(400, `{"e":[1,2]}`), false},
		"body literal":                  {o{Body: &m{Equals: false}}, respond(200, " false\n"), true},
		"body literal in more":          {o{Body: &m{Equals: false}}, respond(200, `{"x":false}`), false},
		"body regex":                    {o{Body: &m{Regex: "dead.ock"}}, respond(500, "a deadlock was detected"), true},
		"body empty":                    {o{Body: &m{Absent: &yes}}, respond(200, ""), true},
		"xml element":                   {o{XML: &m{Name: "Code", Equals: "SlowDown"}}, respond(503, `<E><Code> SlowDown </Code></E>`), true},
		"xml in a namespace":            {o{XML: &m{Name: "no-conflicting-lock", Exists: &yes}}, respond(423, `<D:error xmlns:D="DAV:"><D:no-conflicting-lock/></D:error>`), true},
		"xml path":                      {o{XML: &m{Name: "locktoken/href", Equals: "u"}}, respond(200, `<a><href>x</href><D:locktoken><D:href>u</D:href></D:locktoken></a>`), true},
		"xml, any of several":           {o{XML: &m{Name: "status", Regex: " 4.."}}, respond(207, `<m><status>HTTP/1.1 200 OK</status><status>HTTP/1.1 423 Locked</status></m>`), true},
		"xml absent":                    {o{XML: &m{Name: "x", Absent: &yes}}, respond(200, `<m/>`), true},
		"xml absent in garbage":         {o{XML: &m{Name: "x", Absent: &yes}}, respond(200, `<m><y>`), false},
		"an item of several":            {o{Items: &scenarios.Items{Path: "items", Field: "index.status", Equals: int64(409)}}, respond(200, bulk), true},
		"any operation's item":          {o{Items: &scenarios.Items{Path: "items", Field: "*.status", Equals: int64(409)}}, respond(200, bulk), true},
		"all items":                     {o{Items: &scenarios.Items{Path: "items", Field: "index.status", Equals: int64(409), Match: "all"}}, respond(200, bulk), false},
		"all of none":                   {o{Items: &scenarios.Items{Path: "items", Field: "x", Match: "all"}}, respond(200, `{"items":[]}`), false},
		"no rows":                       {o{JSON: &m{Path: "#", Equals: int64(0)}}, respond(200, `[]`), true},
		"status and json":               {o{Status: scenarios.StatusList{{From: 409, To: 409}}, JSON: &m{Path: "a", Equals: "b"}}, respond(409, `{"a":"c"}`), false},
		"everything is stated and true": {o{Status: scenarios.StatusList{{From: 409, To: 409}}, Header: &m{Name: "A", Equals: "1"}, JSON: &m{Path: "a", Equals: "b"}, Body: &m{Suffix: "}"}}, respond(409, `{"a":"b"}`, "A", "1"), true},
	} {
		t.Run(name, func(t *testing.T) {
			tc.rule.Class, tc.rule.Action = "serialization", "retry"
			d, err := Compile(map[string]scenarios.Step{"write": {Request: "PUT /x"}}, []scenarios.Outcome{tc.rule}, scenarios.Identify{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var a Answer
			d.Read(history.StepWrite, tc.resp, &a)
			if hits := a.Class == history.Serialization && a.Action == Retry; hits != tc.hits {
				t.Errorf("class %s, action %q: matched %v, want %v", a.Class, a.Action, hits, tc.hits)
			}
		})
	}
}

// TestEffectOfRules: what a rule leaves open is told by the status, except that
// a 2xx which a rule calls a refusal was one.
func TestEffectOfRules(t *testing.T) {
	for _, tc := range []struct {
		class, effect string
		status        int
		want          history.Effect
	}{
		{"stale", "", 200, history.Refused},
		{"ok", "", 200, history.Applied},
		{"ok", "", 404, history.Refused},
		{"stale", "", 202, history.Unknown},
		{"serialization", "", 500, history.Unknown},
		{"serialization", "refused", 500, history.Refused},
		{"ok", "unknown", 201, history.Unknown},
		{"stale", "applied", 409, history.Applied},
	} {
		d, err := Compile(map[string]scenarios.Step{"write": {Request: "PUT /x"}}, []scenarios.Outcome{{Class: tc.class, Effect: tc.effect}}, scenarios.Identify{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var a Answer
		if d.Read(history.StepWrite, respond(tc.status, ""), &a); a.Effect != tc.want {
			t.Errorf("%+v: effect %q", tc, a.Effect)
		}
		if d.Read(history.StepLock, respond(tc.status, ""), &a); a.Effect != "" {
			t.Errorf("%+v: a lock has effect %q", tc, a.Effect)
		}
	}
}

func TestFirstRuleWins(t *testing.T) {
	status := scenarios.StatusList{{From: 409, To: 409}}
	d, err := Compile(map[string]scenarios.Step{"write": {Request: "PUT /x"}},
		[]scenarios.Outcome{{Status: status, Body: &scenarios.Match{Equals: "a"}, Class: "exists"}, {Status: status, Class: "locked"}, {Class: "rejected"}}, scenarios.Identify{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	for body, want := range map[string]history.Class{"a": history.Exists, "b": history.Locked} {
		if d.Read(history.StepWrite, respond(409, body), &a); a.Class != want {
			t.Errorf("%s: %s, want %s", body, a.Class, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	ok := scenarios.Step{Request: "GET /x"}
	for want, tc := range map[string]struct {
		steps map[string]scenarios.Step
		rules []scenarios.Outcome
	}{
		`step "poke" is not known`:                       {map[string]scenarios.Step{"poke": ok}, nil},
		`step read: request is "GET", expected a method`: {map[string]scenarios.Step{"read": {Request: "GET"}}, nil},
		`step read: version: "x:y" is not a capture`:     {map[string]scenarios.Step{"read": {Request: "GET /x", Version: "x:y"}}, nil},
		`step write: template "{key:foo}"`:               {map[string]scenarios.Step{"write": {Request: "PUT /x", Headers: headers("A", "{key:foo}")}}, nil},
		`step write: set and unset change a document`:    {map[string]scenarios.Step{"write": {Request: "PUT /x", Set: map[string]any{"a": "b"}}}, nil},
		`the environment variable TOKEN is not set`:      {map[string]scenarios.Step{"write": {Request: "PUT /x", Headers: map[string]scenarios.Text{"A": {Env: "TOKEN"}}}}, nil},
		`outcome 1: class is "odd", expected one of`:     {nil, []scenarios.Outcome{{Class: "odd"}}},
		`outcome 1: effect is "none", expected`:          {nil, []scenarios.Outcome{{Class: "ok", Effect: "none"}}},
		`outcome 2: action is "run", expected`:           {nil, []scenarios.Outcome{{Class: "ok"}, {Class: "ok", Action: "run"}}},
		`outcome 1: regex: error parsing`:                {nil, []scenarios.Outcome{{Class: "ok", Body: &scenarios.Match{Regex: "("}}}},
	} {
		_, err := Compile(tc.steps, tc.rules, scenarios.Identify{}, Options{Getenv: func(string) (string, bool) { return "", false }})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
