package expr

import (
	"slices"
	"strings"
)

// Schema names what an expression may speak of.
type Schema struct {
	Operations map[string][]string    // captures by operation
	Observed   map[string]Observation // observations by name
	All        bool                   // over all keys: every observation is a list
}

// Observation says what one observation captures.
type Observation struct {
	Fields []string
	Items  bool // it is a list of items, each with these fields
}

// Problem is a mistake in an expression, with its place in it.
type Problem struct {
	Line, Column int // from 1
	Text, Hint   string
}

func (p *Problem) Error() string {
	if p.Hint == "" {
		return p.Text
	}
	return p.Text + ": " + p.Hint
}

// Problems are all mistakes of one expression.
type Problems []*Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i := range p {
		texts[i] = p[i].Error()
	}
	return strings.Join(texts, "; ")
}

// oneOf words what was expected instead of a name.
func oneOf[V any](kind string, known map[string]V) string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "the scenario has no " + kind
	}
	return kind + " of the scenario: " + strings.Join(names, ", ")
}
