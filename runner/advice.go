package runner

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"html"
	"regexp"
	"strings"
	"syscall"
	"unicode"

	"tussle/runner/transport"
)

// tlsAdvice says what to do about a failed TLS handshake, "" when the error is
// of another kind. Such an error does not heal by waiting.
func tlsAdvice(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plain tls.RecordHeaderError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &unknown):
		return `the target's certificate comes from an authority that this machine does not trust: name its PEM file as ca = "..." in [target.tls]`
	case errors.As(err, &name):
		return `the target's certificate is for another name: say which as server_name = "..." in [target.tls], or change the host in target.url`
	case errors.As(err, &invalid):
		return "the target's certificate cannot be used; is it out of date?"
	case errors.As(err, &plain):
		return "the target does not speak TLS there: http:// in target.url, or another port"
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "unsupported protocol version"), strings.Contains(text, "protocol version not supported"):
		return "the target offers only TLS 1.1 or older, which is not secure (RFC 8996): tussle wants TLS 1.2 or newer"
	case strings.Contains(text, transport.SpeaksTLS):
		return "write https:// in target.url"
	}
	if strings.Contains(text, "remote error: tls: handshake failure") {
		return `the target refused the handshake; if it wants a client certificate, name its PEM files as cert = "..." and key = "..." in [target.tls]`
	}
	for _, alert := range []string{"certificate required", "bad certificate", "unknown certificate", "certificate expired", "certificate unknown"} {
		if strings.Contains(text, "tls: ") && strings.Contains(text, alert) {
			return `the target wants a client certificate that it trusts: name its PEM files as cert = "..." and key = "..." in [target.tls]`
		}
	}
	return ""
}

// adviceOn is what to do about a request that got no answer.
func adviceOn(err error, otherwise string) string {
	switch hint := tlsAdvice(err); {
	case hint != "":
		return hint
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return "this machine lets a process open no more files, and each client needs one: raise the limit (ulimit -n), or lower load.clients"
	case err != nil && strings.Contains(err.Error(), "the proxy "):
		return "the proxy comes from HTTP_PROXY and HTTPS_PROXY; a host that is named in NO_PROXY is asked directly"
	}
	return otherwise
}

// because is an error as the end of a sentence, "" without one.
func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// excerptLength is how much of an answer an error message shows, in characters.
const excerptLength = 200

var (
	unshown = regexp.MustCompile(`(?is)<head\b.*?</head\s*>|<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->`)
	tags    = regexp.MustCompile(`(?s)</?[A-Za-z!?][^>]*>`)
)

// excerpt is the beginning of an answer as one plain line: a page without its
// tags, and nothing that drives a terminal.
func excerpt(answer string) string {
	if strings.HasPrefix(strings.TrimSpace(answer), "<") {
		answer = tags.ReplaceAllString(unshown.ReplaceAllString(answer, " "), " ")
		if i := strings.LastIndexByte(answer, '<'); i >= 0 && !strings.Contains(answer[i:], ">") {
			answer = answer[:i] // a tag that was cut off
		}
		answer = html.UnescapeString(answer)
	}
	answer = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, answer)
	text := []rune(strings.Join(strings.Fields(answer), " "))
	if len(text) > excerptLength {
		text = append(text[:excerptLength], '…')
	}
	return string(text)
}

// cannotConnect words why a connection could not be opened; a login that
// failed says it better itself.
func cannotConnect(what string, err error, hint string) error {
	var c *CannotRun
	if errors.As(err, &c) {
		return c
	}
	return &CannotRun{What: what + err.Error(), Hint: adviceOn(err, hint)}
}
