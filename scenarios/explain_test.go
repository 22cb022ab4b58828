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
		{"strategy.optimistic.promises", `["no-lost-update", "counter-bounds"]`, "default of optimistic locking"},
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
