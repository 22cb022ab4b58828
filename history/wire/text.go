package wire

import (
	"fmt"
	"strings"
	"time"

	"tussle/history"
)

// place is where a text is put, which decides how it is escaped.
type place uint8

const (
	inPath   place = iota // one segment of a URL's path
	inQuery               // name or value of a query
	inHeader              // a header's value
	inString              // between the quotes of a JSON string
	inJSON                // where a JSON value stands
	inXML                 // text or attribute of XML
	inForm                // application/x-www-form-urlencoded
	inPlain               // as it is
)

// ref names a variable.
type ref struct {
	fixed Var
	name  string // as written
}

// part is a literal or a variable of a compiled template.
type part struct {
	lit     string
	ref     ref
	filters []filter
	also    *ref   // that is calculated with
	text    string // as written, for errors
	place   place
	raw     bool // not escaped
	mark    bool // of a secret; see [Secret]
	dflt    string
}

func (p *part) literal() bool { return p.ref.name == "" }

// text is a compiled template.
type text struct {
	parts []part
	// sole is the one variable that the text has, if it has exactly one: when
	// that is unset, a header, query parameter or body member is left out.
	sole *ref
	// single: the text is that variable and nothing else.
	single bool
	secret bool // it comes from the environment
}

// compileText compiles a template for a place. ttl and wait stand in for
// variables that are not set.
func compileText(s string, at place, r *history.PlanRequest) (text, error) {
	t, err := ParseTemplate(s)
	if err != nil {
		return text{}, fmt.Errorf("template %q: %w", s, err)
	}
	var out text
	for _, seg := range t.Segments {
		if seg.Var == "" {
			out.parts = append(out.parts, part{lit: seg.Literal, place: at})
			continue
		}
		p := part{ref: ref{varByName(seg.Var), seg.Var}, place: at, text: "{" + seg.Var}
		for _, name := range seg.Filters {
			p.text += ":" + name
			if name == "raw" {
				p.raw = true
				continue
			}
			p.filters = append(p.filters, filters[name].apply)
		}
		p.add(seg.Sum)
		p.text += "}"
		switch {
		case p.ref.fixed == TTL && r.TTL != 0:
			p.dflt = time.Duration(r.TTL).String()
		case p.ref.fixed == Wait:
			p.dflt = time.Duration(r.Wait).String()
		}
		out.parts = append(out.parts, p)
	}
	out.finish()
	return out, nil
}

// add makes a part calculate.
func (p *part) add(s *Sum) {
	if s == nil {
		return
	}
	p.text += " " + s.Op + " " + s.Operand
	if s.Named() {
		p.also = &ref{varByName(s.Operand), s.Operand}
	}
	p.filters = append(p.filters, s.apply(p.also))
	for _, name := range s.Filters {
		p.text += ":" + name
		if name == "raw" {
			p.raw = true
			continue
		}
		p.filters = append(p.filters, filters[name].apply)
	}
}

// finish finds the text's only variable.
func (t *text) finish() {
	t.sole = nil
	t.single = len(t.parts) == 1 && !t.parts[0].literal()
	for i := range t.parts {
		p := &t.parts[i]
		if p.literal() {
			continue
		}
		if t.sole != nil && *t.sole != p.ref || p.dflt != "" || p.also != nil {
			t.sole = nil
			return
		}
		t.sole = &p.ref
	}
}

// omitted reports whether the text's only variable is unset.
func (t *text) omitted(v *Vars) bool {
	if t.sole == nil {
		return false
	}
	_, set := v.lookup(*t.sole)
	return !set
}

// each calls f for every variable of the text.
func (t *text) each(f func(ref)) {
	for i := range t.parts {
		if !t.parts[i].literal() {
			f(t.parts[i].ref)
			if also := t.parts[i].also; also != nil {
				f(*also)
			}
		}
	}
}

// append adds the text with the variables' values.
func (t *text) append(dst []byte, v *Vars) ([]byte, error) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.literal() {
			dst = append(dst, p.lit...)
			continue
		}
		val, err := p.value(v)
		if err != nil {
			return dst, err
		}
		if p.raw || strings.HasPrefix(val.S, "\x00") && (p.ref.fixed == Token || p.ref.fixed == NoVar) { // a mark stays whole
			dst = append(dst, val.S...)
		} else {
			dst = escape(dst, val, p.place)
		}
	}
	return dst, nil
}

// value is the variable's value after its filters.
func (p *part) value(v *Vars) (Text, error) {
	val, set := v.lookup(p.ref)
	if !set {
		if p.dflt == "" {
			return val, fmt.Errorf("the variable %s has no value yet; a step before this one has to capture it", p.text)
		}
		val = Text{S: p.dflt}
	}
	for _, f := range p.filters {
		var err error
		if val, err = f(val, v); err != nil {
			return val, fmt.Errorf("the variable %s: %w", p.text, err)
		}
	}
	return val, nil
}
