package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Part is what the answer to a list says of the whole: where it goes on, and
// why it is a part. A list that says nothing is the whole.
type Part struct {
	Next   string // the next page: a URL, or a reference to be resolved
	Cursor string // what the next page is asked for by, where the scenario says where that stands
	Why    string // why there must be more, when the answer does not say where: "has_more is true"
	Total  int64  // how many there are in all; 0 when it does not tell
}

// partOf reads what an answer says of the whole: its Link headers, its
// X-Total-Count, and its document when it is JSON.
func partOf(links [][]byte, total, doc []byte) Part {
	var p Part
	for _, link := range links {
		if next := nextLink(string(link)); next != "" {
			p.Next = next
		}
	}
	p.Total, _ = strconv.ParseInt(string(total), 10, 64)
	gjson.ParseBytes(doc).ForEach(func(name, v gjson.Result) bool {
		p.member(name.Str, v)
		switch plain(name.Str) {
		case "pagination", "paging", "page", "pageinfo", "meta", "metadata", "links", "cursor":
			v.ForEach(func(inner, v gjson.Result) bool { p.member(inner.Str, v); return true })
		}
		return true
	})
	return p
}

// plain is a member's name without what APIs write differently.
func plain(name string) string {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return strings.NewReplacer("_", "", "-", "").Replace(name)
}

// member reads one member that may tell of further pages.
func (p *Part) member(name string, v gjson.Result) {
	switch plain(name) {
	case "next", "nextlink", "nexturl", "nextpage", "nextpageurl", "nextpagelink":
		if v.IsObject() {
			v = v.Get("href")
		}
		switch text := v.String(); {
		case v.Type == gjson.String && (strings.HasPrefix(text, "/") || strings.HasPrefix(text, "?") || strings.Contains(text, "://")):
			p.Next = text
		case v.Type == gjson.True, v.Type == gjson.String && text != "", v.Type == gjson.Number && v.Num > 0:
			p.Why = name + " is there"
		}
	case "nextcursor", "nextpagetoken", "nexttoken", "continuationtoken", "continue":
		if v.Type == gjson.String && v.Str != "" || v.Type == gjson.Number {
			p.Why = name + " is there"
		}
	case "hasmore", "hasnext", "hasnextpage", "istruncated", "truncated", "incompleteresults":
		if v.Type == gjson.True {
			p.Why = name + " is true"
		}
	case "total", "totalcount", "totalitems", "totalresults", "totalelements", "count":
		if v.Type == gjson.Number {
			p.Total = max(p.Total, v.Int())
		}
	}
}

// Lacks says why a list of n members is not the whole; "" when it is, as far
// as the answer says.
func (p *Part) Lacks(n int) string {
	switch {
	case p.Why != "":
		return p.Why
	case p.Next != "":
		return "there is a next page"
	case p.Total > int64(n):
		return fmt.Sprintf("the total is %d, and there are %d", p.Total, n)
	}
	return ""
}

// nextLink finds the target of the relation next in a Link header (RFC 8288, 3).
func nextLink(header string) string {
	for header != "" {
		from := strings.IndexByte(header, '<')
		if from < 0 {
			return ""
		}
		to := strings.IndexByte(header[from:], '>')
		if to < 0 {
			return ""
		}
		target := header[from+1 : from+to]
		params := header[from+to+1:]
		end := nextTarget(params)
		if isNext(params[:end]) {
			return target
		}
		header = params[end:]
	}
	return ""
}

// nextTarget is where the parameters of a link end: at a comma outside quotes.
func nextTarget(params string) int {
	quoted := false
	for i := 0; i < len(params); i++ {
		switch c := params[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return i
		}
	}
	return len(params)
}

// isNext reports whether the first parameter rel has the relation next; it may
// have several.
func isNext(params string) bool {
	for _, p := range strings.Split(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
		return false
	}
	return false
}
