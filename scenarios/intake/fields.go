package intake

import (
	"net/url"
	"slices"
	"strings"
)

// guess is something that the draft took for granted, and why.
type guess struct {
	capture string
	leaf    *leaf
	why     string
}

// findVersion says what names the states of a resource: an entity tag, or a
// field of its document.
func findVersion(r *Resource) guess {
	for _, x := range []*Exchange{r.Read, r.Write} {
		if x != nil && x.AnswerHeader.Get("ETag") != "" {
			return guess{capture: "header:ETag", why: "answers have an ETag"}
		}
	}
	if r.Write != nil && r.Write.Header.Get("If-Match") != "" {
		return guess{capture: "header:ETag", why: "writes have If-Match"}
	}
	if r.Read == nil {
		return guess{}
	}
	read := leaves(r.Read.Answer)
	for _, weak := range []bool{false, true} {
		for i := range read {
			l := read[i]
			if l.text() == "" || !versionName(l.path, weak) {
				continue
			}
			why := "the field is called so"
			if weak {
				why = "it is the time of the last change, which two changes may share: a number or a tag would be surer"
			}
			return guess{capture: l.capture(), leaf: &l, why: why}
		}
	}
	return guess{}
}

// versionName tells a field that names a state; a weak one is a time.
func versionName(path []string, weak bool) bool {
	name := path[len(path)-1]
	if weak {
		w := words(name)
		return slices.Contains(w, "updated") || slices.Contains(w, "modified") || slices.Contains(w, "changed") || slices.Contains(w, "revised")
	}
	switch strings.ToLower(name) {
	case "apiversion", "schema_version", "schemaversion":
		return false
	case "@odata.etag", "resourceversion", "lock_version", "lockversion", "_rev", "rev", "revision", "etag", "_etag", "row_version", "rowversion",
		"version", "_version", "__v", "generation", "versionid", "version_id", "opt_lock", "sys_version":
		return true
	}
	return false
}

// countable are the names of numbers that people add to and take from; a
// number of another name is taken where there is none of these.
var countable = []string{
	"stock", "count", "counter", "quantity", "qty", "amount", "balance", "seats", "units", "left", "available", "total", "points", "score",
	"votes", "likes", "views", "credits", "inventory", "number", "value", "remaining", "capacity", "size", "weight", "priority", "rank", "price",
}

// free are the names of texts that take any text.
var free = []string{
	"note", "notes", "comment", "comments", "description", "summary", "editor", "title", "name", "label", "text", "body", "content", "message",
	"subject", "bio", "remarks", "display", "caption", "headline", "nickname", "author",
}

// unique are names whose values a service often wants only once.
var unique = []string{"name", "title", "slug", "email", "username", "login", "code", "sku", "handle", "subject", "isbn"}

// fixed are fields that no test of a race changes: ids, times, kinds.
func fixed(l leaf) bool {
	return versionName(l.path, false) || versionName(l.path, true) ||
		oneWord(l.name(), "id", "ids", "uuid", "guid", "created", "type", "kind", "status", "state", "password", "token", "secret", "date", "at", "year", "port") ||
		strings.HasSuffix(l.name(), "Id")
}

// pick chooses, of the fields that a write sends, the one of the best name
// that a read shows as well.
func pick(body, shown []leaf, names []string, fits func(leaf) bool, any bool, not *leaf) *leaf {
	seen := map[string]bool{}
	for _, l := range shown {
		seen[l.name()] = true
	}
	var best *leaf
	rank := len(names) + 1
	for i := range body {
		l := &body[i]
		if fixed(*l) || !fits(*l) || !seen[l.name()] || not != nil && slices.Equal(not.path, l.path) {
			continue
		}
		at := len(names)
		for _, w := range words(l.name()) {
			if n := slices.Index(names, w); n >= 0 {
				at = min(at, n)
			}
		}
		if at < rank && (at < len(names) || any) {
			best, rank = l, at
		}
	}
	return best
}

// shownAs is where a read shows the field of that name: the one of the same
// value first, as documents repeat names.
func shownAs(l leaf, shown []leaf) *leaf {
	var best *leaf
	for i := range shown {
		s := &shown[i]
		if s.name() == l.name() && (best == nil || s.text() == l.text() && best.text() != l.text()) {
			best = s
		}
	}
	return best
}

// bodyLeaves are the fields of a request's body, of JSON or of a form.
func bodyLeaves(x *Exchange) []leaf {
	if x == nil {
		return nil
	}
	if isForm(x) {
		values, _ := url.ParseQuery(x.Body)
		var out []leaf
		for name, v := range values {
			out = append(out, leaf{[]string{name}, v[0]})
		}
		slices.SortFunc(out, func(a, b leaf) int { return strings.Compare(a.name(), b.name()) })
		return out
	}
	return leaves(x.Body)
}

func isForm(x *Exchange) bool {
	return strings.HasPrefix(x.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
