package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"tussle/history/wire"
)

// resolve works out, for every strategy, what it speaks: the dialect's steps,
// overridden by the target's, overridden by its own.
func (c *checker) resolve() {
	s := c.s
	for i := range s.Strategies {
		st := &s.Strategies[i]
		at := element("strategy", i)
		var layers []layer
		d, known := loadDialects()[st.Dialect]
		if known {
			layers = append(layers, layer{doc: d.doc, steps: &d.Steps, name: "dialect " + d.name})
			for _, which := range []string{st.Locking, s.Workload.Kind} {
				if special, ok := d.For[which]; ok {
					layers = append(layers, layer{doc: d.doc, path: join("for", which), steps: &special, name: "dialect " + d.name})
				}
			}
		}
		layers = append(layers,
			layer{doc: c.doc, path: "target", steps: &s.Target.Steps},
			layer{doc: c.doc, path: at, steps: &st.Steps})

		st.Speaks = map[string]Step{}
		for _, l := range layers {
			for _, name := range StepNames() {
				over := l.steps.Step(name)
				if over == nil {
					continue
				}
				base := st.Speaks[name]
				if like := l.steps.Step(over.Like); like != nil {
					c.overlay(&base, like.sent(), l, true, join(l.path, over.Like), fmt.Sprintf("%d.%s", i, name))
				}
				c.overlay(&base, over, l, false, join(l.path, name), fmt.Sprintf("%d.%s", i, name))
				st.Speaks[name] = base
			}
		}
		maps.DeleteFunc(st.Speaks, func(_ string, step Step) bool { return step.Request == "" }) // cannot be sent, and counts as absent
		if len(s.Operations) > 0 {
			st.Outcomes = nil
			s.speakOwn(st)
		}
		if st.IdempotencyKey {
			c.idempotent(st, fmt.Sprint(i))
		}
		st.Outcomes = append(slices.Clip(st.Outcomes), s.Target.Outcomes...)
		st.Identify = s.Target.Identify
		if known {
			st.Outcomes = append(st.Outcomes, d.Outcomes...)
			if st.Identify.By == "" && st.Identify.Tag == "" {
				st.Identify = d.Identify
			}
		}
		c.identify(st)
		c.scheme(st)
		if st.Promises == nil {
			st.Promises = defaultPromises(st, s.Workload)
			if len(s.Operations) > 0 {
				st.Promises = s.promiseOwn(st)
			}
		}
	}
}

// sent is the part of a step that says what is sent, for one that is like it.
func (s *Step) sent() *Step {
	return &Step{Request: s.Request, Headers: s.Headers, Query: s.Query, Body: s.Body, Form: s.Form, Parts: s.Parts, Set: s.Set, Unset: s.Unset, Timeout: s.Timeout}
}

// overlay puts every value that the layer sets onto base. Headers, query,
// capture and set go name by name, set by JSON paths; an empty text removes
// one. Borrowed are the
// values of a step that this one is like.
func (c *checker) overlay(base, over *Step, l layer, borrowed bool, path, key string) {
	b, o := reflect.ValueOf(base).Elem(), reflect.ValueOf(over).Elem()
	note := func(at, key string) {
		if l.name != "" {
			c.s.origins.speaks[key] = l.name
		} else {
			c.s.origins.speaks[key] = l.doc.origin(at)
		}
	}
	if bodies := []string{"body", "form", "multipart"}; slices.ContainsFunc(bodies, func(name string) bool { return l.doc.has(join(path, name)) }) {
		for name, had := range map[string]*map[string]any{"form": &base.Form, "multipart": &base.Parts} {
			if !l.doc.has(join(path, name)) {
				*had = nil // one body gives way to another
			}
		}
		if !l.doc.has(join(path, "body")) {
			base.Body, base.Set, base.Unset = nil, nil, nil
		}
	}
	for _, f := range fieldsOf(b.Type()) {
		at := join(path, f.name)
		if !l.doc.has(at) {
			continue
		}
		src, dst := o.FieldByIndex(f.index), b.FieldByIndex(f.index)
		if borrowed && src.IsZero() {
			continue // a capture, which is the other step's own
		}
		if f.typ.Kind() != reflect.Map {
			dst.Set(src)
			note(at, join(key, f.name))
			continue
		}
		where := func(name string) string { return join(at, name) }
		if f.name == "set" {
			set, paths := flatSet(over.Set, at)
			src, where = reflect.ValueOf(set), func(name string) string { return paths[name] }
		}
		merged := reflect.MakeMap(f.typ)
		for _, k := range dst.MapKeys() {
			merged.SetMapIndex(k, dst.MapIndex(k))
		}
		for _, k := range src.MapKeys() {
			name := k.String()
			if f.name == "headers" { // names of headers know no case
				for _, old := range merged.MapKeys() {
					if strings.EqualFold(old.String(), name) {
						merged.SetMapIndex(old, reflect.Value{})
					}
				}
			}
			if f.name == "set" { // what it sets as a whole is no longer set in parts
				for _, old := range merged.MapKeys() {
					if strings.HasPrefix(old.String(), name+".") && !src.MapIndex(old).IsValid() {
						merged.SetMapIndex(old, reflect.Value{})
					}
				}
			}
			v := src.MapIndex(k)
			if isEmptyText(v.Interface()) {
				merged.SetMapIndex(k, reflect.Value{})
				continue
			}
			merged.SetMapIndex(k, v)
			note(where(name), join(join(key, f.name), name))
		}
		dst.Set(merged)
	}
}

// flatSet makes JSON paths of nested tables, so that set.stock.count = 1 means
// what set."stock.count" = 1 means. It also returns where in the file, whose
// table stands at at, the value of each JSON path is. A secret's table is a
// value.
func flatSet(set map[string]any, at string) (out map[string]any, paths map[string]string) {
	out, paths = map[string]any{}, map[string]string{}
	var walk func(path, at string, v any)
	walk = func(path, at string, v any) {
		table, ok := v.(map[string]any)
		if _, _, secret := wire.SecretIn(table); secret || !ok || len(table) == 0 {
			out[path], paths[path] = v, at
			return
		}
		for _, k := range sortedNames(table) {
			walk(path+"."+k, join(at, k), table[k])
		}
	}
	for _, k := range sortedNames(set) {
		walk(k, join(at, k), set[k])
	}
	return out, paths
}

func isEmptyText(v any) bool { return v == "" || v == Text{} }

// changing lists the steps that change the resource under load.
var changing = []string{"write", "create", "delete", "add", "append", "transfer"}

// idempotent gives every changing step the header of the IETF draft, unless
// a step sends the key in its own way.
func (c *checker) idempotent(st *Strategy, index string) {
	for _, name := range changing {
		if step := st.Speaks[name]; step.uses("idempotency_key") {
			return
		}
	}
	for _, name := range changing {
		step, ok := st.Speaks[name]
		if !ok {
			continue
		}
		headers := map[string]Text{"Idempotency-Key": {Template: "{idempotency_key:quote}"}}
		maps.Copy(headers, step.Headers)
		step.Headers = headers
		st.Speaks[name] = step
		c.s.origins.speaks[index+"."+name+".headers.Idempotency-Key"] = "idempotency_key = true"
	}
}

// identify chooses how reads tell which write they saw, when nothing says it.
func (c *checker) identify(st *Strategy) {
	id := &st.Identify
	if id.By != "" {
		return
	}
	read, write := st.Speaks["read"], st.Speaks["write"]
	switch {
	case id.Tag != "":
		id.By = "tag"
	case c.s.Workload.Kind == "register":
		id.By = "value"
	case read.Version != "" && write.Version != "":
		id.By = "version"
	default:
		id.By = "none"
	}
}

// scheme fills in what a built-in target does inside.
func (c *checker) scheme(st *Strategy) {
	b, ok := builtins[c.s.Target.Use]
	if !ok || b.scheme == nil {
		return
	}
	target := maps.Clone(st.Target)
	if target == nil {
		target = map[string]string{}
	}
	if target["scheme"] == "" {
		target["scheme"] = c.s.Target.Options["scheme"]
	}
	if target["scheme"] == "" {
		target["scheme"] = b.scheme(st.Locking, st.Dialect, c.s.Target.Options["engine"])
	}
	if target["scheme"] == "" {
		target["scheme"] = b.schemes[0]
	}
	st.Target = target
}

// defaultPromises says what a strategy promises when the file does not: the
// workload's own property, that versions name one state each where they guard
// it, and progress. A strategy that protects nothing promises nothing.
func defaultPromises(st *Strategy, w Workload) []string {
	out := []string{}
	own := ownProperty[w.Kind]
	switch {
	case own == "", st.Locking == "none", st.Locking == "":
		return out
	case w.Kind == OwnWorkload:
		return nil // its invariants, see promiseOwn
	case w.Kind == "lease":
		out = append(out, own)
		if fencing(st) {
			out = append(out, "fencing")
		}
	case w.Kind == "create-once", w.Kind == "parent-child":
		out = append(out, own) // names are created, no state is built upon
	case st.Locking == "pessimistic" && leased(st) && !fencing(st):
		return out // a lease that lapses unnoticed protects nothing
	default:
		out = append(out, "no-lost-update", own)
		if st.Locking == "optimistic" && st.Speaks["read"].Version != "" {
			out = append(out, "one-version-one-state")
		}
	}
	return append(out, "progress")
}

// leased reports whether the strategy's locks lapse by themselves.
func leased(st *Strategy) bool { return st.Speaks["lock"].TTL > 0 }

// fencing reports whether the lock gives a fencing token that a later write
// presents.
func fencing(st *Strategy) bool {
	if st.Speaks["lock"].Fence == "" {
		return false
	}
	for _, name := range changing {
		if step, ok := st.Speaks[name]; ok && step.uses("fence") {
			return true
		}
	}
	return false
}
