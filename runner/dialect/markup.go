package dialect

import (
	"bytes"
	"net/http"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"tussle/runner/transport"
)

// inHTML finds what a page carries for the next request: the value of a form's
// field, or the content of a meta element, by its name; the first that stands
// there.
func inHTML(body []byte, meta bool, name string) (string, bool) {
	tag, want := atom.Input, "value"
	if meta {
		tag, want = atom.Meta, "content"
	}
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "", false
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		t := z.Token()
		if t.DataAtom != tag {
			continue
		}
		named, value, has := "", "", false
		for _, a := range t.Attr {
			switch a.Key {
			case "name", "property":
				named = a.Val
			case want:
				value, has = a.Val, true
			}
		}
		if named == name && has {
			return value, true
		}
	}
}

// setCookie is what an answer sets a cookie to.
func setCookie(resp *transport.Response, name string) (value string, ok bool) {
	resp.EachCookie(func(line []byte) {
		if c, err := http.ParseSetCookie(string(line)); err == nil && c.Name == name {
			value, ok = c.Value, true
		}
	})
	return value, ok
}
