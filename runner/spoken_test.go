package runner

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tussle/history"
	"tussle/runner/secrets"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// What a strategy says stands over what the target says; the loader checks
// what comes out, so that a run never finds a fault that the file shows.
func TestWhatTheLoaderTakesCanBeSpoken(t *testing.T) {
	pieces := map[string][]string{
		"request":  {`"PUT /a/{key}"`, `"POST /a"`, `"PATCH /a/{key}?x={n}"`},
		"body":     {`"{read.body}"`, `{ stock = "{value}", who = "{tag}" }`, `"plain {value} {tag}"`, `""`},
		"set":      {`{ stock = "{value}", who = "{tag}" }`, `{ "a.b" = 1 }`, `{}`},
		"unset":    {`["_id"]`, `[]`},
		"headers":  {`{ If-Match = "{version}" }`, `{ If-Match = "" }`, `{}`},
		"query":    {`{ v = "{version}" }`},
		"version":  {`"header:ETag"`, `"json:v"`, `""`},
		"like":     {`"read"`, `"create"`},
		"capture":  {`{ other = "json:other" }`},
		"requires": {`"{other}"`},
	}
	names := []string{"request", "body", "set", "unset", "headers", "query", "version", "like", "capture"}
	taken, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		step := func(label string) string {
			text := ""
			for _, name := range names {
				if rapid.IntRange(0, 3).Draw(t, label+name) == 0 {
					text += name + " = " + rapid.SampledFrom(pieces[name]).Draw(t, label+name+" is") + ", "
				}
			}
			return "{ " + text + "}"
		}
		text := fmt.Sprintf(`
[target]
url = "http://127.0.0.1:1"
setup = { request = "PUT /a/{key}", body = { stock = "{value}", who = "{tag}" } }
read = { request = "GET /a/{key}", value = "json:stock", version = "header:ETag" }
create = { request = "PUT /a/{key}", body = "{tag}" }
write = %s
[target.identify]
by = "tag"
tag = "json:who"
[workload]
kind = "counter"
[[strategy]]
name = "a"
locking = %q
write = %s
`, step("target "), rapid.SampledFrom([]string{"optimistic", "none"}).Draw(t, "locking"), step("strategy "))
		s, err := scenarios.Parse("x.toml", text, scenarios.Options{})
		if err != nil {
			refused++
			return
		}
		taken++
		if _, err := speakAll(s, &target{url: s.Target.URL}, "r1", "", &secrets.Registry{}); err != nil {
			t.Fatalf("the loader took it, and it cannot be spoken: %v\n%s", err, text)
		}
	})
	if taken == 0 || refused == 0 {
		t.Errorf("%d taken, %d refused: the test shows nothing", taken, refused)
	}
}

func TestEveryWorkloadOfTheLoaderIsThere(t *testing.T) {
	for _, kind := range append([]string{scenarios.OwnWorkload}, history.Workloads...) {
		if workload.Kinds[kind] == nil {
			t.Errorf("nothing carries out workload %s", kind)
		}
	}
}
