// Package docgen makes the reference of scenario files and their JSON Schema
// from the Go types of package scenarios: names and rules from the fields'
// tags, descriptions from their comments. Neither can fall behind unnoticed,
// since a test makes both again and compares.
package docgen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"tussle/scenarios"
)

// Docs holds what the source says about types and their fields.
type Docs struct {
	Type  map[string]string // by type
	Field map[string]string // by "Type.Field"
}

// sources are the files with the types of a scenario.
var sources = []string{"scenario.go", "operation.go"}

// Read parses the comments of the sources in dir, the folder of package
// scenarios.
func Read(dir string) (*Docs, error) {
	d := &Docs{Type: map[string]string{}, Field: map[string]string{}}
	for _, name := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		d.types(f)
	}
	return d, nil
}

// types keeps the comments of a file's types.
func (d *Docs) types(f *ast.File) {
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			d.Type[t.Name.Name] = flat(g.Doc.Text())
			if s, ok := t.Type.(*ast.StructType); ok {
				d.fields(t.Name.Name, s)
			}
		}
	}
}

// fields keeps the comments of a struct's fields: the one behind a field,
// else the one above it when it stands alone.
func (d *Docs) fields(name string, s *ast.StructType) {
	for _, f := range s.Fields.List {
		text := flat(f.Comment.Text())
		for _, n := range f.Names {
			d.Field[name+"."+n.Name] = text
		}
		if len(f.Names) == 0 {
			d.Field[name+"."+fmt.Sprint(f.Type)] = text
		}
	}
}

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// table is one table of the file.
type table struct {
	path string // "[workload]", "[[strategy]]"
	typ  reflect.Type
	keys []key
}

// key is one key of a table.
type key struct {
	name string
	doc  string
	typ  reflect.Type
	tags reflect.StructTag
}

// keys lists the keys of a struct, embedded structs flattened.
func (d *Docs) keys(t reflect.Type) []key {
	var out []key
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			out = append(out, d.keys(f.Type)...)
			continue
		}
		name := f.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		doc := d.Field[t.Name()+"."+f.Name]
		if doc == "" { // say what the type says
			if base := elem(f.Type); base.Kind() == reflect.Struct {
				doc, _, _ = strings.Cut(d.Type[base.Name()], ". ")
				doc = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(doc, base.Name()+" "), "is "), ".")
			}
		}
		if v := f.Tag.Get("default"); v != "" { // the table has a column for it
			doc = strings.TrimSuffix(doc, "; "+v+" by default")
		}
		out = append(out, key{name: name, doc: doc, typ: f.Type, tags: f.Tag})
	}
	return out
}

func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

// single reports whether a struct type is written as one value.
func single(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[scenarios.Spread](), reflect.TypeFor[scenarios.Skew](), reflect.TypeFor[scenarios.Rate](), reflect.TypeFor[scenarios.Expectation](), reflect.TypeFor[scenarios.Text](), reflect.TypeFor[scenarios.StatusRange](), reflect.TypeFor[scenarios.Absent]():
		return true
	}
	return false
}

// form names the values that a key takes, for people.
func (k key) form() string {
	if e := k.tags.Get("enum"); e != "" {
		return "one of `" + strings.ReplaceAll(e, ",", "`, `") + "`"
	}
	if as, ok := map[string]string{"capture": "capture", "request": "request", "limit": "limit", "share": "0 to 1", "url": "URL", "regex": "regular expression"}[k.tags.Get("as")]; ok && k.typ.Kind() != reflect.Map {
		return as
	}
	return formOf(k.typ)
}

func formOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[scenarios.Duration]():
		return "duration"
	case reflect.TypeFor[scenarios.Spread]():
		return "spread"
	case reflect.TypeFor[scenarios.Skew]():
		return "skew"
	case reflect.TypeFor[scenarios.Rate]():
		return "rate"
	case reflect.TypeFor[scenarios.Expectation]():
		return "condition"
	case reflect.TypeFor[scenarios.Text]():
		return "template or secret"
	case reflect.TypeFor[scenarios.StringList]():
		return "text or list"
	case reflect.TypeFor[scenarios.StatusList]():
		return "status or list"
	case reflect.TypeFor[scenarios.Absence]():
		return "statuses and texts"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return formOf(t.Elem())
	case reflect.Slice:
		return "list of " + formOf(t.Elem()) + "s"
	case reflect.Map:
		if t.Elem().Kind() == reflect.Slice {
			return "table of lists"
		}
		return "table of " + strings.ReplaceAll(formOf(t.Elem()), "template or secret", "templates or secret") + "s"
	case reflect.Struct:
		return "table"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true, false"
	case reflect.Float64:
		return "number"
	case reflect.Interface:
		return "any value"
	}
	return "whole number"
}
