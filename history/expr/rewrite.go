package expr

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// rewriter puts variables in the place of accepted('x'), coupon.left and
// their like, checks the names, and decides between list and number: where
// neither a list function, a comprehension nor a field asks for the list, a
// number is meant.
type rewriter struct {
	schema *Schema
	info   *ast.SourceInfo
	vars   []variable
	found  Problems
}

// want is what the place of an expression asks for.
type want int

const (
	scalar want = iota
	list
)

// listPrefix and countPrefix begin the identifiers of variables.
const (
	listPrefix  = "tussle_list_"
	countPrefix = "tussle_count_"
	valuePrefix = "tussle_value_"
)

// loops holds the variables of the comprehensions around an expression, with
// the fields that their items have; nil when any may be.
type loops map[string][]string

func (r *rewriter) walk(e ast.Expr, w want, in loops) {
	switch e.Kind() {
	case ast.CallKind:
		r.call(e, w, in)
	case ast.SelectKind:
		r.selection(e, w, in)
	case ast.IdentKind:
		r.ident(e, w, in)
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			r.walk(item, scalar, in)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			r.walk(entry.AsMapEntry().Key(), scalar, in)
			r.walk(entry.AsMapEntry().Value(), scalar, in)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		fields := r.itemsOf(c.IterRange(), in)
		r.walk(c.IterRange(), list, in)
		inner := loops{}
		for name, f := range in {
			inner[name] = f
		}
		inner[c.IterVar()], inner[c.AccuVar()] = fields, nil
		if c.HasIterVar2() {
			inner[c.IterVar2()] = nil
		}
		for _, part := range []ast.Expr{c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
			r.walk(part, scalar, inner)
		}
	}
}

// call handles accepted('x') and its like, and tells other functions' lists
// from their numbers.
func (r *rewriter) call(e ast.Expr, w want, in loops) {
	c := e.AsCall()
	if v, ok := r.operation(e); ok {
		if v != nil {
			r.put(e, *v, w)
		}
		return
	}
	for i, arg := range c.Args() {
		need := scalar
		if takesList(c.FunctionName(), i) {
			need = list
		}
		r.walk(arg, need, in)
	}
	if c.IsMemberFunction() {
		need := scalar
		if c.FunctionName() == "size" {
			need = list
		}
		r.walk(c.Target(), need, in)
	}
}

// operation recognises accepted('x'). ok says that it is one; v is nil when
// it has a mistake.
func (r *rewriter) operation(e ast.Expr) (v *variable, ok bool) {
	if e.Kind() != ast.CallKind {
		return nil, false
	}
	c := e.AsCall()
	kinds := map[string]asked{"accepted": accepted, "refused": refused, "attempted": attempted}
	what, is := kinds[c.FunctionName()]
	if !is || c.IsMemberFunction() {
		return nil, false
	}
	if len(c.Args()) != 1 || c.Args()[0].Kind() != ast.LiteralKind || c.Args()[0].AsLiteral().Type() != types.StringType {
		r.say(e, c.FunctionName()+" takes the name of one operation, in quotes", "for example accepted('redeem')")
		return nil, true
	}
	name := string(c.Args()[0].AsLiteral().(types.String))
	if _, known := r.schema.Operations[name]; !known {
		r.say(c.Args()[0], fmt.Sprintf("unknown operation %q", name), oneOf("operations", r.schema.Operations))
		return nil, true
	}
	return &variable{what: what, of: name}, true
}

// selection handles accepted('x').field and coupon.field.
func (r *rewriter) selection(e ast.Expr, w want, in loops) {
	s := e.AsSelect()
	operand := s.Operand()
	if v, ok := r.operation(operand); ok {
		if v == nil {
			return
		}
		if fields := r.schema.Operations[v.of]; !slices.Contains(fields, s.FieldName()) {
			r.say(e, fmt.Sprintf("operation %s captures no %q", v.of, s.FieldName()), captures(fields))
			return
		}
		v.field = s.FieldName()
		r.put(e, *v, list)
		return
	}
	if operand.Kind() == ast.IdentKind {
		name := operand.AsIdent()
		if fields, loop := in[name]; loop {
			if fields != nil && !slices.Contains(fields, s.FieldName()) {
				r.say(e, fmt.Sprintf("%s has no %q", name, s.FieldName()), captures(fields))
			}
			return
		}
		if o, known := r.schema.Observed[name]; known {
			if !slices.Contains(o.Fields, s.FieldName()) {
				r.say(e, fmt.Sprintf("observation %s captures no %q", name, s.FieldName()), captures(o.Fields))
				return
			}
			what := observed
			if o.Items || r.schema.All {
				what = listed
			}
			r.put(e, variable{what: what, of: name, field: s.FieldName()}, list)
			return
		}
	}
	r.walk(operand, scalar, in)
}

// ident handles an observation that is named as a whole.
func (r *rewriter) ident(e ast.Expr, w want, in loops) {
	name := e.AsIdent()
	if _, loop := in[name]; loop {
		return
	}
	o, known := r.schema.Observed[name]
	switch {
	case !known:
		if _, op := r.schema.Operations[name]; op {
			r.say(e, fmt.Sprintf("%s is an operation", name), "accepted('"+name+"') is how many of them were accepted")
		}
	case !o.Items && !r.schema.All:
		r.say(e, fmt.Sprintf("%s is an observation, and has fields", name), captures(o.Fields))
	default:
		r.put(e, variable{what: listed, of: name}, w)
	}
}

// itemsOf returns the fields of a comprehension's items.
func (r *rewriter) itemsOf(e ast.Expr, in loops) []string {
	if e.Kind() == ast.CallKind {
		c := e.AsCall()
		if len(c.Args()) == 1 && c.Args()[0].Kind() == ast.LiteralKind {
			if name, ok := c.Args()[0].AsLiteral().(types.String); ok {
				return r.schema.Operations[string(name)]
			}
		}
	}
	if e.Kind() == ast.IdentKind {
		if _, loop := in[e.AsIdent()]; !loop {
			return r.schema.Observed[e.AsIdent()].Fields
		}
	}
	return nil
}

// put replaces e by a variable.
func (r *rewriter) put(e ast.Expr, v variable, w want) {
	prefix := listPrefix
	switch {
	case v.what == observed:
		prefix = valuePrefix
	case w == scalar && v.field == "":
		prefix = countPrefix
	}
	for i := range r.vars {
		if o := &r.vars[i]; o.what == v.what && o.of == v.of && o.field == v.field && strings.HasPrefix(o.name, prefix) {
			e.SetKindCase(ast.NewExprFactory().NewIdent(e.ID(), o.name))
			return
		}
	}
	v.name = fmt.Sprintf("%s%d_", prefix, len(r.vars))
	if v.fields = r.schema.Operations[v.of]; v.what == observed || v.what == listed {
		v.fields = r.schema.Observed[v.of].Fields
	}
	r.vars = append(r.vars, v)
	e.SetKindCase(ast.NewExprFactory().NewIdent(e.ID(), v.name))
}

func (r *rewriter) say(e ast.Expr, text, hint string) {
	at := r.info.GetStartLocation(e.ID())
	r.found = append(r.found, &Problem{Line: max(1, at.Line()), Column: at.Column() + 1, Text: text, Hint: hint})
}

func captures(fields []string) string {
	if len(fields) == 0 {
		return "it captures nothing"
	}
	fields = slices.Sorted(slices.Values(fields))
	return "it captures " + strings.Join(fields, ", ")
}
