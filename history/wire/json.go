package wire

import "github.com/tidwall/gjson"

// MaxDepth is the deepest nesting of JSON that is looked at. The parsers
// recurse, and Go ends a program whose stack overflows.
const MaxDepth = 5000

// ValidJSON reports whether b is one JSON text that is not nested too deep.
func ValidJSON(b []byte) bool {
	return len(b) > 0 && (len(b) <= MaxDepth || Shallow(b)) && gjson.ValidBytes(b)
}

// Shallow reports whether b opens at most MaxDepth brackets at a time.
func Shallow(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > MaxDepth {
				return false
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return true
}

// clip shortens a text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}
