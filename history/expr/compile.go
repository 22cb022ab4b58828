package expr

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// Program is a compiled expression.
type Program struct {
	program cel.Program
	vars    []variable // what the rewriting put in the place of names
}

// variable is one thing that an expression asks of [Values].
type variable struct {
	name  string // identifier in the rewritten expression
	what  asked
	of    string // operation or observation
	field string // "" for the whole
	// fields are those of a whole.
	fields []string
}

type asked int

const (
	accepted asked = iota
	refused
	attempted
	observed // of one key
	listed   // observed, as a list
)

// limits on an expression, which comes from a file that somebody else may have written.
const (
	longest = 4096    // bytes
	deepest = 100     // levels
	dearest = 2 << 24 // CEL's cost units of one evaluation, about a second
)

// Compile checks an expression against the names of a scenario. The error is
// of type [Problems].
func Compile(text string, s Schema) (*Program, error) {
	if len(text) > longest {
		return nil, Problems{{1, 1, "the expression is longer than 4096 bytes", "split it into several invariants"}}
	}
	parser, err := cel.NewEnv(functions, cel.ParserRecursionLimit(deepest), cel.ParserExpressionSizeLimit(longest))
	if err != nil {
		return nil, err
	}
	tree, issues := parser.Parse(text)
	if issues.Err() != nil {
		return nil, problems(issues, nil)
	}
	r := rewriter{schema: &s, info: tree.NativeRep().SourceInfo()}
	r.walk(tree.NativeRep().Expr(), scalar, nil)
	if r.found != nil {
		return nil, r.found
	}
	options := []cel.EnvOption{cel.CrossTypeNumericComparisons(true)}
	for _, v := range r.vars {
		options = append(options, cel.Variable(v.name, v.celType()))
	}
	env, err := parser.Extend(options...)
	if err != nil {
		return nil, err
	}
	checked, issues := env.Check(tree)
	if issues.Err() != nil {
		return nil, problems(issues, r.vars)
	}
	if t := checked.OutputType(); t != cel.BoolType && t != cel.DynType {
		return nil, Problems{{1, 1, "an invariant is true or false, and this is " + kindOf(t), "compare it: <=, ==, in ..."}}
	}
	program, err := env.Program(checked, cel.CostLimit(dearest), cel.EvalOptions(cel.OptPartialEval))
	if err != nil {
		return nil, Problems{{1, 1, err.Error(), ""}}
	}
	return &Program{program, r.vars}, nil
}

func (v *variable) celType() *cel.Type {
	switch {
	case v.what == observed:
		return cel.DynType
	case strings.HasPrefix(v.name, countPrefix):
		return cel.IntType
	}
	return cel.ListType(cel.DynType)
}

func kindOf(t *cel.Type) string {
	switch t.Kind() {
	case types.IntKind, types.UintKind, types.DoubleKind:
		return "a number"
	case types.StringKind:
		return "a text"
	case types.ListKind:
		return "a list"
	}
	return "of type " + t.String()
}

// problems words what CEL found, in the names that the user wrote.
func problems(issues *cel.Issues, vars []variable) error {
	var found Problems
	for _, e := range issues.Errors() {
		text := e.Message
		for _, v := range vars {
			text = strings.ReplaceAll(text, v.name, v.written())
		}
		text, _, _ = strings.Cut(text, "\n")
		found = append(found, &Problem{Line: max(1, e.Location.Line()), Column: e.Location.Column() + 1, Text: plain(text), Hint: advice(text)})
	}
	if len(found) == 0 {
		return errors.New(issues.String())
	}
	return found
}

func (v *variable) written() string {
	text := v.of
	switch v.what {
	case accepted:
		text = "accepted('" + v.of + "')"
	case refused:
		text = "refused('" + v.of + "')"
	case attempted:
		text = "attempted('" + v.of + "')"
	}
	if v.field != "" {
		text += "." + v.field
	}
	return text
}

// plain shortens CEL's words for the mistakes that people make.
func plain(text string) string {
	if name, ok := strings.CutPrefix(text, "undeclared reference to '"); ok {
		name, _, _ = strings.Cut(name, "'")
		return "unknown name " + name
	}
	if rest, ok := strings.CutPrefix(text, "found no matching overload for '"); ok {
		name, args, _ := strings.Cut(rest, "' applied to ")
		return strings.Trim(name, "_@") + " does not take " + strings.Trim(args, "'")
	}
	return strings.TrimPrefix(text, "Syntax error: ")
}

func advice(text string) string {
	switch {
	case strings.Contains(text, "undeclared reference"):
		return "names are accepted('NAME'), refused('NAME'), attempted('NAME') and those of [[observe]]"
	case strings.Contains(text, "overload for '_=_'"), strings.Contains(text, "token recognition error at: '="):
		return "equality is =="
	}
	return ""
}
