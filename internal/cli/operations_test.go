package cli

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"tussle/scenarios"
	"tussle/targets/operations"
)

// What cannot walk operations says so, and does not say that all is well.
func TestOperationsAreNotPassedOver(t *testing.T) {
	dir := t.TempDir()
	text, _ := scenarios.Template("coupon")
	inFile(t, filepath.Join(dir, "coupon.toml"), text)
	for _, command := range []string{"probe", "explore"} {
		if code, out := tussleIn(t, dir, nil, command, "coupon.toml"); code != exitUsage || !strings.Contains(out, "does not walk operations") {
			t.Errorf("%s: exit %d\n%s", command, code, out)
		}
	}
}

// Each template of init for a race that people report finds it in the racy
// API of its kind, and nothing in the fixed twin.
func TestOperationsOfTheUsersOwn(t *testing.T) {
	for kind := range operations.Kinds {
		text, ok := scenarios.Template(kind)
		if !ok {
			t.Errorf("there is no template %s", kind)
			continue
		}
		for _, fixed := range []bool{false, true} {
			for _, seed := range seedsOf(t, 1, 1) {
				t.Run(fmt.Sprintf("%s/fixed=%v/%d", kind, fixed, seed), func(t *testing.T) {
					server := httptest.NewServer(operations.Open(operations.Options{Kind: kind, Fixed: fixed}))
					defer server.Close()
					dir := t.TempDir()
					inFile(t, filepath.Join(dir, kind+".toml"), text)
					code, out := tussleIn(t, dir, nil, "run", kind+".toml", "-o", "out", "--set", "target.url="+server.URL,
						"--set", "load.duration=500ms", "--set", "load.repeat=1", "--set", fmt.Sprint("seed=", seed))
					want := exitFail
					if fixed {
						want = exitOK
					}
					if code != want {
						t.Fatalf("exit %d, want %d\n%s", code, want, out)
					}
					r, err := os.ReadFile(filepath.Join(dir, "out", jsonFile))
					if err != nil {
						t.Fatal(err)
					}
					gjson.GetBytes(r, "strategies.0.properties.#.findings.#.requests|@flatten|@flatten").ForEach(func(_, requests gjson.Result) bool {
						if n := len(requests.Array()); n > 6 {
							t.Errorf("a finding has %d requests", n)
						}
						return true
					})
				})
			}
		}
	}
}
