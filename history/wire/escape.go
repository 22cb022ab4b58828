package wire

import (
	"github.com/tidwall/gjson"
)

// escape adds a value as its place demands.
func escape(dst []byte, val Text, at place) []byte {
	switch at {
	case inPath:
		return percent(dst, val.S, pathByte)
	case inQuery, inForm:
		return percent(dst, val.S, queryByte)
	case inHeader:
		return headerText(dst, val.S)
	case inJSON:
		if val.Raw {
			return append(dst, val.S...)
		}
		return gjson.AppendJSONString(dst, val.S)
	case inString:
		return stringInner(dst, val.S)
	case inXML:
		return xmlText(dst, val.S)
	}
	return append(dst, val.S...)
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// pathByte: what a segment of a path may hold as it is (RFC 3986, 3.3),
// without the delimiters that some servers split segments at.
func pathByte(c byte) bool {
	return unreserved(c) || c == ':' || c == '@' || c == '$' || c == '&' || c == '+' || c == '='
}

func queryByte(c byte) bool { return unreserved(c) }

const hexDigits = "0123456789ABCDEF"

func percent(dst []byte, s string, keep func(byte) bool) []byte {
	for i := range len(s) {
		if c := s[i]; keep(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

// literalTarget cleans the literal part of a request target: what may not
// stand in one is escaped, what is escaped already stays.
func literalTarget(s string) string {
	return string(percent(nil, s, func(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' }))
}

// headerText turns control characters into spaces, so that no value can end a
// header.
func headerText(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c != 0x7f || c == '\t' {
			dst = append(dst, c)
		} else {
			dst = append(dst, ' ')
		}
	}
	return dst
}

// stringInner is a JSON string without its quotes.
func stringInner(dst []byte, s string) []byte {
	from := len(dst)
	dst = gjson.AppendJSONString(dst, s)
	end := len(dst) - 1
	copy(dst[from:], dst[from+1:end])
	return dst[:end-1]
}

func xmlText(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '&':
			dst = append(dst, "&amp;"...)
		case c == '<':
			dst = append(dst, "&lt;"...)
		case c == '>':
			dst = append(dst, "&gt;"...)
		case c == '"':
			dst = append(dst, "&quot;"...)
		case c == '\'':
			dst = append(dst, "&apos;"...)
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			dst = append(dst, "\uFFFD"...) // XML 1.0 has no form for it
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Path escapes a text that may have several segments for the path of a URL.
func Path(s string) string {
	return string(percent(nil, s, func(c byte) bool { return c == '/' || pathByte(c) }))
}
