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
		return field(o[0], a.field, a.of)
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
			items[i] = whole(row)
			continue
		}
		x, err := field(row, a.field, a.of)
		if err != nil {
			return nil, err
		}
		items[i] = x
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items), nil
}

func field(row Captured, name, of string) (ref.Val, error) {
	x, ok := row[name]
	if !ok {
		return nil, fmt.Errorf("%s has no %s", of, name)
	}
	return native(x), nil
}

// whole is a captured row as a map.
func whole(row Captured) ref.Val {
	m := make(map[ref.Val]ref.Val, len(row))
	for name, x := range row {
		m[types.String(name)] = native(x)
	}
	return types.NewRefValMap(types.DefaultTypeAdapter, m)
}
