package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Pattern is a template: a text with variables, cut into segments: "/articles/{key}" is
// a literal and a variable.
//
// A variable is {name} or {name:filter:filter}; filters apply from left to
// right. "{{" is a literal brace; a brace that is not followed by a letter is
// literal as well, so that JSON and WebDAV texts need no escapes.
type Pattern struct {
	Text     string // as written
	Segments []Segment
}

// Segment is a literal text, or a variable with its filters.
type Segment struct {
	Literal string
	Var     string // "" for a literal
	Filters []string
	Offset  int // byte offset in the template's text
}

// Filters lists what may follow a variable's name, with what it does.
func Filters() map[string]string { return filters }

var filters = map[string]string{
	"base64":    "standard base64",
	"base64url": "base64 with the URL alphabet, without padding",
	"json":      "JSON text: a text gets quotes and escapes",
	"number":    "a JSON number, whatever it was captured from",
	"text":      "a JSON string, whatever it was captured from",
	"seconds":   "a duration in whole seconds, rounded up",
	"ms":        "a duration in milliseconds",
	"quote":     "in double quotes, as an entity tag",
	"unquote":   "without W/ and the double quotes of an entity tag",
	"strong":    "an entity tag without its weak mark W/",
	"if":        "a WebDAV If list: (<token>), angle brackets added where missing",
	"coded":     "a WebDAV coded URL: <token>, angle brackets added where missing",
	"raw":       "not escaped for its place",
}

// captureFilters lists what may follow a capture, with what it does.
var captureFilters = map[string]string{
	"base64":    "decode standard base64",
	"base64url": "decode base64 with the URL alphabet",
	"ms":        "a number of milliseconds as a duration",
	"seconds":   "a number of seconds, or Second-30 as in RFC 4918, as a duration",
	"unquote":   "without W/ and the double quotes of an entity tag",
	"strong":    "an entity tag without its weak mark W/",
	"last":      "the last segment of a URL's path, as in Location",
}

// TemplateError is a mistake in a template or a capture.
type TemplateError struct {
	Offset  int // byte offset in the text
	Len     int
	Message string
	Hint    string
}

func (e *TemplateError) Error() string { return e.Message }

// ParseTemplate cuts a text into segments. It checks the form and the
// filters' names, not the variables' names. The error is a *TemplateError.
func ParseTemplate(s string) (Pattern, error) {
	t := Pattern{Text: s}
	var lit strings.Builder
	start := 0
	flush := func(next int) {
		if lit.Len() > 0 {
			t.Segments = append(t.Segments, Segment{Literal: lit.String(), Offset: start})
			lit.Reset()
		}
		start = next
	}
	for i := 0; i < len(s); {
		if s[i] != '{' {
			lit.WriteByte(s[i])
			i++
			continue
		}
		if strings.HasPrefix(s[i:], "{{") {
			lit.WriteByte('{')
			i += 2
			continue
		}
		if i+1 == len(s) || !isLetter(s[i+1]) {
			lit.WriteByte('{')
			i++
			continue
		}
		seg, end, err := parseVariable(s, i)
		if err != nil {
			return Pattern{}, err
		}
		flush(end)
		t.Segments = append(t.Segments, seg)
		i = end
	}
	flush(len(s))
	return t, nil
}

// Literal is a template without variables as it is sent: "{{" is one brace.
func Literal(s string) string {
	t, err := ParseTemplate(s)
	if err != nil {
		return s
	}
	var out strings.Builder
	for _, seg := range t.Segments {
		out.WriteString(seg.Literal)
	}
	return out.String()
}

// parseVariable reads the variable whose brace is at from.
func parseVariable(s string, from int) (Segment, int, error) {
	end := from + 1
	for end < len(s) && isVarByte(s[end]) {
		end++
	}
	if end == len(s) || s[end] != '}' {
		return Segment{}, 0, &TemplateError{
			Offset: from, Len: end - from,
			Message: fmt.Sprintf("the variable %s is not closed by }", s[from:end]),
			Hint:    "write {{ for a literal brace",
		}
	}
	words := strings.Split(s[from+1:end], ":")
	at := from + 1 + len(words[0])
	for _, f := range words[1:] {
		at++
		if _, ok := filters[f]; !ok {
			return Segment{}, 0, &TemplateError{
				Offset: at, Len: max(len(f), 1),
				Message: fmt.Sprintf("unknown filter %q", f),
				Hint:    suggest(f, sortedNames(filters), "filters"),
			}
		}
		at += len(f)
	}
	return Segment{Var: words[0], Filters: words[1:], Offset: from}, end + 1, nil
}

// Single returns the variable's name when the template is exactly one
// variable: then it keeps its JSON type, and is left out when it is unset.
func (t Pattern) Single() (name string, ok bool) {
	if len(t.Segments) == 1 && t.Segments[0].Var != "" {
		return t.Segments[0].Var, true
	}
	return "", false
}

// Vars returns the names of the variables in the order of their first use.
func (t Pattern) Vars() []string {
	var names []string
	for _, s := range t.Segments {
		if s.Var != "" && !slices.Contains(names, s.Var) {
			names = append(names, s.Var)
		}
	}
	return names
}

// Capture says where in an answer a text is found.
type Capture struct {
	Kind    string   // json, header, body, xml, regex, status
	Path    string   // JSON path (gjson), header name, XML element's local name, pattern (RE2)
	Filters []string // applied from left to right
}

// ParseCapture reads "json:PATH", "header:NAME", "xml:NAME", "regex:PATTERN",
// "body" or "status", each with filters such as ":base64" at its end. A pattern
// has exactly one group, which is the text. The error is a *TemplateError.
func ParseCapture(s string) (Capture, error) {
	kind, rest, more := strings.Cut(s, ":")
	c := Capture{Kind: kind}
	switch kind {
	case "json", "header", "xml", "regex":
		c.Path = rest
	case "body", "status":
		if more {
			c.Path = ":" + rest // only filters may follow
		}
	default:
		return c, &TemplateError{
			Len:     max(len(s), 1),
			Message: fmt.Sprintf("%q is not a capture", s),
			Hint:    `write "json:PATH", "header:NAME", "xml:NAME", "regex:PATTERN", "body" or "status"`,
		}
	}
	for {
		at := strings.LastIndexByte(c.Path, ':')
		if at < 0 {
			break
		}
		if _, ok := captureFilters[c.Path[at+1:]]; !ok {
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
			Hint:    fmt.Sprintf(`for example %q`, kind+":"+map[string]string{"json": "version", "header": "ETag", "xml": "getetag", "regex": `stock=(\d+)`}[kind]),
		}
	case !wantsPath && c.Path != "", kind == "header" && strings.Contains(c.Path, ":"):
		at := strings.LastIndexByte(s, ':') + 1
		return c, &TemplateError{
			Offset: at, Len: max(len(s)-at, 1),
			Message: fmt.Sprintf("unknown capture filter %q", s[at:]),
			Hint:    suggest(s[at:], sortedNames(captureFilters), "capture filters"),
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

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' }

func isVarByte(b byte) bool {
	return isLetter(b) || b >= '0' && b <= '9' || b == '.' || b == ':' || b == '-'
}

// CaptureFilters lists what may follow a capture, with what it does.
func CaptureFilters() map[string]string { return captureFilters }
