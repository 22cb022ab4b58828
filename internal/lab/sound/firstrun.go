package sound

import "net/http"

// Newcomers are servers that break no promise, or none that was made, and that
// a first run meets before its scenario fits them. Breaks is what the first
// line of the verdict says.
func Newcomers() []Server {
	unprotected := func(bool) http.Handler {
		s := newDocuments(true)
		s.match = func(string, doc, string) bool { return true }
		return s
	}
	return []Server{
		{Name: "unprotected", Breaks: "NO VERDICT  Nothing was promised, and if-match lost ", New: unprotected,
			Scenario: describe("unprotected", `headers = { If-Match = "{version}" }`, "", `locking = "optimistic"`, `locking = "none"`)},
		{Name: "server-errors", Breaks: "were answered 5xx", Scenario: describe("server-errors"),
			New: everyNth(10, http.MethodPut, func(w http.ResponseWriter) { reply{status: 500, body: `{"error":"oops"}`}.send(w) })},
		{Name: "stale-is-403", Breaks: `operations ended with 403 "cannot lock ref": is it a conflict?`, Scenario: describe("stale-is-403"),
			New: hooked(func(s *documents) { s.stale = reply{status: 403, body: `{"message":"cannot lock ref"}`} })},
		{Name: "stale-is-400", Breaks: `operations ended with 400 "version does not match": is it a conflict?`, Scenario: describe("stale-is-400"),
			New: hooked(func(s *documents) { s.stale = reply{status: 400, body: `{"message":"version does not match"}`} })},
	}
}
