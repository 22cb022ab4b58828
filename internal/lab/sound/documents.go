package sound

import (
	"fmt"
	"net/http"
	"strings"
)

// documents is an API for documents under conditional writes. What differs
// from server to server is a hook.
type documents struct {
	*shelf
	etag   func(d doc) string                                           // names a state
	match  func(sent string, d doc, etag string) bool                   // is the condition met?
	render func(d doc) reply                                            // a read's answer, without the ETag
	parse  func(r *http.Request) map[string]any                         // a write's fields
	early  func(w http.ResponseWriter, r *http.Request) (answered bool) // before anything else
	wrote  func(d doc, etag string) reply                               // a write's answer
	stale  reply
	delete func(s *documents, r *http.Request) reply
}

// newDocuments is the plain form: JSON, strong numbers as tags, 412.
func newDocuments(broken bool) *documents {
	return &documents{
		shelf:  newShelf(broken),
		etag:   func(d doc) string { return fmt.Sprintf(`"%d"`, d.rev) },
		match:  func(sent string, _ doc, etag string) bool { return sent == etag },
		render: func(d doc) reply { return reply{status: 200, body: jsonText(d.fields)} },
		parse:  fieldsOf,
		wrote:  func(_ doc, etag string) reply { return reply{204, map[string]string{"ETag": etag}, ""} },
		stale:  reply{status: 412, body: `{"error":"stale"}`},
	}
}

func (s *documents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.early != nil && s.early(w, r) {
		return
	}
	s.answer(r).send(w)
}

func (s *documents) answer(r *http.Request) reply {
	key := last(r)
	switch r.Method {
	case http.MethodGet:
		d, ok := s.get(key)
		if !ok || d.gone {
			return reply{status: 404, body: `{"error":"there is none"}`}
		}
		a := s.render(d)
		if a.header == nil {
			a.header = map[string]string{}
		}
		if tag := s.etag(d); tag != "" {
			a.header["ETag"] = tag
		}
		return a
	case http.MethodPut, http.MethodPatch:
		fields, sent, none := s.parse(r), r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
		return s.change(key, func(now doc, there bool) (*doc, reply) {
			there = there && !now.gone
			switch {
			case none == "*" && there:
				return nil, reply{status: 412, body: `{"error":"exists"}`}
			case sent != "" && (!there || !s.match(sent, now, s.etag(now))):
				return nil, s.stale
			}
			if r.Method == http.MethodPatch {
				fields = merged(now, fields)
			}
			return &doc{fields: fields}, reply{}
		}, func(d doc) reply { return s.wrote(d, s.etag(d)) })
	case http.MethodDelete:
		if s.delete != nil {
			return s.delete(s, r)
		}
		return s.remove(r, reply{status: 404, body: `{}`})
	}
	return reply{status: 405}
}

// remove deletes under If-Match; again is the answer when there is none.
func (s *documents) remove(r *http.Request, again reply) reply {
	sent := r.Header.Get("If-Match")
	return s.change(last(r), func(now doc, there bool) (*doc, reply) {
		if !there || now.gone {
			return nil, again
		}
		if sent != "" && !s.match(sent, now, s.etag(now)) {
			return nil, s.stale
		}
		return &doc{fields: now.fields, gone: true}, reply{}
	}, func(doc) reply { return reply{status: 204} })
}

// describe is the scenario of such an API; replacements fit it.
func describe(name string, replacements ...string) string {
	return strings.NewReplacer(append([]string{"NAME", name}, replacements...)...).Replace(`name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /docs/{key}"
body    = { n = "{value}", by = "{tag}" }

[target.read]
request = "GET /docs/{key}"
value   = "json:n"
version = "header:ETag"

[target.write]
request = "PUT /docs/{key}"
headers = { If-Match = "{version}" }
body    = { n = "{value}", by = "{tag}" }

[target.identify]
by  = "tag"
tag = "json:by"

[workload]
kind  = "counter"
keys  = 2
think = "1ms"

[[strategy]]
name    = "if-match"
locking = "optimistic"
`+again+"\n") + load
}
