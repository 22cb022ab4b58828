package scenarios

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// field is one key of a table, from a struct's field and its tags:
//
//	toml:"clients"       the key
//	default:"8"          its value when it is absent
//	enum:"a,b"           the only texts allowed
//	as:"capture"         what a text must be: capture, template, request, rate, limit, share, regex, url
//	min:"1" max:"10000"  bounds of a number
type field struct {
	name  string
	index []int
	typ   reflect.Type
	tags  reflect.StructTag
}

var fieldCache sync.Map // reflect.Type -> []field

// fieldsOf lists the keys of a struct, embedded structs flattened, in the
// order of the source.
func fieldsOf(t reflect.Type) []field {
	if f, ok := fieldCache.Load(t); ok {
		return f.([]field)
	}
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				out = append(out, inner)
			}
			continue
		}
		name := f.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		out = append(out, field{name: name, index: []int{i}, typ: f.Type, tags: f.Tag})
	}
	fieldCache.Store(t, out)
	return out
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.name)
	}
	return names
}

// enum returns the texts that the field allows; nil when any is.
func (f field) enum() []string {
	if e := f.tags.Get("enum"); e != "" {
		return strings.Split(e, ",")
	}
	return nil
}

// bounds returns the least and the greatest number allowed.
func (f field) bounds() (lo, hi int64, ok bool) {
	lo, hi = -1<<63, 1<<63-1
	if s := f.tags.Get("min"); s != "" {
		lo, _ = strconv.ParseInt(s, 10, 64)
		ok = true
	}
	if s := f.tags.Get("max"); s != "" {
		hi, _ = strconv.ParseInt(s, 10, 64)
		ok = true
	}
	return lo, hi, ok
}

// StepNames lists the steps in the order of [Steps].
func StepNames() []string { return fieldNames(reflect.TypeFor[Steps]()) }

// Step returns the step of that name, nil when it is not described.
func (s *Steps) Step(name string) *Step {
	for _, f := range fieldsOf(reflect.TypeFor[Steps]()) {
		if f.name == name {
			step, _ := reflect.ValueOf(s).Elem().FieldByIndex(f.index).Interface().(*Step)
			return step
		}
	}
	return nil
}

// fieldNamed returns the field of T with that key.
func fieldNamed[T any](name string) (field, bool) {
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}
