package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// secret is one registered value.
type secret struct{ name, value string }

// table is what is looked for.
type table struct {
	known   map[secret]bool
	names   []string // that stand in for secrets: they are no secret themselves
	needles index
	longest int // bytes of the longest needle
}

// piece is the length in bytes from which a part of a secret is one too, where
// a captured text is recorded.
const piece = 8

// add adds a secret.
func (t *table) add(s secret) {
	if t.known[s] {
		return
	}
	if t.known == nil {
		t.known = map[secret]bool{}
	}
	t.known[s] = true
	if !slices.Contains(t.names, s.name) {
		t.names = append(t.names, s.name)
	}
	for _, text := range values(s.value) {
		for _, n := range forms(text) {
			n.name = s.name
			t.needles.add(n)
			t.longest = max(t.longest, len(n.text))
		}
		for i := 0; i+piece <= len(text); i++ {
			t.needles.add(needle{text: text[i : i+piece], name: s.name, part: true})
		}
	}
}

// margin is how far behind a window's end a secret may end that begins within
// it: a byte takes at most 12 bytes in the codings that are undone.
func (t *table) margin() int { return 12 * t.longest }

// values are the texts of a secret that are one by themselves: the whole, each
// line of a longer one such as a key file, and what base64 hides, as Basic
// credentials do (RFC 7617): the pair, and the password alone.
func values(v string) []string {
	out := []string{v}
	if strings.ContainsAny(v, "\r\n") {
		for _, line := range strings.FieldsFunc(v, func(r rune) bool { return r == '\r' || r == '\n' }) {
			if len(line) >= piece && !strings.HasPrefix(line, "-----") {
				out = append(out, line)
			}
		}
	}
	if pair, ok := readable(v); ok {
		out = append(out, pair)
		if _, password, ok := strings.Cut(pair, ":"); ok && len(password) >= shortest {
			out = append(out, password)
		}
	}
	return out
}

// readable undoes base64 that hides a text.
func readable(v string) (string, bool) {
	if i := strings.LastIndexByte(v, ' '); i >= 0 {
		v = v[i+1:] // behind a scheme: Basic dXNlcjpwYXNz
	}
	b, err := base64.StdEncoding.DecodeString(v)
	if err != nil || len(b) < shortest || !utf8.Valid(b) {
		return "", false
	}
	text := string(b)
	return text, strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// forms are the codings of a value in which it is looked for. Those that
// escape single characters are undone where they are found; see unfold.
func forms(v string) []needle {
	out := []needle{{text: v}, {text: hex.EncodeToString([]byte(v))}, {text: strings.ToUpper(hex.EncodeToString([]byte(v)))}}
	if strings.Contains(v, " ") {
		out = append(out, needle{text: strings.ReplaceAll(v, " ", "+")}, needle{text: url.QueryEscape(v)})
	}
	if len(v) >= piece {
		out = append(out, needle{text: strings.ToUpper(v)}, needle{text: strings.ToLower(v)})
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			// What stands before the secret moves it by so many bytes; the
			// characters that it shares with others are left out.
			text := enc.EncodeToString(append(make([]byte, before), v...))
			from, to := (8*before+5)/6, (8*(before+len(v)))/6
			if to-from >= shortest {
				out = append(out, needle{text: text[from:to], wide: true})
			}
		}
	}
	return out
}
