package intake

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func key(k string) string {
	if bareKey.MatchString(k) {
		return k
	}
	return quote(k)
}

// quote is a TOML string. strconv's escapes that TOML lacks are written as it
// has them.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f || r == 0xfffd:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

var looksLikeVariable = regexp.MustCompile(`\{([A-Za-z{])`)

// literal is a text that stays as it is where templates are read.
func literal(s string) string { return looksLikeVariable.ReplaceAllString(s, "{{$1") }

// inline is a JSON value as TOML writes it on one line, with templates or
// secrets in the places that change names. What has no value is left out:
// TOML has no null.
func inline(v any, at []string, change map[string]string) string {
	if by, ok := change[strings.Join(at, "\x00")]; ok {
		return by
	}
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			path := append(slices.Clone(at), k)
			text := inline(v[k], path, change)
			if text != "" {
				parts = append(parts, key(k)+" = "+text)
			}
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case []any:
		var parts []string
		for _, item := range v {
			if text := inline(item, append(slices.Clone(at), "[]"), nil); text != "" {
				parts = append(parts, text)
			}
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		return quote(literal(v))
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return v.String()
		}
		if f, err := strconv.ParseFloat(v.String(), 64); err == nil {
			text := strconv.FormatFloat(f, 'f', -1, 64)
			if !strings.Contains(text, ".") {
				text += ".0"
			}
			return text
		}
		return quote(v.String())
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
