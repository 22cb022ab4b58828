package scenarios

import (
	"path/filepath"
	"reflect"
	"strings"
	"time"
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
	r := &st.Retry
	type numbers struct {
		base, cap time.Duration
		factor    float64
		attempts  int
	}
	// client-go's figures: util/retry DefaultRetry and DefaultBackoff, whose
	// Steps count the first call in. "none" waits for nothing between attempts.
	n, ok := map[string]numbers{
		"none":              {0, 0, 0, 100},
		"fixed":             {2 * time.Millisecond, 0, 0, 100},
		"client-go-retry":   {10 * time.Millisecond, 0, 1, 5},
		"client-go-backoff": {10 * time.Millisecond, 250 * time.Millisecond, 5, 4},
	}[r.Policy]
	if !ok {
		n = numbers{2 * time.Millisecond, 200 * time.Millisecond, 2, 100}
	}
	if !c.doc.has(at + ".retry.base") {
		r.Base = Duration(n.base)
	}
	if !c.doc.has(at+".retry.cap") && n.cap > 0 {
		r.Cap = max(Duration(n.cap), r.Base)
	}
	if !c.doc.has(at + ".retry.factor") {
		r.Factor = n.factor
	}
	if r.Attempts == 0 {
		r.Attempts = n.attempts
	}
	if r.Policy == "budget" && !c.doc.has(at+".retry.ratio") {
		r.Ratio = 0.1
	}
	r.Default = !c.doc.has(at+".retry.policy") && !c.doc.has(at+".retry.base") && !c.doc.has(at+".retry.cap") && !c.doc.has(at+".retry.factor")
	if r.Respect == nil {
		yes := true
		r.Respect = &yes
	}
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
		case f.typ.Kind() == reflect.Struct && f.typ != spreadType && f.typ != skewType && f.typ != textType:
			c.tagged(at, dst)
		case f.typ.Kind() == reflect.Pointer && f.typ.Elem().Kind() == reflect.Struct && !dst.IsNil():
			c.tagged(at, dst.Elem())
		case f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct && f.typ != statusType:
			if f.typ.Elem() == spreadType || f.typ.Elem() == skewType {
				continue
			}
			for i := range dst.Len() {
				c.tagged(element(at, i), dst.Index(i))
			}
		}
	}
}
