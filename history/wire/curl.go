package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Curl returns a command for bash that sends the request as it is. Secrets are
// the shell's own variables, so that it runs where those are set.
func (r Request) Curl() string {
	b := strings.Builder{}
	b.WriteString("curl -sS -i")
	switch {
	case r.Method == "HEAD":
		b.WriteString(" --head") // -X HEAD would wait for a body
	case r.Method != "GET" || r.HasBody:
		b.WriteString(" -X " + r.Method)
	}
	if strings.ContainsAny(r.URL, "[]{}") {
		b.WriteString(" --globoff")
	}
	if strings.Contains(r.URL, "/./") || strings.Contains(r.URL, "/../") || strings.HasSuffix(r.URL, "/..") || strings.HasSuffix(r.URL, "/.") {
		b.WriteString(" --path-as-is")
	}
	b.WriteString(" " + word(r.URL))
	for _, h := range r.Headers {
		if h.Value == "" {
			b.WriteString(" -H " + word(h.Name+";")) // curl's way to send an empty one
			continue
		}
		b.WriteString(" -H " + word(h.Name+": "+h.Value))
	}
	if r.HasBody {
		if r.Header("Content-Type") == nil {
			b.WriteString(" -H 'Content-Type:'") // curl would call it a form
		}
		option := " --data-binary "
		if strings.HasPrefix(r.Body, "@") {
			option = " --data-raw " // the other would read a file
		}
		b.WriteString(option + word(r.Body))
	}
	if !r.HasBody && r.Method != "GET" && r.Method != "HEAD" && r.Method != "DELETE" && r.Header("Content-Length") == nil {
		b.WriteString(" -H 'Content-Length: 0'") // curl would say nothing, and some servers answer 411 then
	}
	for _, f := range [][2]string{{"--cacert", r.CA}, {"--cert", r.Cert}, {"--key", r.Key}} {
		if f[1] != "" {
			b.WriteString(" " + f[0] + " " + word(f[1]))
		}
	}
	switch s := r.Sign; {
	case s == nil:
	case s.Kind == "sigv4":
		b.WriteString(" --aws-sigv4 " + word("aws:amz:"+s.Region+":"+s.Service) + " --user " + word(Secret(s.Key)+":"+Secret(s.Secret)))
	default:
		b.WriteString(" # to be signed: " + s.Kind)
	}
	return b.String()
}

// word quotes a text for bash; marks become variables.
func word(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for i, piece := range strings.Split(s, "\x00") {
		switch {
		case i%2 == 1:
			b.WriteString(`"$` + piece + `"`)
		case piece == "":
		case plain(piece):
			b.WriteString("'" + strings.ReplaceAll(piece, "'", `'\''`) + "'")
		default:
			b.WriteString(escaped(piece))
		}
	}
	return b.String()
}

// plain reports whether a text can stand on a page and in a shell as it is.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// escaped is a text in bash's $'...', which says every byte in ASCII.
func escaped(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
