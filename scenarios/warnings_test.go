package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// What other tools write otherwise is no mistake by itself, and is told.
func TestWarnings(t *testing.T) {
	const ok = `request = "GET /a/{key}"`
	for _, tc := range []struct{ read, want string }{
		{ok, ""},
		{`request = "GET /a/:key"`, `small.toml:4:20: "/:key" is how other tools write a variable`},
		{`request = "GET /a/${key}"`, `small.toml:4:20: "${key}" is how other tools write a variable`},
		{`request = "GET /a/${key}?v=1"`, `write {key}`},
		{`request = "GET /a:batch/{key}"`, ""}, // a verb, as Google's APIs have them
		{ok + `, headers = { X = "a/:b" }`, ""},
		{ok + `, headers = { X = "${tag}" }`, `write {tag}`},
		{`request = "GET /stock"`, "read has no {key}: it asks for the same resource for every key"},
		{`request = "GET /stock", query = { id = "{key}" }`, ""},
		{`request = "GET /stock/{name}"`, ""},
		{`request = "GET /stock/{made}"`, ""},
	} {
		s := mustParse(t, fmt.Sprintf(`
[target]
url = "http://127.0.0.1:1"
read = { %s, value = "json:stock", version = "header:ETag" }
setup = { request = "PUT /a/{key}", body = { stock = "{value}" }, capture = { made = "json:made" } }
write = { request = "PUT /a/{key}", headers = { If-Match = "{version}" }, body = { stock = "{value}" } }
[target.identify]
by = "none"
[workload]
kind = "counter"
keys = 2
[[strategy]]
locking = "optimistic"
`, tc.read), Options{})
		switch got := s.Warnings.Error(); {
		case tc.want == "" && got != "":
			t.Errorf("%s: warned of: %s", tc.read, got)
		case !strings.Contains(got, tc.want):
			t.Errorf("%s: got %q, want %q in it", tc.read, got, tc.want)
		}
	}
}
