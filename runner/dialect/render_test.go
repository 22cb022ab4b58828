package dialect

import (
	"strings"
	"testing"

	"tussle/history"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// headers makes a table of headers from templates.
func headers(pairs ...string) map[string]scenarios.Text {
	m := map[string]scenarios.Text{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = scenarios.Text{Template: pairs[i+1]}
	}
	return m
}

// one compiles a dialect of a single step.
func one(t testing.TB, name history.Step, s scenarios.Step, opt Options) *Dialect {
	t.Helper()
	d, err := Compile(map[string]scenarios.Step{string(name): s}, nil, scenarios.Identify{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func set(pairs map[Var]Text) *Vars {
	v := &Vars{}
	for x, t := range pairs {
		v.Set(x, t)
	}
	return v
}

func TestRender(t *testing.T) {
	doc := `{"id":9007199254740993,"a":{"b":{"stock":3,"note":"x"}},"keep":[1,2.50,null]}`
	for name, tc := range map[string]struct {
		step    scenarios.Step
		vars    map[Var]Text
		target  string
		headers map[string]string // "" : absent
		body    string
	}{
		"a number stays a number": {
			step:    scenarios.Step{Request: "PUT /a/{key}", Body: map[string]any{"value": "{value}", "tag": "{tag}", "n": int64(3)}},
			vars:    map[Var]Text{Key: {S: "k1"}, Value: {S: "7", Raw: true}, Tag: {S: "t-1"}},
			target:  "/a/k1",
			headers: map[string]string{"Content-Type": "application/json"},
			body:    `{"n":3,"tag":"t-1","value":7}`,
		},
		"unset variables leave out header, query parameter and member": {
			step: scenarios.Step{Request: "PUT /a/{key}", Headers: headers("If-Match", "{version}", "If", "(<{lock}>)", "X", "1"),
				Query: map[string]scenarios.Text{"rev": {Template: "{version}"}, "all": {Template: "1"}},
				Body:  map[string]any{"version": "{version}", "list": []any{"{tag}", "x"}, "value": "{value}"}},
			vars:    map[Var]Text{Key: {S: "k"}, Value: {S: "v"}},
			target:  "/a/k?all=1",
			headers: map[string]string{"If-Match": "", "If": "", "X": "1"},
			body:    `{"list":["x"],"value":"v"}`,
		},
		"set variables are put in": {
			step: scenarios.Step{Request: "PUT /a/{key}", Headers: headers("If-Match", "{version}", "If", "(<{lock}>)"),
				Query: map[string]scenarios.Text{"rev": {Template: "{version}"}}},
			vars:    map[Var]Text{Key: {S: "k"}, Version: {S: `"v 1"`}, Lock: {S: "opaquelocktoken:1"}},
			target:  "/a/k?rev=%22v%201%22",
			headers: map[string]string{"If-Match": `"v 1"`, "If": "(<opaquelocktoken:1>)"},
		},
		"each place has its escape": {
			step: scenarios.Step{Request: "POST /a b/{key}/x?q={value}", Headers: headers("X", "{value}"),
				Body: map[string]any{"s": "say {value}!"}},
			vars:    map[Var]Text{Key: {S: "a/b?c#d%"}, Value: {S: "\"q\" & <b>\r\nX: y"}},
			target:  "/a%20b/a%2Fb%3Fc%23d%25/x?q=%22q%22%20%26%20%3Cb%3E%0D%0AX%3A%20y",
			headers: map[string]string{"X": `"q" & <b>  X: y`},
			body:    `{"s":"say \"q\" \u0026 \u003cb\u003e\r\nX: y!"}`,
		},
		"raw is not escaped": {
			step: scenarios.Step{Request: "GET /{key:raw}"}, vars: map[Var]Text{Key: {S: "a/b"}}, target: "/a/b",
		},
		"xml is escaped": {
			step:    scenarios.Step{Request: "PUT /x", Body: "<v a='{tag}'>{value}</v>"},
			vars:    map[Var]Text{Value: {S: "1 < 2 & 3"}, Tag: {S: "it's"}},
			target:  "/x",
			headers: map[string]string{"Content-Type": "application/xml"},
			body:    "<v a='it&apos;s'>1 &lt; 2 &amp; 3</v>",
		},
		"json text knows where quotes are": {
			step:    scenarios.Step{Request: "PUT /x", Body: `{"a":"\"{value}","b":{value},"c":{amount}}`},
			vars:    map[Var]Text{Value: {S: `q"`}, Amount: {S: "-3", Raw: true}},
			target:  "/x",
			headers: map[string]string{"Content-Type": "application/json"},
			body:    `{"a":"\"q\"","b":"q\"","c":-3}`,
		},
		"a plain body is the value": {
			step:    scenarios.Step{Request: "PUT /x", Body: "{value}"},
			vars:    map[Var]Text{Value: {S: "7", Raw: true}},
			target:  "/x",
			headers: map[string]string{"Content-Type": "text/plain"},
			body:    "7",
		},
		"a form is escaped": {
			step:   scenarios.Step{Request: "POST /x", Headers: headers("Content-Type", "application/x-www-form-urlencoded"), Body: "a={value}&b=1"},
			vars:   map[Var]Text{Value: {S: "x&y=z"}},
			target: "/x", body: "a=x%26y%3Dz&b=1",
		},
		"filters": {
			step: scenarios.Step{Request: "POST /{key:base64url}", Headers: headers("If-Match", "{version:quote}", "Timeout", "Second-{ttl:seconds}"),
				Body: map[string]any{"k": "{key:base64}", "v": "{value:json:base64}", "ms": "{ttl:ms}", "n": "{version:number}", "w": "{wait:ms}", "t": "{amount:text}"},
				TTL:  scenarios.Duration(1500e6)},
			vars:    map[Var]Text{Key: {S: "counter?"}, Value: {S: "x"}, Version: {S: "12"}, Amount: {S: "4", Raw: true}},
			target:  "/Y291bnRlcj8",
			headers: map[string]string{"If-Match": `"12"`, "Timeout": "Second-2"},
			body:    `{"k":"Y291bnRlcj8=","ms":1500,"n":12,"t":"4","v":"Ingi","w":0}`,
		},
		"a whole document keeps what it does not change": {
			step: scenarios.Step{Request: "PUT /d", Body: "{read.body}", Unset: []string{"a.b.note"},
				Set: map[string]any{"a.b.stock": "{value}", "editor": "{tag}", "gone": "{fence}"}},
			vars:    map[Var]Text{ReadBody: {S: doc, Raw: true}, Value: {S: "4", Raw: true}, Tag: {S: "t"}},
			target:  "/d",
			headers: map[string]string{"Content-Type": "application/json"},
			body:    `{"id":9007199254740993,"a":{"b":{"stock":4}},"keep":[1,2.50,null],"editor":"t"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, history.StepWrite, tc.step, Options{})
			var req transport.Request
			v := set(tc.vars)
			for range 2 { // the second time in used memory
				if err := d.Render(history.StepWrite, v, &req); err != nil {
					t.Fatal(err)
				}
			}
			if got := string(req.Target()); got != tc.target {
				t.Errorf("target %s, want %s", got, tc.target)
			}
			for name, want := range tc.headers {
				if got := string(req.Header(name)); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if got := string(req.Body()); got != tc.body {
				t.Errorf("body %s\nwant %s", got, tc.body)
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		step scenarios.Step
		vars map[Var]Text
		want string
	}{
		"a path without its key":      {scenarios.Step{Request: "GET /a/{key}"}, nil, "{key} has no value yet"},
		"two variables, one unset":    {scenarios.Step{Request: "GET /a", Headers: headers("X", "{tag}-{n}")}, map[Var]Text{N: {S: "1"}}, "{tag} has no value yet"},
		"a number that is none":       {scenarios.Step{Request: "GET /a", Headers: headers("X", "{tag:number}")}, map[Var]Text{Tag: {S: "x1"}}, "is not a number"},
		"a body that mentions one":    {scenarios.Step{Request: "LOCK /a", Body: "<owner>{client}</owner>"}, nil, "{client} has no value yet"},
		"a document that is not JSON": {scenarios.Step{Request: "PUT /a", Body: "{read.body}", Set: map[string]any{"a": "b"}}, map[Var]Text{ReadBody: {S: `{"a":`}}, "is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			d := one(t, history.StepWrite, tc.step, Options{})
			var req transport.Request
			err := d.Render(history.StepWrite, set(tc.vars), &req)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func render(t testing.TB, d *Dialect, name history.Step, v *Vars) *transport.Request {
	t.Helper()
	var req transport.Request
	if err := d.Render(name, v, &req); err != nil {
		t.Fatal(err)
	}
	return &req
}
