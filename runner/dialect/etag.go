package dialect

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

// ETags takes the value of If-Match or If-None-Match apart into its tags as
// written; the list "*" is any. Commas may stand within a tag. What is not a
// tag ends the list and makes ok false.
func ETags(s string) (tags []string, any, ok bool) {
	s = strings.Trim(s, " \t")
	if s == "*" {
		return nil, true, true
	}
	for s != "" {
		if s[0] == ',' || s[0] == ' ' || s[0] == '\t' {
			s = s[1:]
			continue
		}
		open := 0
		if strings.HasPrefix(s, "W/") {
			open = 2
		}
		if len(s) <= open || s[open] != '"' {
			return tags, false, false
		}
		end := strings.IndexByte(s[open+1:], '"')
		if end < 0 {
			return tags, false, false
		}
		tag := s[:open+1+end+1]
		if _, _, well := ETag(tag); !well {
			return tags, false, false
		}
		tags = append(tags, tag)
		s = s[len(tag):]
		if s != "" && s[0] != ',' && s[0] != ' ' && s[0] != '\t' {
			return tags, false, false
		}
	}
	return tags, false, len(tags) > 0
}

// strong is an entity tag without its weak mark.
func strong(s string) string { return strings.TrimPrefix(strings.Trim(s, " \t"), "W/") }

// unquote is an entity tag without weak mark and quotes; other texts stay.
func unquote(s string) string {
	s = strong(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// wrap adds s between two marks; the angle brackets that s may already have
// are not doubled.
func wrap(dst []byte, open, s, end string) []byte {
	if end != `"` {
		s = lockToken(s)
	}
	return append(append(append(dst, open...), s...), end...)
}

// lockToken is a Lock-Token header's coded URL without its brackets
// (RFC 4918, 10.5); other texts stay.
func lockToken(s string) string {
	s = strings.Trim(s, " \t")
	if len(s) >= 2 && s[0] == '<' && s[len(s)-1] == '>' {
		return s[1 : len(s)-1]
	}
	return s
}
