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
// right. {name + 1} calculates with it; what follows the operator is a number
// or another variable, and may have filters of the result. "{{" is a literal
// brace; a brace that is not followed by a letter is literal as well, so that
// JSON and WebDAV texts need no escapes.
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

	Sum *Sum // {name + 1}; nil where nothing is calculated
}

// Sum is what is calculated with a variable.
type Sum struct {
	Op      string   // +, -, * or /
	Operand string   // a number, or the name of a variable
	Filters []string // of the result
}

// Named reports whether the operand is a variable.
func (s *Sum) Named() bool { return isLetter(s.Operand[0]) }

// Names are the variables of a segment: none of a literal.
func (s *Segment) Names() []string {
	switch {
	case s.Var == "":
		return nil
	case s.Sum != nil && s.Sum.Named():
		return []string{s.Var, s.Sum.Operand}
	}
	return []string{s.Var}
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
	name := end
	sum, end, err := parseSum(s, end)
	if err != nil {
		return Segment{}, 0, err
	}
	if end == len(s) || s[end] != '}' {
		return Segment{}, 0, &TemplateError{
			Offset: from, Len: end - from,
			Message: fmt.Sprintf("the variable %s is not closed by }", s[from:end]),
			Hint:    "write {{ for a literal brace",
		}
	}
	words := strings.Split(s[from+1:name], ":")
	if err := checkFilters(words[1:], from+1+len(words[0])); err != nil {
		return Segment{}, 0, err
	}
	return Segment{Var: words[0], Filters: words[1:], Offset: from, Sum: sum}, end + 1, nil
}

// parseSum reads what follows a name that ends at from: " + 1", or nothing.
func parseSum(s string, from int) (*Sum, int, error) {
	at := skipBlanks(s, from)
	if at == from || at == len(s) || strings.IndexByte("+-*/", s[at]) < 0 || skipBlanks(s, at+1) == at+1 {
		return nil, from, nil
	}
	op := s[at : at+1]
	start := skipBlanks(s, at+1)
	end := start
	for end < len(s) && isVarByte(s[end]) {
		end++
	}
	words := strings.Split(s[start:end], ":")
	if !isNumber(words[0]) && (words[0] == "" || !isLetter(words[0][0])) {
		return nil, 0, &TemplateError{
			Offset: start, Len: max(end-start, 1),
			Message: fmt.Sprintf("%q is nothing to calculate with", words[0]),
			Hint:    "a number or a variable, as in {value + 1}",
		}
	}
	return &Sum{Op: op, Operand: words[0], Filters: words[1:]}, skipBlanks(s, end), checkFilters(words[1:], start+len(words[0]))
}

// checkFilters wants filters to be known; at is where the first colon stands.
func checkFilters(names []string, at int) error {
	for _, f := range names {
		at++
		if _, ok := filters[f]; !ok {
			return &TemplateError{
				Offset: at, Len: max(len(f), 1),
				Message: fmt.Sprintf("unknown filter %q", f),
				Hint:    "filters: " + strings.Join(sortedNames(filters), ", "),
				Word:    f, Known: sortedNames(filters),
			}
		}
		at += len(f)
	}
	return nil
}

func skipBlanks(s string, at int) int {
	for at < len(s) && s[at] == ' ' {
		at++
	}
	return at
}

// Vars returns the names of the variables in the order of their first use.
func (t Template) Vars() []string {
	var names []string
	for _, s := range t.Segments {
		for _, name := range s.Names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' }

func isVarByte(b byte) bool {
	return isLetter(b) || b >= '0' && b <= '9' || b == '.' || b == ':' || b == '-'
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
