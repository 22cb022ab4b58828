package intake_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tussle/scenarios"
	"tussle/scenarios/intake"
)

var update = flag.Bool("update", false, "rewrite golden files")

func env(name string) (string, bool) { return "x", strings.HasPrefix(name, "API_") }

var sources = []struct{ format, file, resource string }{
	{"har", "shop.har", "/projects/{id1}/tasks/{key}"},
	{"openapi", "articles.yaml", "/articles/{key}"},
	{"http", "notes.http", "/notes/{key}"},
	{"postman", "users.postman.json", "/users/{key}"},
	{"curl", "odata.curl", "/things/{key}"},
}

// Each source gives a draft that validates as it stands. The goldens are read
// by eye when they change.
func TestDraftsOfEverySourceValidate(t *testing.T) {
	for _, c := range sources {
		t.Run(c.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", c.file))
			if err != nil {
				t.Fatal(err)
			}
			s, err := intake.Read(c.format, c.file, text)
			if err != nil {
				t.Fatal(err)
			}
			if c.file == "shop.har" {
				s.Base += "/api"
			}
			var d *intake.Draft
			for _, r := range s.Resources() {
				if r.Path == c.resource {
					d = s.Draft(r)
				}
			}
			if d == nil {
				t.Fatalf("no resource %s in %d", c.resource, len(s.Resources()))
			}
			golden := filepath.Join("testdata", strings.TrimSuffix(c.file, filepath.Ext(c.file))+".golden.toml")
			if *update {
				if err := os.WriteFile(golden, []byte(d.Text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), d.Text); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if _, err := scenarios.Parse(golden, d.Text, scenarios.Options{Env: env}); err != nil {
				t.Errorf("the draft is no scenario:\n%v", err)
			}
			for _, secret := range []string{"hunter2", "tok-123", "sid=secret", "Bearer abc"} {
				if strings.Contains(d.Text, secret) {
					t.Errorf("the draft contains the secret %q", secret)
				}
			}
		})
	}
}

// A recording that is written as HAR gives the same draft, and holds no secret.
func TestRecordingSurvivesAsHAR(t *testing.T) {
	text, err := os.ReadFile("testdata/shop.har")
	if err != nil {
		t.Fatal(err)
	}
	first, err := intake.Read("har", "shop.har", text)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := first.WriteHAR(&b); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"hunter2", "tok-123"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the HAR contains the secret %q", secret)
		}
	}
	again, err := intake.Read("har", "shop.har", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	a, z := first.Resources(), again.Resources()
	if len(a) == 0 || len(a) != len(z) {
		t.Fatalf("%d resources before, %d after", len(a), len(z))
	}
	for i := range a {
		// Where a token came from is hidden with it: only the login may differ.
		x, y := tail(first.Draft(a[i]).Text), tail(again.Draft(z[i]).Text)
		if d := cmp.Diff(x, y); d != "" {
			t.Errorf("%s: -before +after\n%s", a[i].Path, d)
		}
	}
}

func tail(text string) string {
	_, rest, _ := strings.Cut(text, "[target.setup]")
	return rest
}

// Other formats are named, hostile ones end in an error, and nothing is
// fetched.
func TestUnfitSourcesAreRefused(t *testing.T) {
	deep := strings.Repeat(`{"item":[`, 20_000) + strings.Repeat(`]}`, 20_000)
	for _, c := range []struct{ name, format, text, want string }{
		{"jmeter", "har", `<?xml version="1.0"?><jmeterTestPlan version="1.2">`, "JMeter"},
		{"jepsen", "har", `{:process 0, :type :invoke}`, "Jepsen"},
		{"k6", "http", "import http from 'k6/http';", "k6"},
		{"har as openapi", "openapi", `{"log": {"entries": []}}`, "a HAR file"},
		{"scenario", "http", "name = \"x\"\n[target]\nurl = \"http://127.0.0.1:1\"\n", "scenario of tussle"},
		{"empty HAR", "har", `{"log": {"entries": []}}`, "no request"},
		{"no JSON", "har", `{"log": `, "no HAR"},
		{"deep", "postman", `{"info": {}, "item": [` + deep + `]}`, "Postman"},
		{"foreign file", "openapi", "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths:\n  /a/{id}:\n    $ref: 'file:///etc/passwd'\n", "cannot be read"},
		{"foreign address", "openapi", "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {$ref: 'http://127.0.0.1:1/x.yaml#/A'}}}\n", "cannot be read"},
		{"no URL", "curl", "curl -X PUT -d x", "no URL"},
		{"file body", "curl", "curl http://127.0.0.1/x/1 -d @secrets.json", "in a file"},
		{"open quote", "curl", "curl 'http://127.0.0.1/x", "cannot be read"},
		{"substitution", "curl", "curl http://127.0.0.1/$(touch /tmp/never)", "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := intake.Read(c.format, "file", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// FuzzSources: no text of any format makes a draft that is no TOML, or a panic.
func FuzzSources(f *testing.F) {
	for _, c := range sources {
		text, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.format, text)
	}
	f.Fuzz(func(t *testing.T, format string, text []byte) {
		s, err := intake.Read(format, "file", text)
		if err != nil {
			return
		}
		for _, r := range s.Resources() {
			d := s.Draft(r)
			if _, err := scenarios.Parse("draft.toml", d.Text, scenarios.Options{Env: env}); err != nil && strings.Contains(err.Error(), "TOML") {
				t.Errorf("the draft is no TOML: %v\n%s", err, d.Text)
			}
		}
	})
}
