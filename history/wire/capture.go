package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Capture says where in an answer a text is found.
type Capture struct {
	Kind    string   // json, header, cookie, input, meta, body, xml, regex, status
	Path    string   // JSON path (gjson), name of a header, cookie, form field or meta element, XML element's local name, pattern (RE2)
	Filters []string // applied from left to right
}

// ParseCapture reads "json:PATH", "header:NAME", "xml:NAME", "regex:PATTERN",
// "cookie:NAME" (of a Set-Cookie), "input:NAME" and "meta:NAME" (of HTML: the
// value of a form's field, the content of a meta element), "body" or "status", each with filters such as ":base64" at its end. A pattern
// has exactly one group, which is the text. The error is a *TemplateError.
func ParseCapture(s string) (Capture, error) {
	kind, rest, more := strings.Cut(s, ":")
	c := Capture{Kind: kind}
	switch kind {
	case "json", "header", "xml", "regex", "cookie", "input", "meta":
		c.Path = rest
	case "body", "status":
		if more {
			c.Path = ":" + rest // only filters may follow
		}
	default:
		return c, &TemplateError{
			Len:     max(len(s), 1),
			Message: fmt.Sprintf("%q is not a capture", s),
			Hint:    `write "json:PATH", "header:NAME", "cookie:NAME", "input:NAME", "meta:NAME", "xml:NAME", "regex:PATTERN", "body" or "status"`,
		}
	}
	for {
		at := strings.LastIndexByte(c.Path, ':')
		if at < 0 {
			break
		}
		if _, ok := captured[c.Path[at+1:]]; !ok {
			break
		}
		c.Filters = append(c.Filters, c.Path[at+1:])
		c.Path = c.Path[:at]
	}
	slices.Reverse(c.Filters)
	wantsPath := kind != "body" && kind != "status"
	switch {
	case wantsPath && c.Path == "":
		return c, &TemplateError{
			Len:     max(len(s), 1),
			Message: fmt.Sprintf("the capture %q names no place", s),
			Hint:    fmt.Sprintf(`for example %q`, kind+":"+map[string]string{"json": "version", "header": "ETag", "xml": "getetag", "regex": `stock=(\d+)`, "cookie": "csrftoken", "input": "csrf_token", "meta": "csrf-token"}[kind]),
		}
	case !wantsPath && c.Path != "", kind == "header" && strings.Contains(c.Path, ":"):
		at := strings.LastIndexByte(s, ':') + 1
		return c, &TemplateError{
			Offset: at, Len: max(len(s)-at, 1),
			Message: fmt.Sprintf("unknown capture filter %q", s[at:]),
			Hint:    "capture filters: " + strings.Join(sortedNames(captured), ", "),
			Word:    s[at:], Known: sortedNames(captured),
		}
	}
	if kind == "regex" {
		return c, checkPattern(c.Path)
	}
	return c, nil
}

// checkPattern wants a regular expression with one group.
func checkPattern(pattern string) error {
	re, err := regexp.Compile(pattern)
	wrong := &TemplateError{Offset: len("regex:"), Len: len(pattern)}
	switch {
	case err != nil:
		wrong.Message = fmt.Sprintf("%q is not a regular expression: %s", clip(pattern), strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		wrong.Hint = "the syntax is RE2's; in TOML write it between '...', where a backslash is a backslash"
	case re.NumSubexp() != 1:
		wrong.Message = fmt.Sprintf("the pattern %q has %d groups", clip(pattern), re.NumSubexp())
		wrong.Hint = `one group in ( ) says which part is meant; (?: ) groups without being one`
	default:
		return nil
	}
	return wrong
}
