package history

import (
	"strings"
	"unicode/utf8"
)

// A target may answer bytes that are no UTF-8, and a line of the history is
// JSON. Such a byte stands as \xNN. So that two different texts never become
// one, a text in which there is such a byte, or a backslash before an x, has
// each of its own backslashes doubled; every other text stands as it is.

const hex = "0123456789abcdef"

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	from := len(dst)
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= 0x20 && b < utf8.RuneSelf && b != '"' && b != '\\' {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				return appendEscaped(dst[:from], s)
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '\\':
			if i+1 < len(s) && s[i+1] == 'x' {
				return appendEscaped(dst[:from], s)
			}
			dst = append(dst, '\\', b)
		case '"':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// appendEscaped appends a text with bytes that are no UTF-8, or with \x.
func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b == '\\':
			dst = append(dst, `\\\\`...) // two of them, each as JSON has it
		case b == '"':
			dst = append(dst, '\\', b)
		case b < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		case b >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				dst = append(dst, s[i:i+size]...)
				i += size
				continue
			}
			dst = append(dst, '\\', '\\', 'x', hex[b>>4], hex[b&15])
		default:
			dst = append(dst, b)
		}
		i++
	}
	return append(dst, '"')
}

// Raw returns the bytes that a text of the record stands for: what the target
// answered, or what it was sent.
func Raw(text string) string {
	if !strings.Contains(text, `\x`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		hi, lo := -1, -1
		if text[i+1] == 'x' && i+3 < len(text) {
			hi, lo = strings.IndexByte(hex, text[i+2]), strings.IndexByte(hex, text[i+3])
		}
		switch {
		case hi >= 0 && lo >= 0:
			b.WriteByte(byte(hi<<4 | lo))
			i += 3
		case text[i+1] == '\\':
			b.WriteByte('\\')
			i++
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}
