package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// document is one TOML text with its values and where they stand.
type document struct {
	file   string
	text   string
	lines  []string
	starts []int // byte offset of each line
	places map[string]place
	tree   map[string]any
	over   map[string]string // path -> what overrode it: "--set load.clients=64"
	set    map[string]bool   // every path that has a value
}

// parseDocument reads TOML. A syntax error is the only problem then, as
// nothing behind it can be trusted.
func parseDocument(file, text string) (*document, Problems) {
	d := &document{file: file, text: text, tree: map[string]any{}, over: map[string]string{}}
	d.lines = strings.Split(text, "\n")
	at := 0
	for i, l := range d.lines {
		d.starts = append(d.starts, at)
		at += len(l) + 1
		d.lines[i] = strings.TrimSuffix(l, "\r")
	}
	if at, what, most := tooMuch(text); what != "" {
		p := d.problemAt(span{at, at + 1})
		p.Message, p.Expected = what, most
		return d, Problems{p}
	}
	if _, err := toml.Decode(text, &d.tree); err != nil {
		p := Problem{File: file, Line: 1, Col: 1, Len: 1, Message: err.Error()}
		var pe toml.ParseError
		if errors.As(err, &pe) {
			from := min(max(pe.Position.Start, 0), len(text))
			p = d.problemAt(span{from, min(from+max(pe.Position.Len, 1), len(text))})
			if pe.Position.Line != p.Line && pe.Position.Line >= 1 && pe.Position.Line <= len(d.lines) {
				p = d.problemAt(span{d.starts[pe.Position.Line-1], d.starts[pe.Position.Line-1]})
			}
			p.Message = tomlWords(pe)
		}
		return d, Problems{p}
	}
	d.tree = normal(d.tree).(map[string]any)
	d.places = places(text)
	d.index()
	return d, nil
}

// tomlWords says a syntax error of the TOML library in our form.
func tomlWords(pe toml.ParseError) string {
	msg := pe.Message
	if msg == "" { // errors that come with a usage text carry only that
		_, msg, _ = strings.Cut(pe.Error(), ": ")
		if _, rest, ok := strings.Cut(msg, ": "); ok && strings.HasPrefix(msg, "line ") {
			msg = rest
		}
	}
	msg = strings.TrimSuffix(strings.TrimSpace(msg), ".")
	return oneLine("not TOML: " + msg)
}

// normal makes one form of what the TOML library yields: map[string]any,
// []any, string, int64, float64, bool; dates stay what they are.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, m := range v {
			v[k] = normal(m)
		}
		return v
	case []map[string]any:
		out := make([]any, len(v))
		for i, m := range v {
			out[i] = normal(m)
		}
		return out
	case []any:
		for i, m := range v {
			v[i] = normal(m)
		}
	}
	return v
}

// index fills set from the tree.
func (d *document) index() {
	d.set = map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if path != "" {
			d.set[path] = true
		}
		switch v := v.(type) {
		case map[string]any:
			for k, m := range v {
				walk(join(path, k), m)
			}
		case []any:
			for i, m := range v {
				walk(element(path, i), m)
			}
		}
	}
	walk("", d.tree)
}

// has reports whether the document sets path.
func (d *document) has(path string) bool { return d.set[path] }

// problemAt returns a problem that points at a stretch of the text.
func (d *document) problemAt(s span) Problem {
	s.from = min(max(s.from, 0), len(d.text))
	line, exact := slices.BinarySearch(d.starts, s.from)
	if !exact {
		line--
	}
	source := d.lines[line]
	from := min(s.from-d.starts[line], len(source))
	to := min(max(s.to-d.starts[line], from), len(source))
	return Problem{File: d.file, Line: line + 1, Source: source,
		Col: utf8.RuneCountInString(source[:from]) + 1,
		Len: max(utf8.RuneCountInString(source[from:to]), 1)}
}

// problem returns a problem at the value of path, or at its key.
func (d *document) problem(path string, atKey bool) Problem {
	for p := path; ; p = parent(p) {
		if by, ok := d.over[p]; ok {
			return Problem{File: by}
		}
		if at, ok := d.places[p]; ok {
			if atKey {
				return d.problemAt(at.key)
			}
			return d.problemAt(at.value)
		}
		if p == "" {
			return d.problemAt(span{0, 0})
		}
	}
}

// problemWithin returns a problem at a part of the text that is path's value:
// offset and length in bytes of the decoded string. It falls back to the
// whole value where escapes make that inexact.
func (d *document) problemWithin(path string, offset, length int) Problem {
	at, ok := d.places[path]
	if _, over := d.over[path]; over || !ok || length == 0 {
		return d.problem(path, false)
	}
	raw := d.text[at.value.from:at.value.to]
	if len(raw) < 2 || raw[0] == '"' && strings.Contains(raw, "\\") || strings.HasPrefix(raw, `"""`) || strings.HasPrefix(raw, "'''") ||
		raw[0] != '"' && raw[0] != '\'' || at.value.from+1+offset > at.value.to-1 {
		return d.problem(path, false)
	}
	from := at.value.from + 1 + offset
	return d.problemAt(span{from, min(from+length, at.value.to-1)})
}

// origin says where the value of path comes from, "" when it is not set here.
func (d *document) origin(path string) string {
	if !d.set[path] {
		return "" // a default within a table of which another value is set
	}
	for p := path; p != ""; p = parent(p) {
		if by, ok := d.over[p]; ok {
			word, _, _ := strings.Cut(by, "=")
			return strings.TrimSpace(word)
		}
		if at, ok := d.places[p]; ok {
			p := d.problemAt(at.key)
			return fmt.Sprintf("%s:%d", d.file, p.Line)
		}
	}
	return ""
}

// parent returns the path without its last name or index.
func parent(path string) string {
	quoted, cut := false, 0
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case (c == '.' || c == '[') && !quoted:
			cut = i
		}
	}
	return path[:cut]
}
