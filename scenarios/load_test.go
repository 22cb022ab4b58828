package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const small = `name = "small"
description = "does it load?"

[target]
use = "memory"

[workload]
kind  = "counter"
think = "2ms"

[load]
clients = 4

[[strategy]]
name    = "optimistic"
locking = "optimistic"

[[strategy]]
name    = "locked"
locking = "pessimistic"
lock    = { wait = "0s" }
write   = { headers = { fence = "", X-Reason = "{tag}" } }
`

// setEnv is an environment with these variables.
func setEnv(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, p := range pairs {
			if k, v, _ := strings.Cut(p, "="); k == name {
				return v, true
			}
		}
		return "", false
	}
}

func mustParse(t *testing.T, text string, opt Options) *Scenario {
	t.Helper()
	if opt.Env == nil {
		opt.Env = noEnv
	}
	s, err := Parse("small.toml", text, opt)
	if err != nil {
		t.Fatalf("\n%v", err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	s := mustParse(t, small, Options{})
	if s.Seed != 1 || s.Target.Timeout != Duration(10*time.Second) || s.Target.LockOrder != "sorted" {
		t.Errorf("seed %d, timeout %s, order %q", s.Seed, s.Target.Timeout, s.Target.LockOrder)
	}
	if d := cmp.Diff(LoadPlan{Clients: 4, Duration: Duration(time.Second), Warmup: Duration(200 * time.Millisecond), Repeat: 6,
		Drain: Duration(10 * time.Second)}, s.Load); d != "" {
		t.Error(d)
	}
	if w := s.Workload; w.Keys != 1 || w.Skew.Kind != "uniform" || w.Amount != 1 || w.Think.A != 2*time.Millisecond {
		t.Errorf("%+v", w)
	}
	yes := true
	if d := cmp.Diff(Retry{Policy: "full-jitter", Base: Duration(2 * time.Millisecond), Cap: Duration(200 * time.Millisecond),
		Factor: 2, Attempts: 100, Respect: &yes, Unknown: "stop", Default: true}, s.Strategies[0].Retry); d != "" {
		t.Error(d)
	}
	if s.SHA256 == "" || s.Text != small || s.File != "small.toml" {
		t.Errorf("%s %s", s.SHA256, s.File)
	}
}

// Flags win over the environment, it over the file, the file over the default.
func TestPrecedence(t *testing.T) {
	env := setEnv("TUSSLE_LOAD_CLIENTS=8", "TUSSLE_SEED=7", "TUSSLE_WORKLOAD_THINK=exp(3ms)")
	s := mustParse(t, small, Options{Env: env, Set: []string{"load.clients=16", "strategy.locked.retry.attempts=5", "strategy.0.retry.policy=none"}})
	if s.Load.Clients != 16 || s.Seed != 7 || s.Workload.Think.Kind != "exp" {
		t.Errorf("clients %d, seed %d, think %s", s.Load.Clients, s.Seed, s.Workload.Think)
	}
	if s.Strategies[1].Retry.Attempts != 5 || s.Strategies[0].Retry.Policy != "none" {
		t.Errorf("%+v", s.Strategies[0].Retry)
	}
	want := []string{"TUSSLE_SEED=7", "TUSSLE_WORKLOAD_THINK=exp(3ms)", "TUSSLE_LOAD_CLIENTS=8", "load.clients=16", "strategy.locked.retry.attempts=5", "strategy.0.retry.policy=none"}
	if d := cmp.Diff(want, s.Overrides); d != "" {
		t.Error(d)
	}
}

func TestOverrideProblems(t *testing.T) {
	for set, want := range map[string]string{
		"load.clients":                 "--set load.clients: has no path and value",
		"=4":                           "--set =4: has no path and value",
		"load.clients=many":            `--set load.clients=many: clients must be a whole number, got the text "many"`,
		"load.client=4":                `--set load.client=4: unknown key "client" in [load]`,
		"workload.think=5":             `--set workload.think=5: think must be a duration such as "2ms"`,
		"strategy.nobody.name=x":       `--set strategy.nobody.name=x: strategy has no member "nobody"`,
		"strategy.name=x":              `--set strategy.name=x: strategy has no member "name"`,
		"name.first=x":                 "--set name.first=x: name is no table",
		"strategy.locked.name.first=x": "--set strategy.locked.name.first=x: strategy[1].name is no table",
		"load..clients=3":              "--set load..clients=3: has no path and value",
		"target.url=http://x":          "--set target.url=http://x: target.use and target.url exclude each other",
		"target.headers.Cookie=secret": "--set target.headers.Cookie=***: a secret stands in the file: Cookie",
		"strategy.locked.locking=none": "",
		`target.headers."X-A.b"="c"`:   "",
	} {
		_, err := Parse("small.toml", small, Options{Env: noEnv, Set: []string{set}})
		if got := ""; err != nil {
			got = err.Error()
			if want == "" || !strings.Contains(got, want) || strings.Contains(got, "secret\n") {
				t.Errorf("%s: got %s", set, got)
			}
		} else if want != "" {
			t.Errorf("%s was accepted", set)
		}
	}
}

// A strategy that gives no name is found by that of its locking, and stays to
// be found by it when that is overridden.
func TestOverrideByDefaultName(t *testing.T) {
	const text = api + `
[workload]
kind = "counter"
[[strategy]]
locking = "optimistic"
[[strategy]]
name = "my \"own\""
locking = "none"
`
	s := mustParse(t, text, Options{Set: []string{"strategy.optimistic.locking=none", "strategy.optimistic.retry.attempts=3",
		"strategy.none.retry.base=1ms", `strategy."my \"own\"".retry.attempts=4`}})
	if st := s.Strategies[0]; st.Name != "none" || st.Locking != "none" || st.Retry.Attempts != 3 || st.Retry.Base != Duration(time.Millisecond) || s.Strategies[1].Retry.Attempts != 4 {
		t.Errorf("%+v", s.Strategies)
	}
	for set, want := range map[string]string{
		"strategy.optimstic.locking=none": `--set strategy.optimstic.locking=none: strategy has no member "optimstic"
      expected: one of optimistic, "my \"own\"", or an index from 0, then its key: --set strategy.optimistic.KEY=VALUE
      hint: did you mean "optimistic"?`,
		"strategy.2.locking=none": `strategy has no member "2"`,
		"strategy.optimistic=none": `--set strategy.optimistic=none: strategy.optimistic is a table
      expected: one of its keys: --set strategy.optimistic.KEY=VALUE`,
	} {
		if _, err := Parse("small.toml", text, Options{Env: noEnv, Set: []string{set}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", set, err)
		}
	}
}

// Who names a file as a dialect is told where a protocol's steps belong.
func TestNoDialectFiles(t *testing.T) {
	_, err := Parse("small.toml", small, Options{Env: noEnv, Set: []string{"strategy.locked.dialect=./solid.toml"}})
	if err == nil || !strings.Contains(err.Error(), "hint: there are no dialect files: leave dialect out and put the steps into [target]") {
		t.Error(err)
	}
}

// The strategy's own values lie over the dialect's, name by name; an empty
// text removes a header, whatever its case.
func TestLayers(t *testing.T) {
	s := mustParse(t, small, Options{})
	st := s.Strategies[1]
	if lock := st.Speaks["lock"]; lock.Wait != 0 || lock.TTL == 0 || lock.Token != "json:token" {
		t.Errorf("lock %+v", lock)
	}
	if d := cmp.Diff(map[string]Text{"Lock-Token": {Template: "{lock}"}, "X-Reason": {Template: "{tag}"}}, st.Speaks["write"].Headers); d != "" {
		t.Error(d)
	}
	if fencing(&st) != true {
		t.Error("delete still presents the fencing token")
	}
	if st.Speaks["add"].Request != "" {
		t.Error("the lease dialect has no add")
	}
	if own := loadDialects()["lease"].Write.Headers; own["Fence"] != (Text{Template: "{fence}"}) {
		t.Errorf("the dialect itself was changed: %v", own)
	}
}

const api = `
[target]
url = "http://127.0.0.1:8080"
[target.setup]
request = "PUT /a/{key}"
[target.read]
request = "GET /a/{key}"
value = "json:n"
version = "header:ETag"
[target.write]
request = "PUT /a/{key}"
headers = { If-Match = "{version}" }
body = { n = "{value}", by = "{tag}" }
version = "header:ETag"
`

func TestOwnAPI(t *testing.T) {
	s := mustParse(t, api+"[workload]\nkind = 'counter'\n[[strategy]]\nlocking = 'optimistic'\n[[strategy]]\nlocking = 'none'\n", Options{})
	if s.Name != "small" {
		t.Errorf("name %q", s.Name)
	}
	for _, st := range s.Strategies {
		if st.Dialect != "custom" || st.Target != nil || st.Identify.By != "version" || st.Name != st.Locking {
			t.Errorf("%+v", st)
		}
	}
	s = mustParse(t, api+"[target.identify]\ntag = 'json:by'\n[[target.outcome]]\nstatus = 409\nclass = 'stale'\n[workload]\nkind = 'register'\n[[strategy]]\nlocking = 'optimistic'\n", Options{})
	if id := s.Strategies[0].Identify; id != (Identify{By: "tag", Tag: "json:by"}) || len(s.Strategies[0].Outcomes) != 1 {
		t.Errorf("%+v", id)
	}
	s = mustParse(t, api+"[workload]\nkind = 'register'\n[[strategy]]\nlocking = 'optimistic'\ndialect = 'etag'\n", Options{})
	if st := s.Strategies[0]; st.Identify.By != "tag" || st.Speaks["create"].Request == "" || st.Speaks["write"].Request != "PUT /a/{key}" {
		t.Errorf("a dialect under steps of one's own: %+v", st.Speaks)
	}
}

// A number three levels deep in a whole document, both ways of writing it.
func TestWholeDocument(t *testing.T) {
	for _, set := range []string{`set = { "doc.stock.count" = "{value}", "doc.by" = "{tag}" }`, "set.doc.stock.count = '{value}'\nset.doc.by = '{tag}'"} {
		text := strings.Replace(api, `body = { n = "{value}", by = "{tag}" }`, "body = '{read.body}'\n"+set, 1)
		s := mustParse(t, text+"[target.identify]\nby = 'tag'\ntag = 'json:doc.by'\n[workload]\nkind = 'counter'\n[[strategy]]\nlocking = 'optimistic'\n", Options{})
		if d := cmp.Diff(map[string]any{"doc.stock.count": "{value}", "doc.by": "{tag}"}, s.Strategies[0].Speaks["write"].Set); d != "" {
			t.Error(d)
		}
	}
}

func TestPromises(t *testing.T) {
	for _, tc := range []struct {
		name, kind, strategy string
		want                 []string
	}{
		{"optimistic counter", "counter", "locking='optimistic'", []string{"no-lost-update", "counter-bounds", "one-version-one-state", "progress"}},
		{"a fenced lease", "counter", "locking='pessimistic'", []string{"no-lost-update", "counter-bounds", "progress"}},
		{"a lease without fencing", "counter", "locking='pessimistic'\nlock={fence=''}", []string{}},
		{"lease workload, fenced", "lease", "locking='pessimistic'", []string{"mutual-exclusion", "fencing", "progress"}},
		{"lease workload, not fenced", "lease", "locking='pessimistic'\nlock={fence=''}", []string{"mutual-exclusion", "progress"}},
		{"create-once", "create-once", "locking='server-side'", []string{"create-once", "progress"}},
		{"transfer", "transfer", "locking='server-side'", []string{"no-lost-update", "conservation", "progress"}},
		{"pair", "pair", "locking='pessimistic'", []string{"no-lost-update", "write-skew", "progress"}},
		{"none", "register", "locking='none'", []string{}},
		{"said", "register", "locking='none'\npromises=['register']", []string{"register"}},
		{"said to be none", "register", "locking='optimistic'\npromises=[]", []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := mustParse(t, "target.use='memory'\nworkload.kind='"+tc.kind+"'\n[[strategy]]\n"+tc.strategy, Options{})
			if d := cmp.Diff(tc.want, s.Strategies[0].Promises); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSchemes(t *testing.T) {
	for strategy, want := range map[string]string{
		"locking='optimistic'":                                    "etag",
		"locking='optimistic'\ndialect='version-field'":           "version-field",
		"locking='pessimistic'":                                   "lease",
		"locking='server-side'":                                   "server-side",
		"locking='none'":                                          "unprotected",
		"locking='none'\ndialect='etag'":                          "unprotected",
		"locking='pessimistic'\ntarget={scheme='lease-unfenced'}": "lease-unfenced",
	} {
		s := mustParse(t, "target.use='memory'\nworkload.kind='counter'\n[[strategy]]\n"+strategy, Options{})
		if got := s.Strategies[0].Target["scheme"]; got != want {
			t.Errorf("%s: scheme %q", strategy, got)
		}
	}
	s := mustParse(t, "[target]\nuse='memory'\noptions={scheme='unprotected'}\n[workload]\nkind='counter'\n[[strategy]]\nlocking='optimistic'", Options{})
	if got := s.Strategies[0].Target["scheme"]; got != "unprotected" {
		t.Errorf("the target's own scheme: %q", got)
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := mustParse(t, "target.use='memory'\nworkload.kind='counter'\n[[strategy]]\nlocking='server-side'\nidempotency_key=true", Options{})
	if add := s.Strategies[0].Speaks["add"]; add.Headers["Idempotency-Key"].Template != "{idempotency_key:quote}" {
		t.Errorf("%+v", add)
	}
	if read := s.Strategies[0].Speaks["read"]; read.uses("idempotency_key") {
		t.Error("reads carry the key")
	}
}

func TestOnlySomeStrategies(t *testing.T) {
	s := mustParse(t, small, Options{Only: []string{"locked"}})
	if len(s.Strategies) != 1 || s.Strategies[0].Name != "locked" {
		t.Errorf("%+v", s.Strategies)
	}
	_, err := Parse("small.toml", small, Options{Env: noEnv, Only: []string{"loked"}})
	if err == nil || !strings.Contains(err.Error(), `did you mean "locked"?`) {
		t.Errorf("got %v", err)
	}
}

func TestSweepIsAskedFor(t *testing.T) {
	if _, err := Parse("small.toml", small, Options{Env: noEnv, Sweep: true}); err == nil || !strings.Contains(err.Error(), "the scenario has no [sweep]") {
		t.Errorf("got %v", err)
	}
	if s := mustParse(t, small+"[sweep]\nclients=[1,2]\n", Options{Sweep: true}); !s.SweepOn || len(s.Sweep.Clients) != 2 {
		t.Errorf("%+v", s.Sweep)
	}
}

func TestStdin(t *testing.T) {
	s, err := Load("-", Options{Env: noEnv, Stdin: strings.NewReader("target.use='memory'\nworkload.kind='counter'\n[[strategy]]\nlocking='none'")})
	if err != nil || s.Name != "stdin" {
		t.Errorf("%v, %v", s, err)
	}
	_, err = Load("-", Options{Env: noEnv, Stdin: strings.NewReader("x")})
	if err == nil || !strings.HasPrefix(err.Error(), "-:1:") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsComeFromTheEnvironment(t *testing.T) {
	text := api + "[[target.identity]]\nheaders = { Authorization = { env = 'TOKEN', prefix = 'Bearer ' } }\n[target.login]\nrequest='POST /login'\nbody={user={env='USER_A'}}\ntoken='json:t'\n" +
		"[workload]\nkind='counter'\n[[strategy]]\nlocking='optimistic'\n"
	s := mustParse(t, text, Options{Env: setEnv("TOKEN=very-secret", "USER_A=alice")})
	if got := s.Target.Identity[0].Headers["Authorization"]; got != (Text{Env: "TOKEN", Prefix: "Bearer "}) {
		t.Errorf("%+v", got)
	}
	for _, v := range Explain(s) {
		if strings.Contains(v.Text, "very-secret") || strings.Contains(v.Text, "alice") {
			t.Errorf("%+v", v)
		}
	}
	if s.Target.Login.Header != "Authorization" || s.Target.Login.Prefix != "Bearer " {
		t.Errorf("%+v", s.Target.Login)
	}
}

// A secret of set is a value, as in a body, and not one more level of the path;
// it must be there before the run.
func TestSecretsOfSet(t *testing.T) {
	text := strings.Replace(api, `body = { n = "{value}", by = "{tag}" }`, `body = "{read.body}"
set = { n = "{value}", by = { name = "{tag}", pin = { env = "PIN", prefix = "p-" }, old = { env = "OLD", more = 1 } } }`, 1) +
		"[workload]\nkind='counter'\n[[strategy]]\nlocking='optimistic'\n"
	s := mustParse(t, text, Options{Env: setEnv("PIN=very-secret")})
	want := map[string]any{"n": "{value}", "by.name": "{tag}", "by.pin": map[string]any{"env": "PIN", "prefix": "p-"}, "by.old.env": "OLD", "by.old.more": int64(1)}
	if got := s.Strategies[0].Speaks["write"].Set; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	_, err := Parse("x", text, Options{Env: setEnv()})
	if err == nil || !strings.Contains(err.Error(), `x:14:61: the environment variable "PIN" is not set`) {
		t.Errorf("got %v", err)
	}
}
