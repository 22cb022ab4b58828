package runner

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tussle/scenarios"
)

func TestBalancesOfAList(t *testing.T) {
	for _, test := range []struct {
		value, keys, want string // balance of "7"
		readable          bool
	}{
		{`{"7":10,"8":20}`, "", "10", true},
		{`{}`, "", "", true},
		{`[10,20]`, `["7","8"]`, "10", true},
		{`[10,20]`, `[7,8]`, "10", true},
		{`[10]`, `["7","8"]`, "", false},
		{`[10,20]`, "", "", false},
		{`null`, "", "", false},
		{`<html>`, "", "", false},
		{`{"7":10}`, `["7"]`, "", false},
	} {
		by, ok := balancesOf(test.value, test.keys)
		if ok != test.readable || string(by["7"]) != test.want {
			t.Errorf("%s with %s: %s, readable %v", test.value, test.keys, by["7"], ok)
		}
	}
}

// A list that does not show the accounts that were set up is told before the
// load, and so is one of another form.
func TestPreflightTellsAListWithoutTheAccounts(t *testing.T) {
	for list, want := range map[string]string{
		`{"all":{"other":5}}`: "list shows 0 of the 2 accounts that were set up",
		`{"all":[1,2]}`:       "list was answered with 200, but its value is not in the answer",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/all" {
				fmt.Fprint(w, list)
				return
			}
			fmt.Fprint(w, `{"n":100}`)
		}))
		s, err := scenarios.Parse("f", fmt.Sprintf(`name = "f"
[target]
url      = %q
setup    = { request = "PUT /{key}", body = "{value}" }
read     = { request = "GET /{key}", value = "json:n" }
transfer = { request = "POST /{from}/{to}/{amount}" }
list     = { request = "GET /all", value = "json:all" }
[target.identify]
by = "none"
[workload]
kind = "transfer"
keys = 4
initial = 100
[[strategy]]
locking = "server-side"
`, server.URL), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
		if err != nil {
			t.Fatal(err)
		}
		var hist bytes.Buffer
		_, err = Run(t.Context(), s, &hist, Options{Dir: t.TempDir()})
		var cannot *CannotRun
		if !errors.As(err, &cannot) || !strings.Contains(cannot.What, want) {
			t.Errorf("%s: %v, want %q", list, err, want)
		}
		server.Close()
	}
}
