package wire

import "strings"

// ETag takes an entity tag apart (RFC 9110, 8.8.3): the opaque text between
// the quotes and whether the tag is weak. ok is false for anything else, such
// as a tag without quotes.
func ETag(s string) (opaque string, weak, ok bool) {
	s = strings.Trim(s, " \t")
	if strings.HasPrefix(s, "W/") {
		weak, s = true, s[2:]
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false, false
	}
	opaque = s[1 : len(s)-1]
	for i := range len(opaque) {
		if c := opaque[i]; c <= ' ' || c == '"' || c == 0x7f {
			return "", false, false
		}
	}
	return opaque, weak, true
}

// Strong is an entity tag without its weak mark.
func Strong(s string) string { return strings.TrimPrefix(strings.Trim(s, " \t"), "W/") }

// Unquote is an entity tag without weak mark and quotes; other texts stay.
func Unquote(s string) string {
	s = Strong(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// wrap adds s between two marks; the angle brackets that s may already have
// are not doubled.
func wrap(dst []byte, open, s, end string) []byte {
	if end != `"` {
		s = LockToken(s)
	}
	return append(append(append(dst, open...), s...), end...)
}

// LockToken is a Lock-Token header's coded URL without its brackets
// (RFC 4918, 10.5); other texts stay.
func LockToken(s string) string {
	s = strings.Trim(s, " \t")
	if len(s) >= 2 && s[0] == '<' && s[len(s)-1] == '>' {
		return s[1 : len(s)-1]
	}
	return s
}
