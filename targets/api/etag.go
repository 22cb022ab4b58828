package api

import "strings"

// MatchStrong evaluates If-Match against the current entity tag, which is ""
// when there is no item. Tags match when both are strong and alike (RFC 9110,
// 8.8.3.2 and 13.1.1).
func MatchStrong(header, current string) bool {
	return matches(header, current, func(a, b string) bool {
		return a == b && !strings.HasPrefix(a, "W/")
	})
}

// MatchWeak evaluates whether If-None-Match names the current entity tag,
// which is "" when there is no item. Tags match when their opaque parts are
// alike (RFC 9110, 8.8.3.2 and 13.1.2).
func MatchWeak(header, current string) bool {
	return matches(header, current, func(a, b string) bool {
		return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/")
	})
}

func matches(header, current string, same func(a, b string) bool) bool {
	if current == "" {
		return false
	}
	rest := strings.Trim(header, " \t")
	if rest == "*" {
		return true
	}
	for rest != "" {
		rest = strings.TrimLeft(rest, " \t,")
		tag, after, ok := cutTag(rest)
		if !ok {
			return false // not a list of entity tags: nothing matches
		}
		if same(tag, current) {
			return true
		}
		rest = after
	}
	return false
}

// cutTag cuts one entity tag, with its W/ and quotes, off the front.
func cutTag(s string) (tag, rest string, ok bool) {
	open := 0
	if strings.HasPrefix(s, "W/") {
		open = 2
	}
	if len(s) <= open || s[open] != '"' {
		return "", "", false
	}
	end := strings.IndexByte(s[open+1:], '"')
	if end < 0 {
		return "", "", false
	}
	end += open + 2
	return s[:end], s[end:], true
}
