package wire

import (
	"strings"

	"github.com/tidwall/gjson"
)

// JSONPath is a gjson path as a person writes it. In gjson a component that begins
// with @ is a modifier; in OData and JSON-LD it is a member, whose name may
// even have a dot in it: @odata.etag, @id. What is no modifier of gjson's is
// therefore looked up as a member, with and without its dot.
type JSONPath struct {
	Text    string   // as written
	members []string // the same, escaped for gjson, in the order of trying; nil for a plain path
}

// PathOf reads a path.
func PathOf(text string) JSONPath {
	p := JSONPath{Text: text}
	if !strings.Contains(text, "@") {
		return p
	}
	parts := strings.Split(text, ".")
	for _, dots := range []int{1, 0, 2} { // dots that belong to the name
		if alt, ok := withMembers(parts, dots); ok {
			p.members = append(p.members, alt)
		}
	}
	return p
}

// withMembers escapes the components with an @ that are no modifiers, each
// joined with so many that follow it.
func withMembers(parts []string, dots int) (string, bool) {
	var out []string
	found := false
	for i := 0; i < len(parts); i++ {
		name := parts[i]
		if !isMember(name) {
			out = append(out, name)
			continue
		}
		if i+dots >= len(parts) {
			return "", false
		}
		found = true
		out = append(out, escapeMember(strings.Join(parts[i:i+dots+1], ".")))
		i += dots
	}
	return strings.Join(out, "."), found
}

// isMember reports whether a component is a member with an @ in its name that
// gjson would misread. One with an escape, a pipe or a query is left to gjson.
func isMember(name string) bool {
	if !strings.Contains(name, "@") || strings.ContainsAny(name, `\|{}[]()`) {
		return false
	}
	modifier, ok := strings.CutPrefix(name, "@")
	modifier, _, _ = strings.Cut(modifier, ":")
	return !ok || !gjson.ModifierExists(modifier, nil)
}

// escapeMember escapes what means something in a gjson path.
func escapeMember(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if strings.IndexByte(`.@*?#|!{}[]():\`, name[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// Get looks the path up in a document.
func (p *JSONPath) Get(doc string) gjson.Result {
	for _, alt := range p.members {
		if r := gjson.Get(doc, alt); r.Exists() {
			return r
		}
	}
	return gjson.Get(doc, p.Text)
}

// First is the path as it is most likely meant, for writing.
func (p *JSONPath) First() string {
	if len(p.members) > 0 {
		return p.members[0]
	}
	return p.Text
}
