package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// override applies TUSSLE_* variables and then --set to the tree, so that
// overrides pass through the same checks as the file. It returns what it did.
func (d *decoder) override(opt Options) []string {
	var done []string
	d.before = namesOf(d.doc.tree["strategy"])
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

// SetKeys are the keys that --set and, in upper case, TUSSLE_* take without
// naming a member of a list: "load.clients", "target.url".
func SetKeys() []string { return singlePaths(reflect.TypeFor[Scenario](), "") }

// singlePaths lists the paths of single values that are in no list and in no
// table with free keys.
func singlePaths(t reflect.Type, path string) []string {
	var out []string
	for _, f := range fieldsOf(t) {
		at := join(path, f.name)
		switch {
		case f.typ.Kind() == reflect.Struct && !single(f.typ):
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
			var before []string
			if at == "strategy" {
				before = d.before
			}
			m, n, ok := member(next, names[i+1], before)
			if ok && i+2 < len(names) {
				return d.assignIn(m, element(at, n), names[i+2:], text, by)
			}
			p := noMember(next, at, names[i+1], by)
			if here := join(at, names[i+1]); ok {
				p = Problem{File: by, Message: here + " is a table", Expected: fmt.Sprintf("one of its keys: --set %s.KEY=VALUE", here)}
			}
			d.problems = append(d.problems, p)
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

// member finds a member of a list of tables by its index, its name, or the
// name that it had before anything was overridden.
func member(list []any, name string, before []string) (map[string]any, int, bool) {
	for i, v := range list {
		m, ok := v.(map[string]any)
		if ok && (strconv.Itoa(i) == name || named(m) == name) {
			return m, i, true
		}
	}
	if i := slices.Index(before, name); i >= 0 && i < len(list) {
		m, ok := list[i].(map[string]any)
		return m, i, ok
	}
	return nil, 0, false
}

// named is the name of a list's member, "" when it has none. A strategy that
// gives none has that of its locking.
func named(v any) string {
	m, _ := v.(map[string]any)
	if name, _ := m["name"].(string); name != "" {
		return name
	}
	locking, _ := m["locking"].(string)
	return locking
}

// namesOf are the names of a list's members.
func namesOf(list any) []string {
	members, _ := list.([]any)
	out := make([]string, len(members))
	for i, m := range members {
		out[i] = named(m)
	}
	return out
}

// noMember says that a list has no such member, and which it has.
func noMember(list []any, at, name, by string) Problem {
	p := Problem{File: by, Message: fmt.Sprintf("%s has no member %q", at, name),
		Expected: fmt.Sprintf("the name or the index of one, then its key: --set %s.0.KEY=VALUE", at)}
	known := slices.DeleteFunc(namesOf(list), func(s string) bool { return s == "" })
	if len(known) == 0 {
		return p
	}
	shown := make([]string, 0, 10)
	for _, k := range known[:min(len(known), cap(shown))] {
		shown = append(shown, join("", k)) // as --set takes it
	}
	p.Expected = fmt.Sprintf("one of %s, or an index from 0, then its key: --set %s.KEY=VALUE", strings.Join(shown, ", "), at+"."+shown[0])
	if near := nearest(name, known); near != "" && near != name {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
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
