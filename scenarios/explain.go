package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Value is one effective value of a scenario, with where it comes from.
type Value struct {
	Key    string // "load.clients", "strategy.optimistic.write.headers.If-Match"
	Text   string // as the file would write it; secrets as { env = "NAME" }
	Origin string // "default", "flash-sale.toml:12", "--set load.clients", "TUSSLE_SEED", "dialect etag"
}

// Explain lists every effective value of a loaded scenario in the order of the
// file's tables, with the steps that each strategy speaks in the end.
func Explain(s *Scenario) []Value {
	e := &explainer{s: s}
	if s.origins == nil {
		s.origins = &origins{doc: &document{}}
	}
	e.table("", "", reflect.ValueOf(s).Elem(), map[string]bool{"strategy": true, "target": true, "workload": true})
	e.table("workload", "workload", reflect.ValueOf(&s.Workload).Elem(), map[string]bool{"hold": s.Workload.Kind != "lease"})
	target := map[string]bool{"outcome": true, "identify": true, "ready": len(s.Target.Command) == 0, "sign": s.Target.Sign.Kind == "", "join": len(s.Target.Join.List()) == 0}
	for _, name := range StepNames() {
		target[name] = true
	}
	e.table("target", "target", reflect.ValueOf(&s.Target).Elem(), target)
	for i := range s.Strategies {
		e.strategy(i)
	}
	return e.out
}

type explainer struct {
	s   *Scenario
	out []Value
}

// strategy lists one strategy under its name.
func (e *explainer) strategy(i int) {
	st := &e.s.Strategies[i]
	file := i
	if kept := e.s.origins.strategies; kept != nil {
		file = kept[i]
	}
	at, shown := element("strategy", file), join("strategy", st.Name)
	skip := map[string]bool{"promises": true, "target": true}
	for _, name := range StepNames() {
		skip[name] = true
	}
	e.table(at, shown, reflect.ValueOf(st).Elem(), skip)
	e.add(at+".promises", join(shown, "promises"), written(reflect.ValueOf(st.Promises)), "default of "+st.Locking+" locking")
	for _, k := range sortedNames(st.Target) {
		origin := "default of " + st.Locking + " locking"
		if by := e.s.origins.doc.origin(join("target.options", k)); by != "" && e.s.Target.Options[k] == st.Target[k] {
			origin = by
		}
		e.add(join(at+".target", k), join(shown+".target", k), strconv.Quote(st.Target[k]), origin)
	}
	otherwise := "default"
	if d := loadDialects()[st.Dialect]; d != nil && d.Identify == st.Identify {
		otherwise = "dialect " + st.Dialect
	}
	e.add("target.identify.by", shown+".identify.by", strconv.Quote(st.Identify.By), otherwise)
	if st.Identify.Tag != "" {
		e.add("target.identify.tag", shown+".identify.tag", strconv.Quote(st.Identify.Tag), otherwise)
	}
	for _, name := range StepNames() {
		step, ok := st.Speaks[name]
		if !ok {
			continue
		}
		v := reflect.ValueOf(step)
		for _, f := range fieldsOf(v.Type()) {
			val := v.FieldByIndex(f.index)
			if val.IsZero() {
				continue
			}
			key := fmt.Sprintf("%d.%s.%s", file, name, f.name)
			to := join(join(shown, name), f.name)
			if val.Kind() == reflect.Map {
				for _, k := range sortedKeys(val) {
					e.out = append(e.out, Value{join(to, k), written(val.MapIndex(reflect.ValueOf(k))), e.s.origins.speaks[join(key, k)]})
				}
				continue
			}
			e.out = append(e.out, Value{to, written(val), e.s.origins.speaks[key]})
		}
	}
	for n, o := range st.Outcomes {
		origin := "dialect " + st.Dialect
		if n < len(e.s.Target.Outcomes) {
			origin = e.s.origins.doc.origin(element("target.outcome", n))
		}
		e.out = append(e.out, Value{element(shown+".outcome", n), written(reflect.ValueOf(o)), origin})
	}
}

// add appends a value; otherwise is its origin when the document does not set it.
func (e *explainer) add(path, shown, text, otherwise string) {
	origin := e.s.origins.doc.origin(path)
	if origin == "" {
		origin = otherwise
	}
	e.out = append(e.out, Value{shown, text, origin})
}

// table lists the values of a table that are set or have a default.
func (e *explainer) table(path, shown string, v reflect.Value, skip map[string]bool) {
	for _, f := range fieldsOf(v.Type()) {
		val := v.FieldByIndex(f.index)
		at, to := join(path, f.name), join(shown, f.name)
		if skip[f.name] || val.IsZero() && !e.s.origins.doc.has(at) && f.typ != spreadType {
			continue
		}
		switch {
		case f.typ.Kind() == reflect.Struct && !single(f.typ):
			e.table(at, to, val, nil)
		case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct && !single(f.typ.Elem()):
			for i := range val.Len() {
				e.table(element(at, i), element(to, i), val.Index(i), nil)
			}
		case f.typ.Kind() == reflect.Map:
			for _, k := range sortedKeys(val) {
				e.add(join(at, k), join(to, k), written(val.MapIndex(reflect.ValueOf(k))), "default")
			}
		default:
			e.add(at, to, written(val), "default")
		}
	}
}

func sortedKeys(m reflect.Value) []string {
	names := map[string]bool{}
	for _, k := range m.MapKeys() {
		names[k.String()] = true
	}
	return sortedNames(names)
}

// written returns a value as the file would write it.
func written(v reflect.Value) string {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return "none"
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case Duration:
		return strconv.Quote(x.String())
	case Expectation:
		return strconv.Quote(x.Text)
	case Spread:
		return strconv.Quote(x.String())
	case Rate:
		return strconv.Quote(x.Text)
	case Skew:
		return strconv.Quote(x.String())
	case Text:
		switch {
		case x.Env != "" && x.Prefix != "":
			return fmt.Sprintf("{ env = %q, prefix = %q }", x.Env, x.Prefix)
		case x.Env != "":
			return fmt.Sprintf("{ env = %q }", x.Env)
		}
		return strconv.Quote(x.Template)
	case Absent:
		if x.Status != 0 {
			return strconv.Itoa(x.Status)
		}
	case StatusRange:
		if x.From == x.To {
			return strconv.Itoa(x.From)
		}
		return fmt.Sprintf("\"%d-%d\"", x.From, x.To)
	}
	var parts []string
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Slice:
		for i := range v.Len() {
			parts = append(parts, written(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		for _, k := range sortedKeys(v) {
			parts = append(parts, join("", k)+" = "+written(v.MapIndex(reflect.ValueOf(k))))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			if val := v.FieldByIndex(f.index); !val.IsZero() {
				parts = append(parts, f.name+" = "+written(val))
			}
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return fmt.Sprint(v.Interface())
}
