package intake

import (
	"net/http"
	"strings"
)

// credential is a header that says who asks. Its value is a secret and is not
// copied: the draft names a variable of the environment.
type credential struct {
	header, env, prefix string
}

// skipped are headers that a client makes by itself, or that say nothing of
// the request.
func skipped(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Connection", "Content-Length", "Accept-Encoding", "User-Agent", "Origin", "Referer", "Accept-Language", "Cache-Control", "Pragma",
		"Dnt", "Te", "Priority", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Accept", "Upgrade-Insecure-Requests",
		"Traceparent", "X-Request-Id", "Postman-Token", "Transfer-Encoding", "Date":
		return true
	}
	return strings.HasPrefix(http.CanonicalHeaderKey(name), "Sec-") || strings.HasPrefix(http.CanonicalHeaderKey(name), "X-Forwarded-")
}

// secretHeader tells headers whose value is a secret.
func secretHeader(name string) bool {
	return oneWord(name, "authorization", "cookie", "token", "key", "apikey", "secret", "password", "session", "csrf", "xsrf", "auth", "signature")
}

// credentials are those that the requests on a resource carry.
func (r *Resource) credentials() []credential {
	var out []credential
	done := map[string]bool{}
	for _, x := range []*Exchange{r.Write, r.Read, r.Create, r.Delete} {
		if x == nil {
			continue
		}
		for name, values := range x.Header {
			canonical := http.CanonicalHeaderKey(name)
			if done[canonical] || skipped(name) || !secretHeader(name) || strings.EqualFold(name, "Idempotency-Key") {
				continue
			}
			done[canonical] = true
			c := credential{header: canonical, env: envName(canonical)}
			if canonical == "Authorization" {
				c.env = "API_TOKEN"
				if scheme, _, ok := strings.Cut(values[0], " "); ok {
					c.prefix = scheme + " "
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// envName is the variable of the environment for a header or a field.
func envName(header string) string {
	name := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(strings.TrimPrefix(header, "X-")))
	return "API_" + strings.TrimPrefix(name, "API_")
}

// login is a request that was answered with a token that later requests carry.
type login struct {
	exchange *Exchange
	token    leaf
}

// findLogin looks for the request that yields the token of a resource's
// requests.
func (s *Source) findLogin(r *Resource) *login {
	used := ""
	for _, x := range []*Exchange{r.Write, r.Read} {
		if x != nil && used == "" {
			_, used, _ = strings.Cut(x.Header.Get("Authorization"), " ")
		}
	}
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		if x.Method != http.MethodPost || used == "" {
			continue
		}
		secret := false
		for _, l := range bodyLeaves(x) {
			secret = secret || oneWord(l.name(), "password", "passwd", "secret", "pin")
		}
		for _, l := range leaves(x.Answer) {
			named := oneWord(l.name(), "token", "jwt", "access") && l.isText()
			if secret && (named && (used == "?" || x.Examples) || l.text() == used && used != "?") {
				return &login{x, l}
			}
		}
	}
	return nil
}

// secretField tells fields of a body whose value is not copied.
func secretField(name string) bool {
	return oneWord(name, "password", "passwd", "secret", "pin", "token", "apikey", "credential", "credentials", "cvv", "iban", "ssn") ||
		strings.EqualFold(name, "api_key")
}
