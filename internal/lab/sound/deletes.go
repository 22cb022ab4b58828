package sound

import "net/http"

// lifecycle is the scenario of a documents server whose documents come and go.
func lifecycle(name string, replacements ...string) string {
	return describe(name, append([]string{
		"[target.identify]", `[target.create]
request = "PUT /docs/{key}"
headers = { If-None-Match = "*" }
body    = { n = "{value}", by = "{tag}" }

[target.delete]
request = "DELETE /docs/{key}"
headers = { If-Match = "{version}" }

[target.identify]`,
		`kind  = "counter"`, `kind  = "lifecycle"`,
		"[[strategy]]", `[[target.outcome]]
step   = "create"
status = 412
class  = "exists"

[[target.outcome]]
step   = ["write", "delete"]
status = [404, 410]
class  = "stale"

[[strategy]]`}, replacements...)...)
}

// removing makes a documents server that answers a second delete so.
func removing(again reply) func(bool) http.Handler {
	return hooked(func(s *documents) {
		s.delete = func(s *documents, r *http.Request) reply { return s.remove(r, again) }
	})
}

var deletes = []Server{
	{Name: "delete-again-404", Tempts: "a second delete is refused", Breaks: "no-lost-update", Scenario: lifecycle("delete-again-404"),
		New: removing(reply{status: 404, body: `{}`})},
	{Name: "delete-again-204", Tempts: "a second delete is answered as the first (RFC 9110, 13.1.1)", Breaks: "no-lost-update", Scenario: lifecycle("delete-again-204"),
		New: removing(reply{status: 204})},
	{Name: "tombstone-410", Tempts: "what was deleted is 410", Breaks: "no-lost-update", Scenario: lifecycle("tombstone-410"),
		New: hooked(func(s *documents) {
			s.delete = func(s *documents, r *http.Request) reply { return s.remove(r, reply{status: 410, body: `{}`}) }
			s.early = func(w http.ResponseWriter, r *http.Request) bool {
				d, ok := s.get(last(r))
				if r.Method != http.MethodGet || !ok || !d.gone {
					return false
				}
				reply{status: 410, body: `{"gone":true}`}.send(w)
				return true
			}
		})},
	{Name: "tombstone-200", Tempts: "what was deleted is 200 with a mark", Breaks: "no-lost-update",
		Scenario: lifecycle("tombstone-200", `[target.write]`, `absent  = { json = "deleted", equals = true }`+"\n\n[target.write]"),
		New: hooked(func(s *documents) {
			s.delete = func(s *documents, r *http.Request) reply { return s.remove(r, reply{status: 204}) }
			s.early = func(w http.ResponseWriter, r *http.Request) bool {
				d, ok := s.get(last(r))
				if r.Method != http.MethodGet || !ok || !d.gone {
					return false
				}
				reply{200, map[string]string{"ETag": s.etag(d)}, `{"deleted":true}`}.send(w)
				return true
			}
		})},
	{Name: "null-for-none", Tempts: "200 and null for what is not there", Breaks: "no-lost-update",
		Scenario: lifecycle("null-for-none", `[target.write]`, `absent  = { body = "null" }`+"\n\n[target.write]"),
		New: hooked(func(s *documents) {
			s.early = func(w http.ResponseWriter, r *http.Request) bool {
				d, ok := s.get(last(r))
				if r.Method != http.MethodGet || ok && !d.gone {
					return false
				}
				reply{status: 200, body: `null`}.send(w)
				return true
			}
		})},
	{Name: "delete-with-body", Tempts: "a delete is answered with the document that was", Breaks: "no-lost-update", Scenario: lifecycle("delete-with-body"),
		New: hooked(func(s *documents) {
			s.delete = func(s *documents, r *http.Request) reply {
				was, _ := s.get(last(r))
				a := s.remove(r, reply{status: 404, body: `{}`})
				if a.status == 204 {
					a = reply{200, map[string]string{"ETag": s.etag(was)}, jsonText(was.fields)}
				}
				return a
			}
		})},
}
