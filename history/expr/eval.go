package expr

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Truth is what an expression says of some values.
type Truth int

// An expression is Maybe when its truth hangs on a value that is not known.
const (
	False Truth = iota
	True
	Maybe
)

func (t Truth) String() string { return [...]string{"false", "true", "maybe"}[t] }

// Eval evaluates the expression. An error says why it has no value: a field
// that is a text where a number is wanted, an observation that is missing.
func (p *Program) Eval(v *Values) (Truth, error) {
	in := make(map[string]any, len(p.vars))
	for i := range p.vars {
		x, err := p.vars[i].value(v)
		if err != nil {
			return False, err
		}
		in[p.vars[i].name] = x
	}
	out, _, err := p.program.Eval(in)
	switch {
	case err != nil:
		text := err.Error()
		for i := range p.vars {
			text = strings.ReplaceAll(text, p.vars[i].name, p.vars[i].written())
		}
		return False, fmt.Errorf("%s", text)
	case types.IsUnknown(out):
		return Maybe, nil
	}
	b, ok := out.(types.Bool)
	switch {
	case !ok:
		return False, fmt.Errorf("an invariant is true or false, and this is %s", kindOf(out.Type().(*types.Type)))
	case bool(b):
		return True, nil
	}
	return False, nil
}

// value looks up what a variable asks for.
func (a *variable) value(v *Values) (ref.Val, error) {
	switch a.what {
	case observed:
		o := v.Observed[a.of]
		if len(o) == 0 {
			return nil, fmt.Errorf("%s was not observed", a.of)
		}
		return field(o[0], a.field), nil
	case listed:
		return a.list(v.Observed[a.of])
	}
	ops := v.Operations[a.of]
	var rows []Captured
	switch a.what {
	case accepted:
		rows = ops.Accepted
	case refused:
		rows = ops.Refused
	case attempted:
		rows = append(append([]Captured{}, ops.Accepted...), ops.Refused...)
	}
	return a.list(rows)
}

func (a *variable) list(rows []Captured) (ref.Val, error) {
	if strings.HasPrefix(a.name, countPrefix) {
		return types.Int(len(rows)), nil
	}
	items := make([]ref.Val, len(rows))
	for i, row := range rows {
		if a.field == "" {
			items[i] = a.whole(row)
			continue
		}
		items[i] = field(row, a.field)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items), nil
}

// field is one captured value; what was not captured is not known.
func field(row Captured, name string) ref.Val {
	x, ok := row[name]
	if !ok {
		return native(Wild{})
	}
	return native(x)
}

// whole is a captured row as a map.
func (a *variable) whole(row Captured) ref.Val {
	m := make(map[ref.Val]ref.Val, len(a.fields))
	for _, name := range a.fields {
		m[types.String(name)] = field(row, name)
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, m)
}

// Uses says what of an operation's name the expression looks at.
type Uses struct {
	Accepted, Refused bool
	Fields            bool // and at what was captured
}

// Uses returns what the expression looks at of the operations of a name.
func (p *Program) Uses(operation string) Uses {
	var u Uses
	for i := range p.vars {
		v := &p.vars[i]
		if v.of != operation || v.what == observed || v.what == listed {
			continue
		}
		u.Accepted = u.Accepted || v.what != refused
		u.Refused = u.Refused || v.what != accepted
		u.Fields = u.Fields || !strings.HasPrefix(v.name, countPrefix)
	}
	return u
}

// Observes reports whether the expression looks at an observation.
func (p *Program) Observes(name string) bool {
	for i := range p.vars {
		if v := &p.vars[i]; v.of == name && (v.what == observed || v.what == listed) {
			return true
		}
	}
	return false
}
