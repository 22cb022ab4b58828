package intake

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// leaf is one value of a JSON document and its place.
type leaf struct {
	path  []string
	value any // string, json.Number, bool, nil
}

func (l leaf) name() string { return l.path[len(l.path)-1] }

// depth of a field that stands in an envelope of one level is 2.
func (l leaf) depth() int { return len(l.path) }

func (l leaf) text() string {
	switch v := l.value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

func (l leaf) integer() bool {
	n, ok := l.value.(json.Number)
	if !ok {
		return false
	}
	_, err := strconv.ParseInt(n.String(), 10, 64)
	return err == nil
}

func (l leaf) isText() bool { _, ok := l.value.(string); return ok }

var gjsonSpecial = strings.NewReplacer(`\`, `\\`, ".", `\.`, "*", `\*`, "?", `\?`, "|", `\|`, "#", `\#`, "@", `\@`, "!", `\!`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "=", `\=`, "<", `\<`, ">", `\>`, "%", `\%`, ":", `\:`)

// capture is where it is, as a scenario says it: json:data.stock.
func (l leaf) capture() string {
	parts := make([]string, len(l.path))
	for i, p := range l.path {
		parts[i] = gjsonSpecial.Replace(p)
	}
	return "json:" + strings.Join(parts, ".")
}

// parse reads a JSON document with its numbers as they are written.
func parse(text string) (any, bool) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	return v, true
}

// leaves lists the values of a JSON object, outermost first; lists are not
// entered. A text that is no JSON object has none.
func leaves(text string) []leaf {
	v, ok := parse(text)
	if !ok {
		return nil
	}
	var out []leaf
	var walk func(at []string, v any, depth int)
	walk = func(at []string, v any, depth int) {
		m, ok := v.(map[string]any)
		if !ok || depth > exampleDepth || len(out) > 2000 {
			return
		}
		for _, k := range slices.Sorted(maps.Keys(m)) {
			path := append(slices.Clone(at), k)
			switch inner := m[k].(type) {
			case map[string]any:
				walk(path, inner, depth+1)
			case []any:
			default:
				out = append(out, leaf{path, inner})
			}
		}
	}
	walk(nil, v, 0)
	slices.SortStableFunc(out, func(a, b leaf) int { return a.depth() - b.depth() })
	return out
}

// words cuts a name into its lower-case words: lockVersion, lock_version and
// lock-version are the same.
func words(name string) []string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' && i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.FieldsFunc(strings.ToLower(b.String()), func(r rune) bool { return r == ' ' || r == '_' || r == '-' || r == '.' || r == '@' || r == '$' })
}

func oneWord(name string, of ...string) bool {
	for _, w := range words(name) {
		if slices.Contains(of, w) {
			return true
		}
	}
	return false
}

func idName(name string) bool {
	w := words(name)
	return len(w) == 1 && slices.Contains([]string{"id", "uuid", "guid", "key", "slug", "uid"}, w[0])
}
