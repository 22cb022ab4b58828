package runner

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"tussle/scenarios"
)

// The error says which path found nothing and what the answer has instead.
func TestPreflightSaysWhatTheAnswerHas(t *testing.T) {
	for name, tc := range map[string]struct{ login, version, what, hint string }{
		"a version": {"", "json:meta.rev",
			"preflight of strategy optimistic: read was answered with 200, but its version is not in the answer: json:meta.rev is not there; the answer has: data, id, meta, title; meta has: version",
			"see version of target.read in the scenario"},
		"a token": {`login = { request = "POST /login", token = "json:access_token" }`, "json:meta.version",
			"preflight of strategy optimistic: login was answered with 201 but without the token: json:access_token is not there; the answer has: token, user",
			`target.login says where the token is: token = "json:token", or "header:NAME"`},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				w.WriteHeader(201)
				fmt.Fprint(w, `{"token":"a-token","user":"ada"}`)
				return
			}
			fmt.Fprint(w, `{"data":0,"id":"x","meta":{"version":1},"title":"t"}`)
		}))
		s, err := scenarios.Parse("p", fmt.Sprintf(`name = "p"
[target]
url = %q
%s
setup = { request = "PUT /{key}", body = "{value}" }
read  = { request = "GET /{key}", value = "json:data", version = %q }
write = { request = "PUT /{key}", body = "{read.body}", set = { data = "{value}" } }
[workload]
kind = "counter"
[[strategy]]
locking = "optimistic"
`, server.URL, tc.login, tc.version), scenarios.Options{Env: func(string) (string, bool) { return "", false }})
		if err != nil {
			t.Fatal(err)
		}
		var hist bytes.Buffer
		_, err = Run(t.Context(), s, &hist, Options{Dir: t.TempDir()})
		var cannot *CannotRun
		if !errors.As(err, &cannot) || cannot.What != tc.what || cannot.Hint != tc.hint {
			t.Errorf("%s: got %+v", name, err)
		}
		server.Close()
	}
}
