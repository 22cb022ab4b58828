package wire

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Template is a text with variables, cut into segments: "/articles/{key}" is a
// literal and a variable.
//
// A variable is {name} or {name:filter:filter}; filters apply from left to
// right. "{{" is a literal brace; a brace that is not followed by a letter is
// literal as well, so that JSON and WebDAV texts need no escapes.
type Template struct {
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

// TemplateError is a mistake in a template or a capture.
type TemplateError struct {
	Offset  int // byte offset in the text
	Len     int
	Message string
	Hint    string

	// Word is what is not known, where that is the mistake, and Known what is.
	Word  string
	Known []string
}

func (e *TemplateError) Error() string { return e.Message }

// ParseTemplate cuts a text into segments. It checks the form and the
// filters' names, not the variables' names. The error is a *TemplateError.
func ParseTemplate(s string) (Template, error) {
	t := Template{Text: s}
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
			return Template{}, err
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
				Hint:    "filters: " + strings.Join(sortedNames(filters), ", "),
				Word:    f, Known: sortedNames(filters),
			}
		}
		at += len(f)
	}
	return Segment{Var: words[0], Filters: words[1:], Offset: from}, end + 1, nil
}

// Vars returns the names of the variables in the order of their first use.
func (t Template) Vars() []string {
	var names []string
	for _, s := range t.Segments {
		if s.Var != "" && !slices.Contains(names, s.Var) {
			names = append(names, s.Var)
		}
	}
	return names
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' }

func isVarByte(b byte) bool {
	return isLetter(b) || b >= '0' && b <= '9' || b == '.' || b == ':' || b == '-'
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
