package scenarios

import (
	"slices"

	"tussle/history/wire"
)

// templates calls f for every template of the step, with its path below the
// step: "request", "headers.If-Match", "body.a.b".
func (s Step) templates(f func(path, text string)) {
	f("request", s.Request)
	for _, k := range sortedNames(s.Headers) {
		f(join("headers", k), s.Headers[k].Template)
	}
	for _, k := range sortedNames(s.Query) {
		f(join("query", k), s.Query[k].Template)
	}
	if s.Choose != "" {
		f("choose", s.Choose)
	}
	eachText("body", s.Body, f)
	for _, k := range sortedNames(s.Form) {
		eachText(join("form", k), s.Form[k], f)
	}
	for _, k := range sortedNames(s.Parts) {
		eachText(join("multipart", k), s.Parts[k], f)
	}
	for _, k := range sortedNames(s.Set) {
		eachText(join("set", k), s.Set[k], f)
	}
}

// eachText calls f for every text in a body.
func eachText(path string, v any, f func(path, text string)) {
	switch v := v.(type) {
	case string:
		f(path, v)
	case map[string]any:
		for _, k := range sortedNames(v) {
			eachText(join(path, k), v[k], f)
		}
	case []any:
		for i, item := range v {
			eachText(element(path, i), item, f)
		}
	}
}

// uses reports whether a template of the step has the variable.
func (s Step) uses(name string) bool {
	found := false
	s.templates(func(_, text string) {
		t, err := wire.ParseTemplate(text)
		found = found || err == nil && slices.Contains(t.Vars(), name)
	})
	return found
}
