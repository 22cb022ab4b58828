package intake

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Resource is one kind of thing that can be read and written: its paths and
// the exchanges that make, read, change and remove it.
type Resource struct {
	Path       string   // "/articles/{key}", relative to the source's base
	Parents    []string // places of ids before the last one: "/projects/{id1}/tasks/{key}" has "id1"
	Collection string   // "/articles", where it is made with POST
	Create     *Exchange
	Read       *Exchange
	Write      *Exchange
	Delete     *Exchange
	ids        map[string]bool // ids that were seen in the last place
}

// Name is how a person calls it: "articles".
func (r *Resource) Name() string {
	parts := strings.Split(strings.Trim(strings.ReplaceAll(r.Path, "/{key}", ""), "/"), "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "" && !strings.HasPrefix(parts[i], "{") {
			return regexp.MustCompile(`[^A-Za-z0-9_.-]+`).ReplaceAllString(parts[i], "-")
		}
	}
	return "resource"
}

// Resources groups exchanges by the thing that they are about, best first:
// those that can be read and written, with what tells versions.
func (s *Source) Resources() []*Resource {
	known := producedIDs(s.Exchanges)
	byPath := map[string]*Resource{}
	var order []*Resource
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		path, id := s.template(x, known)
		if id == "" {
			continue // a collection: looked up below
		}
		r := byPath[path]
		if r == nil {
			r = &Resource{Path: path, Parents: parents(path), Collection: strings.TrimSuffix(path, "/{key}"), ids: map[string]bool{}}
			byPath[path] = r
			order = append(order, r)
		}
		r.ids[id] = true
		r.take(x)
	}
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		if x.Method != http.MethodPost {
			continue
		}
		path, id := s.template(x, known)
		if id != "" {
			path = "" // an action on an item
		}
		for _, r := range order {
			if path == strings.TrimSuffix(r.Path, "/{key}") && better(r.Create, x) {
				r.Create = x
			}
		}
	}
	out := order[:0]
	for _, r := range order {
		if r.Write != nil {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *Resource) int { return b.score() - a.score() })
	return out
}

// maker is the request that makes what a collection holds, nil when none is
// known.
func (s *Source) maker(collection string) *Resource {
	known := producedIDs(s.Exchanges)
	r := &Resource{Path: collection + "/{key}", Collection: collection, ids: known}
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		if path, id := s.template(x, known); x.Method == http.MethodPost && id == "" && path == collection && better(r.Create, x) {
			r.Create = x
		}
	}
	if r.Create == nil {
		return nil
	}
	return r
}

// take files an exchange by what its method means for the item.
func (r *Resource) take(x *Exchange) {
	switch x.Method {
	case http.MethodGet:
		if better(r.Read, x) {
			r.Read = x
		}
	case http.MethodPut, http.MethodPatch:
		// A whole document tells more of a lost update than a part of it.
		if r.Write == nil || better(r.Write, x) && (r.Write.Method == x.Method || x.Method == http.MethodPut) {
			r.Write = x
		}
	case http.MethodDelete:
		if better(r.Delete, x) {
			r.Delete = x
		}
	}
}

// better prefers what was answered with success, and with a body.
func better(now, next *Exchange) bool {
	rank := func(x *Exchange) int {
		switch {
		case x == nil:
			return -1
		case x.Status/100 == 2 && (x.Answer != "" || x.Body != ""):
			return 3
		case x.Status/100 == 2:
			return 2
		case x.Status == 0:
			return 1
		}
		return 0
	}
	return rank(next) > rank(now)
}

func (r *Resource) score() int {
	n := 0
	for _, x := range []*Exchange{r.Read, r.Create, r.Delete} {
		if x != nil {
			n += 2
		}
	}
	if r.Read == nil {
		n -= 10
	}
	if v := findVersion(r); v.capture != "" {
		n += 3
	}
	return n - 2*len(r.Parents)
}

var placeOfID = regexp.MustCompile(`^(\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{12,}|[0-9A-HJKMNP-TV-Z]{26}|[A-Za-z]{1,5}[-_]\d+)$`)

// producedIDs are texts that an answer gave as an id, or that only one path
// has in a place where others have something else: segments that are ids.
func producedIDs(exchanges []Exchange) map[string]bool {
	known := map[string]bool{}
	for i := range exchanges {
		x := &exchanges[i]
		if x.Method != http.MethodPost || x.Described {
			continue
		}
		if at := x.AnswerHeader.Get("Location"); at != "" {
			known[lastSegment(at)] = true
		}
		for _, l := range leaves(x.Answer) {
			if idName(l.name()) && l.text() != "" {
				known[l.text()] = true
			}
		}
	}
	delete(known, "")
	return known
}

func lastSegment(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// template turns a path into the one of its resource; id is what stood in the
// last place, "" when the path ends with no id.
func (s *Source) template(x *Exchange, known map[string]bool) (path, id string) {
	rel := x.URL.Path
	if base := basePath(s.Base); base != "" {
		rel = strings.TrimPrefix(rel, base)
	}
	parts := strings.Split(strings.Trim(rel, "/"), "/")
	last := -1
	for i, p := range parts {
		isID := strings.HasPrefix(p, "{") && strings.HasSuffix(p, "}")
		if !x.Described {
			isID = i > 0 && (placeOfID.MatchString(p) || known[p])
			// PUT and DELETE name a thing; nothing else about it is known.
			if i > 0 && i == len(parts)-1 && (x.Method == http.MethodPut || x.Method == http.MethodDelete) {
				isID = true
			}
		}
		if isID {
			last = i
		}
	}
	if last != len(parts)-1 || last < 0 {
		return "/" + strings.Join(s.named(parts, x, known, -1), "/"), ""
	}
	id = parts[last]
	return "/" + strings.Join(s.named(parts, x, known, last), "/"), id
}

// named puts {key} into the last place of an id and {id1}, {id2} into those
// before it.
func (s *Source) named(parts []string, x *Exchange, known map[string]bool, last int) []string {
	out := slices.Clone(parts)
	n := 0
	for i, p := range parts {
		isID := strings.HasPrefix(p, "{") && strings.HasSuffix(p, "}") || !x.Described && i > 0 && (placeOfID.MatchString(p) || known[p])
		switch {
		case i == last:
			out[i] = "{key}"
		case isID:
			n++
			out[i] = "{id" + string(rune('0'+min(n, 9))) + "}"
		}
	}
	return out
}

func parents(path string) []string {
	var out []string
	for _, p := range strings.Split(path, "/") {
		if strings.HasPrefix(p, "{id") {
			out = append(out, strings.Trim(p, "{}"))
		}
	}
	return out
}

func basePath(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	if _, path, ok := strings.Cut(rest, "/"); ok {
		return "/" + path
	}
	return ""
}
