package sound

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// hooked makes a documents server with some hooks changed.
func hooked(change func(s *documents)) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		s := newDocuments(broken)
		change(s)
		return s
	}
}

var bodies = []Server{
	{Name: "form-bodies", Tempts: "takes forms, answers JSON", Breaks: "no-lost-update",
		Scenario: describe("form-bodies", `body    = { n = "{value}", by = "{tag}" }`, `body = "n={value}&by={tag}"`,
			`request = "PUT /docs/{key}"`, `request = "PUT /docs/{key}"`+"\n"+`headers.Content-Type = "application/x-www-form-urlencoded"`,
			`headers = { If-Match = "{version}" }`, `headers.If-Match = "{version}"`),
		New: hooked(func(s *documents) {
			s.parse = func(r *http.Request) map[string]any {
				text, _ := io.ReadAll(r.Body)
				form, err := url.ParseQuery(string(text))
				if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
					return map[string]any{}
				}
				return map[string]any{"n": json.Number(form.Get("n")), "by": form.Get("by")}
			}
		})},
	{Name: "xml-bodies", Tempts: "XML with entities and a prologue", Breaks: "no-lost-update",
		Scenario: describe("xml-bodies", `{ n = "{value}", by = "{tag}" }`, `"<doc><n>{value}</n><by>{tag}</by></doc>"`, `"json:`, `"xml:`),
		New: hooked(func(s *documents) {
			s.parse = func(r *http.Request) map[string]any {
				text, _ := io.ReadAll(r.Body)
				m := regexp.MustCompile(`<n>(.*)</n><by>(.*)</by>`).FindSubmatch(text)
				if m == nil {
					return map[string]any{}
				}
				return map[string]any{"n": html.UnescapeString(string(m[1])), "by": html.UnescapeString(string(m[2]))}
			}
			s.render = func(d doc) reply {
				return reply{status: 200, body: fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- n --><doc a=\"&lt;n&gt;\">\n <n> %v </n><by><![CDATA[%v]]></by></doc>\n", d.fields["n"], d.fields["by"])}
			}
		})},
	{Name: "escaped-json", Tempts: "every character of a text is escaped", Breaks: "no-lost-update", Scenario: describe("escaped-json"),
		New: hooked(func(s *documents) {
			s.render = func(d doc) reply {
				var by strings.Builder
				for _, c := range fmt.Sprint(d.fields["by"]) {
					fmt.Fprintf(&by, `\u%04x`, c)
				}
				return reply{status: 200, body: fmt.Sprintf("{\n\t\"by\" : \"%s\",\n\t\"n\" : %v\n}", by.String(), d.fields["n"])}
			}
		})},
	{Name: "floats", Tempts: "numbers come back as 7.0", Breaks: "no-lost-update", Scenario: describe("floats", `"json:n"`, `'regex:"n":(-?[0-9]+)'`),
		New: hooked(func(s *documents) {
			s.render = func(d doc) reply {
				return reply{status: 200, body: fmt.Sprintf(`{"n":%v.0,"by":%s}`, d.fields["n"], jsonText(d.fields["by"]))}
			}
		})},
	{Name: "numbers-as-texts", Tempts: "numbers come back as texts", Breaks: "no-lost-update", Scenario: describe("numbers-as-texts"),
		New: hooked(func(s *documents) {
			s.render = func(d doc) reply {
				return reply{status: 200, body: fmt.Sprintf(`{"n":"%v","by":%s}`, d.fields["n"], jsonText(d.fields["by"]))}
			}
		})},
	{Name: "upper-case-gzip", Tempts: "answers GZIP unasked, in capitals", Breaks: "no-lost-update", Scenario: describe("upper-case-gzip"),
		New: hooked(func(s *documents) {
			s.render = func(d doc) reply {
				var b bytes.Buffer
				z := gzip.NewWriter(&b)
				io.WriteString(z, jsonText(d.fields))
				z.Close()
				return reply{200, map[string]string{"Content-Encoding": "GZIP"}, b.String()}
			}
		})},
	{Name: "whole-document", Tempts: "the write answers with the whole document", Breaks: "no-lost-update",
		Scenario: describe("whole-document", `headers = { If-Match = "{version}" }`+"\n"+`body    = { n = "{value}", by = "{tag}" }`,
			`headers = { If-Match = "{version}" }`+"\n"+`body = "{read.body}"`+"\n"+`set = { n = "{value}", by = "{tag}" }`),
		New: hooked(func(s *documents) {
			s.wrote = func(d doc, etag string) reply {
				return reply{200, map[string]string{"ETag": etag}, jsonText(d.fields)}
			}
			s.render = func(d doc) reply {
				return reply{status: 200, body: jsonText(merged(d, map[string]any{"links": []string{"/docs"}, "nested": map[string]any{"a.b": 1}}))}
			}
		})},
	{Name: "merge-patch", Tempts: "PATCH changes some of the fields", Breaks: "no-lost-update",
		Scenario: describe("merge-patch", "[target.write]\nrequest = \"PUT", "[target.write]\nrequest = \"PATCH"), New: hooked(func(*documents) {})},
	{Name: "multi-status", Tempts: "207, and what happened stands inside", Breaks: "no-lost-update",
		Scenario: describe("multi-status") + "\n[[target.outcome]]\nstep = \"write\"\nstatus = 207\njson = { path = \"items.0.status\", equals = 412 }\nclass = \"stale\"\neffect = \"refused\"\n",
		New: hooked(func(s *documents) {
			s.wrote = func(doc, string) reply { return reply{status: 207, body: `{"items":[{"status":204}]}`} }
			s.stale = reply{status: 207, body: `{"items":[{"status":412}]}`}
		})},
	{Name: "ok-false", Tempts: "200, and what happened stands inside", Breaks: "no-lost-update",
		Scenario: describe("ok-false") + "\n[[target.outcome]]\nstep = \"write\"\nstatus = 200\njson = { path = \"ok\", equals = false }\nclass = \"stale\"\neffect = \"refused\"\n",
		New: hooked(func(s *documents) {
			s.wrote = func(doc, string) reply { return reply{status: 200, body: `{"ok":true}`} }
			s.stale = reply{status: 200, body: `{"ok":false}`}
		})},
}
