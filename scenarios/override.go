package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// override applies TUSSLE_* variables and then --set to the tree, so that
// overrides pass through the same checks as the file. It returns what it did.
func (d *decoder) override(opt Options) []string {
	var done []string
	for _, path := range singlePaths(reflect.TypeFor[Scenario](), "") {
		name := "TUSSLE_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
		if v, ok := d.env(name); ok && v != "" {
			if d.assign(strings.Split(path, "."), v, name+"="+v) {
				done = append(done, name+"="+v)
			}
		}
	}
	for _, o := range opt.Set {
		by := "--set " + o
		path, v, ok := strings.Cut(o, "=")
		names := splitPath(strings.TrimSpace(path))
		if !ok || len(names) == 0 {
			d.problems = append(d.problems, Problem{File: by, Message: "has no path and value", Expected: "--set load.clients=64"})
			continue
		}
		if d.assign(names, strings.TrimSpace(v), by) {
			done = append(done, o)
		}
	}
	d.doc.index()
	return done
}

// singlePaths lists the paths of single values that are in no list and in no
// table with free keys.
func singlePaths(t reflect.Type, path string) []string {
	var out []string
	for _, f := range fieldsOf(t) {
		at := join(path, f.name)
		switch {
		case f.typ.Kind() == reflect.Struct && f.typ != spreadType && f.typ != skewType && f.typ != textType:
			out = append(out, singlePaths(f.typ, at)...)
		case f.typ.Kind() == reflect.Slice, f.typ.Kind() == reflect.Map, f.typ.Kind() == reflect.Interface:
		case f.typ.Kind() == reflect.Pointer && f.typ.Elem().Kind() == reflect.Struct:
		default:
			out = append(out, at)
		}
	}
	return out
}

// assign sets one value of the tree. Names lead through tables; a list of
// tables is entered by an index or by the name of its member.
func (d *decoder) assign(names []string, text, by string) bool {
	at := ""
	table := d.doc.tree
	for i, name := range names {
		at = join(at, name)
		if i == len(names)-1 {
			table[name] = parseValue(text)
			d.doc.over[at] = by
			return true
		}
		next, ok := table[name]
		if !ok {
			next = map[string]any{}
			table[name] = next
			d.doc.over[at] = by
		}
		switch next := next.(type) {
		case map[string]any:
			table = next
			continue
		case []any:
			if i+2 < len(names) {
				if m, n, ok := member(next, names[i+1]); ok {
					return d.assignIn(m, element(at, n), names[i+2:], text, by)
				}
			}
			d.problems = append(d.problems, Problem{File: by, Message: fmt.Sprintf("%s has no member %q", at, names[i+1]),
				Expected: fmt.Sprintf("the name or the index of one, then its key: --set %s.0.KEY=VALUE", at)})
			return false
		}
		d.problems = append(d.problems, Problem{File: by, Message: fmt.Sprintf("%s is no table", at)})
		return false
	}
	return false
}

// assignIn goes on within one member of a list.
func (d *decoder) assignIn(table map[string]any, at string, names []string, text, by string) bool {
	for i, name := range names {
		at = join(at, name)
		if i == len(names)-1 {
			table[name] = parseValue(text)
			d.doc.over[at] = by
			return true
		}
		next, ok := table[name].(map[string]any)
		if !ok {
			if _, there := table[name]; there {
				d.problems = append(d.problems, Problem{File: by, Message: fmt.Sprintf("%s is no table", at)})
				return false
			}
			next = map[string]any{}
			table[name] = next
			d.doc.over[at] = by
		}
		table = next
	}
	return false
}

// member finds a member of a list of tables by index or name.
func member(list []any, name string) (map[string]any, int, bool) {
	for i, v := range list {
		m, ok := v.(map[string]any)
		if ok && (strconv.Itoa(i) == name || m["name"] == name) {
			return m, i, true
		}
	}
	return nil, 0, false
}

// splitPath cuts a path at its dots; quoted names may hold dots.
func splitPath(path string) []string {
	p := &placer{text: path}
	names := p.key()
	if p.i < len(path) {
		return nil
	}
	return names
}

// parseValue reads a value as TOML writes it, or takes it as a text.
func parseValue(text string) any {
	tree := map[string]any{}
	if _, err := toml.Decode("v = "+text, &tree); err == nil && len(tree) == 1 {
		if v, ok := tree["v"]; ok {
			return normal(v)
		}
	}
	return text
}
