package scenarios

import (
	"testing"
)

// Every kind of origin is told: file and line, --set, environment, dialect,
// default, and what follows from the locking.
func TestExplainOrigins(t *testing.T) {
	s := mustParse(t, small, Options{Env: setEnv("TUSSLE_SEED=7"), Set: []string{"load.clients=16", "strategy.locked.lock.wait=1s"}})
	got := map[string]Value{}
	for _, v := range Explain(s) {
		if _, twice := got[v.Key]; twice {
			t.Errorf("%s is there twice", v.Key)
		}
		if v.Origin == "" || v.Text == "" {
			t.Errorf("%+v", v)
		}
		got[v.Key] = v
	}
	for _, want := range []Value{
		{"name", `"small"`, "small.toml:1"},
		{"seed", "7", "TUSSLE_SEED"},
		{"load.clients", "16", "--set load.clients"},
		{"load.repeat", "6", "default"},
		{"load.warmup", `"200ms"`, "default"},
		{"workload.think", `"2ms"`, "small.toml:9"},
		{"workload.pause", `"0s"`, "default"},
		{"workload.skew", `"uniform"`, "default"},
		{"target.use", `"memory"`, "small.toml:5"},
		{"target.timeout", `"10s"`, "default"},
		{"strategy.optimistic.locking", `"optimistic"`, "small.toml:16"},
		{"strategy.optimistic.dialect", `"etag"`, "default"},
		{"strategy.optimistic.promises", `["no-lost-update", "counter-bounds", "one-version-one-state", "progress"]`, "default of optimistic locking"},
		{"strategy.optimistic.target.scheme", `"etag"`, "default of optimistic locking"},
		{"strategy.optimistic.retry.base", `"2ms"`, "default"},
		{"strategy.optimistic.write.headers.If-Match", `"{version}"`, "dialect etag"},
		{"strategy.optimistic.write.body", `{ tag = "{tag}", value = "{value}" }`, "dialect etag"},
		{"strategy.optimistic.identify.by", `"tag"`, "dialect etag"},
		{"strategy.locked.lock.wait", `"1s"`, "--set strategy.locked.lock.wait"},
		{"strategy.locked.lock.ttl", `"10s"`, "dialect lease"},
		{"strategy.locked.write.headers.X-Reason", `"{tag}"`, "small.toml:22"},
	} {
		if got[want.Key] != want {
			t.Errorf("got %+v, expected %+v", got[want.Key], want)
		}
	}
	if _, ok := got["strategy.locked.write.headers.Fence"]; ok {
		t.Error("a removed header is explained")
	}
}

func TestExplainOwnAPI(t *testing.T) {
	s := mustParse(t, api+`
[[target.outcome]]
step   = ["write"]
status = [409, "500-503"]
json   = { path = "ok", equals = false }
class  = "stale"
[workload]
kind = "counter"
[[strategy]]
locking = "optimistic"
[[strategy]]
locking = "none"
[[threshold]]
metric = "abandon_rate"
limit  = "< 1%"
`, Options{Only: []string{"none"}})
	got := map[string]Value{}
	for _, v := range Explain(s) {
		got[v.Key] = v
	}
	for _, want := range []Value{
		{"strategy.none.read.version", `"header:ETag"`, "small.toml:9"},
		{"strategy.none.outcome[0]", `{ step = ["write"], status = [409, "500-503"], json = { path = "ok", equals = false }, class = "stale" }`, "small.toml:16"},
		{"strategy.none.locking", `"none"`, "small.toml:26"},
		{"threshold[0].limit", `"< 1%"`, "small.toml:29"},
	} {
		if got[want.Key] != want {
			t.Errorf("got %+v, expected %+v", got[want.Key], want)
		}
	}
}

// The paths of set have origins however they are nested, and lie over each
// other path by path; a default beside a value that is overridden is one.
func TestExplainSetAndOverrides(t *testing.T) {
	s := mustParse(t, `name = "set"
[target]
url   = "http://127.0.0.1:9"
setup = { request = "PUT /i/{key}", body = { v = 0 } }
read  = { request = "GET /i/{key}", value = "json:data.stock" }
[target.write]
request = "PUT /i/{key}"
body    = "{read.body}"
[target.write.set]
data.stock = "{value}"
"a.b"      = 1
data.more  = 2
c          = { d.e = 3, f = 4 }
[workload]
kind = "counter"
[[strategy]]
locking = "optimistic"
[[strategy]]
locking = "none"
write.set.data.more = ""
write.set."a.b"     = 4
write.set.c         = "{tag}"
`, Options{Env: noEnv, Set: []string{"strategy.1.retry.attempts=3", "target.write.set.data.new=5", "target.write.headers={X-A = \"b\"}"}})
	got := map[string]Value{}
	for _, v := range Explain(s) {
		if v.Origin == "" {
			t.Errorf("%s has no origin", v.Key)
		}
		got[v.Key] = v
	}
	for _, want := range []Value{
		{`strategy.optimistic.write.set."data.stock"`, `"{value}"`, "small.toml:10"},
		{`strategy.optimistic.write.set."a.b"`, "1", "small.toml:11"},
		{`strategy.optimistic.write.set."data.more"`, "2", "small.toml:12"},
		{`strategy.optimistic.write.set."c.d.e"`, "3", "small.toml:13"},
		{`strategy.optimistic.write.set."data.new"`, "5", "--set target.write.set.data.new"},
		{`strategy.optimistic.write.headers.X-A`, `"b"`, "--set target.write.headers"},
		{`strategy.none.write.set."data.stock"`, `"{value}"`, "small.toml:10"},
		{`strategy.none.write.set."a.b"`, "4", "small.toml:21"},
		{`strategy.none.write.set.c`, `"{tag}"`, "small.toml:22"},
		{"strategy.none.retry.attempts", "3", "--set strategy.1.retry.attempts"},
		{"strategy.none.retry.base", `"2ms"`, "default"},
		{"strategy.none.retry.policy", `"full-jitter"`, "default"},
		{"strategy.optimistic.retry.attempts", "100", "default"},
	} {
		if got[want.Key] != want {
			t.Errorf("got %+v, expected %+v", got[want.Key], want)
		}
	}
	for _, key := range []string{`"data.more"`, `"c.d.e"`, `"c.f"`} {
		if v, ok := got["strategy.none.write.set."+key]; ok {
			t.Errorf("a removed path is explained: %+v", v)
		}
	}
}
