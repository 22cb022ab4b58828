package runner

import (
	"net/url"
	"strings"
	"testing"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/transport"
)

// Pages are put together; only what is followed to its end, at the target
// itself, is the whole list.
func TestPagesAreOneList(t *testing.T) {
	base, err := url.Parse("http://h:1/api")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		pages []dialect.Answer
		asked string // targets, in order
		value string
		lacks string
	}{
		"one page": {[]dialect.Answer{page(`["a"]`, dialect.Part{})}, "/api/x", `["a"]`, ""},
		"three": {[]dialect.Answer{page(`["a"]`, dialect.Part{Next: "?p=2"}), page(`["b"]`, dialect.Part{Next: "http://h:1/api/x?p=3", Total: 3}), page(`["c"]`, dialect.Part{Total: 3})},
			"/api/x /api/x?p=2 /api/x?p=3", `["a","b","c"]`, ""},
		"another host":       {[]dialect.Answer{page(`["a"]`, dialect.Part{Next: "http://other/api/x?p=2"})}, "/api/x", `["a"]`, "the next page is not at http://h:1"},
		"another host still": {[]dialect.Answer{page(`["a"]`, dialect.Part{Next: "//other/api/x?p=2"})}, "/api/x", `["a"]`, "the next page is not at http://h:1"},
		"a cursor":           {[]dialect.Answer{page(`["a"]`, dialect.Part{Why: "next_cursor is there"})}, "/api/x", `["a"]`, "next_cursor is there"},
		"too few":            {[]dialect.Answer{page(`["a"]`, dialect.Part{Next: "?p=2"}), page(`["b"]`, dialect.Part{Total: 3})}, "/api/x /api/x?p=2", `["a","b"]`, "the total is 3, and there are 2"},
		"an empty page":      {[]dialect.Answer{page(`[]`, dialect.Part{Next: "?p=2"})}, "/api/x", `[]`, "there is a next page"},
	} {
		var p pages
		asked := []string{}
		for i := range c.pages {
			var req transport.Request
			req.SetTarget([]byte("/api/x"))
			p.turn(&req)
			asked = append(asked, string(req.Target()))
			p.take(base, &c.pages[i])
			p.from = p.next
		}
		if got := strings.Join(asked, " "); got != c.asked || p.lacks != c.lacks || c.pages[len(c.pages)-1].Value.S != c.value || p.next != "" {
			t.Errorf("%s: asked %s, has %s, lacks %q, next %q", name, got, c.pages[len(c.pages)-1].Value.S, p.lacks, p.next)
		}
	}
}

func page(value string, part dialect.Part) dialect.Answer {
	return dialect.Answer{Class: history.OK, HasValue: true, Value: dialect.Text{S: value, Raw: true}, Part: part}
}
