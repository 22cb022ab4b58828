package sound

import (
	"bufio"
	"net/http"
	"sync/atomic"
	"time"
)

// everyNth answers each nth request by itself.
func everyNth(n int64, only string, answer func(w http.ResponseWriter)) func(bool) http.Handler {
	return hooked(func(s *documents) {
		var count atomic.Int64
		s.early = func(w http.ResponseWriter, r *http.Request) bool {
			if only != "" && r.Method != only || count.Add(1)%n != 0 {
				return false
			}
			answer(w)
			return true
		}
	})
}

func brake(status int) func(w http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", "0")
		reply{status: status, body: `{"error":"slow down"}`}.send(w)
	}
}

// raw answers by the bytes of the connection.
func raw(w http.ResponseWriter, text string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	b := bufio.NewWriter(conn)
	b.WriteString(text)
	b.Flush()
}

var brakes = []Server{
	{Name: "brake-429", Tempts: "one request in nine is braked", Breaks: "no-lost-update", Scenario: describe("brake-429"),
		New: everyNth(9, "", brake(429))},
	{Name: "brake-503", Tempts: "one request in nine is braked with 503", Breaks: "no-lost-update", Scenario: describe("brake-503"),
		New: everyNth(9, "", brake(503))},
	{Name: "early-hints", Tempts: "103, and 102, before every answer", Breaks: "no-lost-update", Scenario: describe("early-hints"),
		New: hooked(func(s *documents) {
			s.early = func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Link", "</style.css>; rel=preload")
				w.WriteHeader(http.StatusEarlyHints)
				if r.Method != http.MethodGet {
					w.WriteHeader(http.StatusProcessing)
				}
				w.Header().Del("Link")
				return false
			}
		})},
	{Name: "late-final", Tempts: "103, and the answer a moment later", Breaks: "no-lost-update", Scenario: describe("late-final"),
		New: hooked(func(s *documents) {
			s.early = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusEarlyHints)
				time.Sleep(300 * time.Microsecond)
				return false
			}
		})},
	{Name: "torn-reads", Tempts: "one read in fifteen has an empty body", Breaks: "no-lost-update", Scenario: describe("torn-reads"),
		New: everyNth(15, http.MethodGet, func(w http.ResponseWriter) {
			w.Header().Set("ETag", `"torn"`)
			w.WriteHeader(200)
		})},
	{Name: "login-page", Tempts: "one read in fifteen is an HTML page with 200", Breaks: "no-lost-update", Scenario: describe("login-page"),
		New: everyNth(15, http.MethodGet, func(w http.ResponseWriter) {
			reply{200, map[string]string{"Content-Type": "text/html"}, "<!doctype html><title>Sign in</title><p>n by</p>"}.send(w)
		})},
	{Name: "half-documents", Tempts: "one read in fifteen lacks the field of the tag", Breaks: "no-lost-update", Scenario: describe("half-documents"),
		New: everyNth(15, http.MethodGet, func(w http.ResponseWriter) {
			reply{200, map[string]string{"ETag": `"half"`}, `{"n":0}`}.send(w)
		})},
	{Name: "closes", Tempts: "one read in fifteen ends with the connection", Breaks: "no-lost-update", Scenario: describe("closes"),
		New: everyNth(15, http.MethodGet, func(w http.ResponseWriter) {
			raw(w, "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"n\":")
		})},
}
