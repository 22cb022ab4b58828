package talk

import (
	"net/url"

	"tussle/runner/transport"
)

// MaxHops is how far redirects are followed.
const MaxHops = 5

// Leads is where a redirect leads within the target: the request target, and
// whether the same request is to be sent there (307, 308; RFC 9110, 15.4) or a
// GET.
func Leads(resp *transport.Response, base *url.URL, from []byte) (target string, same, ok bool) {
	switch resp.Status() {
	case 301, 302, 303:
	case 307, 308:
		same = true
	default:
		return "", false, false
	}
	at, err := base.Parse(string(from))
	if err == nil {
		at, err = at.Parse(string(resp.Header("Location")))
	}
	if err != nil || len(resp.Header("Location")) == 0 || at.Host != base.Host || at.Scheme != base.Scheme {
		return "", false, false
	}
	return at.RequestURI(), same, true
}

// GoTo makes the request the one that a redirect asks for.
func GoTo(req *transport.Request, target string, same bool) {
	if same || req.Method() == "HEAD" {
		req.SetTarget([]byte(target))
		return
	}
	req.Reset()
	req.SetMethod("GET")
	req.SetTarget([]byte(target))
}

// Safe reports whether a method only reads (RFC 9110, 9.2.1).
func Safe(method string) bool {
	return method == "GET" || method == "HEAD" || method == "OPTIONS"
}
