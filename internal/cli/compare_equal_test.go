package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tidwall/gjson"
)

const equalScenario = `name = "shop"
seed = 1
[target]
use = "memory"
[workload]
kind  = "counter"
keys  = 2
think = "2ms"
pause = "exp(4ms)"
[load]
clients  = 8
duration = "300ms"
warmup   = "100ms"
repeat   = 8
[[strategy]]
name    = "optimistic"
locking = "optimistic"
[[strategy]]
name    = "pessimistic"
locking = "pessimistic"
`

// Real runs of one commit show no difference; make long compares ten pairs. A
// machine that others use may change its speed between two runs, so that a
// claim counts when the next pair makes the same one again.
func TestEqualRunsShowNoDifference(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.toml")
	if err := os.WriteFile(file, []byte(equalScenario), 0o600); err != nil {
		t.Fatal(err)
	}
	runs := 0
	pair := func() []string {
		var names [2]string
		for i := range names {
			runs++
			names[i] = filepath.Join(dir, fmt.Sprint("run-", runs))
			if out, err := program(t, "run", file, "-q", "-o", names[i]).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		change := filepath.Join(dir, fmt.Sprint("change-", runs, ".json"))
		_ = program(t, "compare", names[0], names[1], "--format", "json", "-o", change).Run() // 1 is a claim, which the file tells
		text, err := os.ReadFile(change)
		if err != nil {
			t.Fatal(err)
		}
		if !gjson.ValidBytes(text) || !gjson.GetBytes(text, "verdict").Exists() {
			t.Fatalf("no comparison: %.200s", text)
		}
		var claims []string
		compared := 0
		for _, strategy := range gjson.GetBytes(text, "strategies").Array() {
			for _, c := range strategy.Get("metrics").Array() {
				compared++
				if v := c.Get("verdict").String(); v == "worse" || v == "better" {
					claims = append(claims, strategy.Get("name").String()+" "+c.Get("metric").String()+" "+v)
				}
			}
		}
		if compared < 10 {
			t.Fatalf("%d figures were compared: %.200s", compared, text)
		}
		return claims
	}
	pairs, claimed := often(1, 10), 0
	for range pairs {
		first := pair()
		if len(first) == 0 {
			continue
		}
		claimed++
		t.Logf("a pair claims %q", first)
		for _, again := range pair() {
			if slices.Contains(first, again) {
				t.Errorf("two pairs of equal runs claim %s", again)
			}
		}
	}
	t.Logf("%d of %d pairs without a difference", pairs-claimed, pairs)
}
