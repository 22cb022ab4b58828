package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// others are formats that tools of the field write and that hold no requests
// tussle could take over, with the way there is instead.
var others = map[string][2]string{
	"jmx":    {"a JMeter test plan (JMX)", "run it through tussle record, which writes the draft from what it sends"},
	"edn":    {"a Jepsen history (EDN)", "it is a record, not requests: docs/foreign-histories.md says how to have it judged"},
	"k6":     {"a k6 script", "run it through tussle record, which writes the draft from what it sends"},
	"locust": {"a Locust file", "run it through tussle record, which writes the draft from what it sends"},
	"raml":   {"a RAML document", "convert it to OpenAPI"},
	"toml":   {"a scenario of tussle", "it is one already: tussle validate checks it"},
}

// Recognise names the format of a text by how it begins: one of Formats, one
// of the others ("jmx", "k6"), or "" where it is not known.
func Recognise(text []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	start := string(head[:min(len(head), 4096)])
	switch {
	case strings.HasPrefix(start, "{:") || strings.HasPrefix(start, "[{:"):
		return "edn"
	case strings.HasPrefix(start, "{"):
		return recogniseJSON(head)
	case strings.HasPrefix(start, "#%RAML"):
		return "raml"
	case strings.HasPrefix(start, "curl ") || strings.HasPrefix(start, "$ curl "):
		return "curl"
	case strings.Contains(start, "<jmeterTestPlan"):
		return "jmx"
	case strings.Contains(start, "from 'k6") || strings.Contains(start, "from \"k6"):
		return "k6"
	case strings.Contains(start, "import locust") || strings.Contains(start, "from locust"):
		return "locust"
	case hasLine(start, "openapi:", "swagger:", "\"openapi\"", "'openapi'"):
		return "openapi"
	case hasLine(start, "[target]", "[workload]", "[[strategy]]"):
		return "toml"
	}
	for line := range strings.Lines(start) {
		if method, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && isMethod(method) && rest != "" {
			return "http"
		}
	}
	return ""
}

func recogniseJSON(text []byte) string {
	var top map[string]json.RawMessage
	if json.Unmarshal(text, &top) != nil {
		return ""
	}
	switch {
	case top["openapi"] != nil, top["swagger"] != nil:
		return "openapi"
	case top["log"] != nil:
		return "har"
	case top["info"] != nil && top["item"] != nil, top["collection"] != nil:
		return "postman"
	}
	return ""
}

func hasLine(text string, starts ...string) bool {
	for line := range strings.Lines(text) {
		for _, s := range starts {
			if strings.HasPrefix(line, s) {
				return true
			}
		}
	}
	return false
}

func whatOf(format string) string {
	for _, f := range Formats {
		if f.Name == format {
			return f.What
		}
	}
	return others[format][0]
}

func way(format, name string) string {
	if o, ok := others[format]; ok {
		return o[1]
	}
	return fmt.Sprintf("tussle init --%s %s", format, name)
}
