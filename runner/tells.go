package runner

import (
	"fmt"
	"strings"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/transport"
)

// plainToTLS are the words in which servers answer plain HTTP on a port for
// TLS: those of Go's net/http, nginx, Apache and Jetty.
var plainToTLS = []string{"an HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port",
	"speaking plain HTTP to an SSL-enabled server port", "Invalid SNI"}

// tells adds to an error what the answer tells beyond its status: where a
// redirect leads, that a page came where an API was expected, that the port
// wants TLS. The hint is the answer's where it has a better one.
func tells(resp *transport.Response, why, hint string) (string, string) {
	body := strings.TrimSpace(string(resp.Body()[:min(len(resp.Body()), 4096)]))
	location := string(resp.Header("Location"))
	switch status := resp.Status(); {
	case status >= 300 && status < 400 && location != "":
		why += ", which redirects to " + excerpt(location)
		hint = "tussle follows no redirect: let target.url and the request name the place itself"
		if strings.HasPrefix(location, "https:") {
			hint = "tussle follows no redirect: write https:// in target.url"
		}
		for _, word := range []string{"login", "signin", "sign-in", "auth", "sso"} {
			if strings.Contains(strings.ToLower(location), word) {
				hint = "it looks like a login page: describe [[target.identity]] or [target.login], so that requests come with credentials"
			}
		}
	case status == 400 && holdsAny(body, plainToTLS):
		why += ": the port speaks TLS, and the request was plain HTTP"
		hint = "write https:// in target.url"
	case isPage(resp, body):
		title := ""
		if _, rest, ok := strings.Cut(body, "<title>"); ok {
			if text, _, ok := strings.Cut(rest, "<"); ok {
				title = fmt.Sprintf(" (%q)", excerpt(text))
			}
		}
		why += ": the answer is an HTML page" + title
		if status < 300 {
			hint = "is it a login page? describe [[target.identity]] or [target.login]; or does target.url lead to a web site instead of its API?"
		}
	}
	return why, hint
}

func holdsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// isPage reports whether an answer is HTML.
func isPage(resp *transport.Response, body string) bool {
	kind := strings.ToLower(string(resp.Header("Content-Type")))
	start := strings.ToLower(body[:min(len(body), 14)])
	return strings.HasPrefix(kind, "text/html") && body != "" || strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// lacks says where a capture looked and what the answer has instead, behind a
// colon; "" when there is nothing to say.
func lacks(d *dialect.Dialect, step history.Step, a *dialect.Answer) string {
	if why := d.Missing(step, a); why != "" {
		return ": " + why
	}
	return ""
}
