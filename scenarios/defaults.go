package scenarios

import (
	"path/filepath"
	"reflect"
	"strings"
)

// defaults fills in what the file leaves out: first the defaults that stand in
// the fields' tags, then those that depend on other values.
func (c *checker) defaults() {
	s := c.s
	c.tagged("", reflect.ValueOf(s).Elem())

	if s.Name == "" {
		s.Name = strings.TrimSuffix(filepath.Base(s.File), ".toml")
		if s.File == "-" {
			s.Name = "stdin"
		}
	}
	w := &s.Workload
	if len(s.Operations) > 0 && w.Kind == "" {
		w.Kind = OwnWorkload
	}
	w.Own = s.Operations
	if w.Keys == 0 {
		w.Keys = map[string]int{"create-once": 400, "parent-child": 400, "transfer": 8, "pair": 2}[w.Kind]
		w.Keys = max(w.Keys, 1)
	}
	if !c.doc.has("workload.amount") {
		w.Amount = map[string]int64{"counter": 1, "lease": 1, "transfer": 10}[w.Kind]
	}
	if !c.doc.has("workload.initial") {
		w.Initial = map[string]int64{"transfer": 100, "pair": 1}[w.Kind]
	}
	if w.Kind == "transfer" && w.Floor == nil {
		w.Floor = new(int64)
	}
	if !c.doc.has("load.warmup") {
		s.Load.Warmup = s.Load.Duration / 5
	}
	if s.Target.Login.Request != "" {
		if s.Target.Login.Header == "" {
			s.Target.Login.Header = "Authorization"
		}
		if !c.doc.has("target.login.prefix") {
			s.Target.Login.Prefix = "Bearer "
		}
	}
	for i := range s.Strategies {
		c.strategyDefaults(i, &s.Strategies[i])
	}
	for i := range s.Faults {
		if s.Faults[i].Min == nil {
			one := int64(1)
			s.Faults[i].Min = &one
		}
	}
}

func (c *checker) strategyDefaults(i int, st *Strategy) {
	at := element("strategy", i)
	if st.Name == "" {
		st.Name = st.Locking
	}
	if st.Dialect == "" {
		st.Dialect = "custom"
		if c.s.Target.Use != "" {
			st.Dialect = defaultDialect(c.s.Target.Use, st.Locking)
		}
	}
	if st.Inside == "" && st.Locking == "server-side" && c.s.Target.Use == "sql" && !c.doc.has(at+".inside") {
		st.Inside = insideOf[st.Target["scheme"]]
	}
	c.fillRetry(at+".retry", &st.Retry)
}

// tagged sets every absent value that has a default tag.
func (c *checker) tagged(path string, v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		at := join(path, f.name)
		dst := v.FieldByIndex(f.index)
		if text := f.tags.Get("default"); text != "" && !c.doc.has(at) {
			quiet := &decoder{doc: &document{places: map[string]place{}}, env: c.env}
			quiet.value(at, parseValue(text), dst, f)
			continue
		}
		switch {
		case f.typ.Kind() == reflect.Struct && !single(f.typ):
			c.tagged(at, dst)
		case f.typ.Kind() == reflect.Pointer && f.typ.Elem().Kind() == reflect.Struct && !dst.IsNil():
			c.tagged(at, dst.Elem())
		case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct && f.typ != statusType:
			if single(f.typ.Elem()) {
				continue
			}
			for i := range dst.Len() {
				c.tagged(element(at, i), dst.Index(i))
			}
		}
	}
}
