package scenarios_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"tussle/history/wire"
	"tussle/scenarios"
	"tussle/scenarios/internal/docgen"
)

// The reference and the schema are those that the types give now.
func TestGeneratedFilesAreFresh(t *testing.T) {
	docs, err := docgen.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := docs.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{"schema.json": schema, "../docs/scenario.md": docs.Markdown()} {
		have, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is stale (%v); run go generate ./scenarios", path, err)
		}
	}
	if !bytes.Equal(scenarios.Schema(), schema) {
		t.Error("the embedded schema is another one")
	}
}

// Every key says what it means.
func TestEveryKeyIsDescribed(t *testing.T) {
	docs, err := docgen.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	table := ""
	for _, line := range strings.Split(string(docs.Markdown()), "\n") {
		if strings.HasPrefix(line, "## ") {
			table = line
		}
		if strings.HasPrefix(line, "| `") && strings.HasSuffix(line, "|  |") {
			t.Errorf("%s: no meaning: %s", table, line)
		}
	}
}

func TestSchemaIsJSON(t *testing.T) {
	var s struct {
		Properties  map[string]any
		Definitions map[string]struct {
			Properties           map[string]any
			AdditionalProperties any
		}
	}
	if err := json.Unmarshal(scenarios.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Properties["strategy"]; !ok || len(s.Definitions["Step"].Properties) < 15 || s.Definitions["Step"].AdditionalProperties != false {
		t.Errorf("the schema lacks tables: %v", s.Definitions["Step"])
	}
}

// An editor that knows the schema marks no capture that tussle takes.
func TestTheSchemaTakesEveryCapture(t *testing.T) {
	var schema struct {
		Definitions map[string]struct {
			Properties map[string]struct{ Pattern string }
		}
	}
	if err := json.Unmarshal(scenarios.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(schema.Definitions["Step"].Properties["value"].Pattern)
	for text, want := range map[string]bool{
		"json:a.b": true, "header:ETag:unquote": true, "xml:getetag": true, `regex:stock=(\d+)`: true, "body": true, "body:base64": true, "status": true,
		"etag": false, "json:": false, "regex:": false, "bodys": false,
	} {
		_, err := wire.ParseCapture(text)
		if pattern.MatchString(text) != want || (err == nil) != want {
			t.Errorf("%q: by the schema %t, by tussle %v; want %t", text, pattern.MatchString(text), err, want)
		}
	}
}
