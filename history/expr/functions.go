package expr

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var (
	dyns = cel.ListType(cel.DynType)

	// functions are those that CEL lacks. Each is unknown when its answer
	// hangs on a value that nobody knows, and only then.
	functions = cel.Lib(library{})
)

type library struct{}

func (library) ProgramOptions() []cel.ProgramOption { return nil }

func (library) CompileOptions() []cel.EnvOption {
	one := func(name string, out *cel.Type, f func([]ref.Val) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_list", []*cel.Type{dyns}, out,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return f(items(v)) })))
	}
	return []cel.EnvOption{
		one("unique", cel.BoolType, unique),
		one("no_gaps", cel.BoolType, noGaps),
		one("sum", cel.DynType, sum),
		one("min", cel.DynType, func(v []ref.Val) ref.Val { return extreme(v, -1) }),
		one("max", cel.DynType, func(v []ref.Val) ref.Val { return extreme(v, 1) }),
		one("count", cel.IntType, func(v []ref.Val) ref.Val { return types.Int(len(v)) }),
		cel.Function("disjoint", cel.Overload("disjoint_lists", []*cel.Type{dyns, dyns}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return disjoint(items(a), items(b)) }))),
		cel.Function("at_least", cel.Overload("at_least_list", []*cel.Type{cel.IntType, dyns}, cel.BoolType,
			cel.BinaryBinding(func(n, v ref.Val) ref.Val { return types.Bool(types.Int(len(items(v))) >= n.(types.Int)) }))),
	}
}

// takesList reports whether argument i of a function is a list.
func takesList(function string, i int) bool {
	switch function {
	case "unique", "no_gaps", "sum", "min", "max", "count", "size", "disjoint":
		return true
	case "at_least", "@in":
		return i == 1
	case "_[_]":
		return i == 0
	}
	return false
}

func items(v ref.Val) []ref.Val {
	l, ok := v.(traits.Lister)
	if !ok {
		return nil
	}
	n := int(l.Size().(types.Int))
	out := make([]ref.Val, n)
	for i := range out {
		out[i] = l.Get(types.Int(i))
	}
	return out
}

// split parts the values that are known from the number of those that are not.
func split(v []ref.Val) (known []ref.Val, unknown int, some ref.Val) {
	for _, x := range v {
		if types.IsUnknown(x) {
			unknown, some = unknown+1, x
		} else {
			known = append(known, x)
		}
	}
	return known, unknown, some
}

// unique: no two values are equal. Texts and numbers are told apart.
func unique(v []ref.Val) ref.Val {
	known, _, some := split(v)
	seen := map[any]bool{}
	for _, x := range known {
		k := keyOf(x)
		if seen[k] {
			return types.False
		}
		seen[k] = true
	}
	if some != nil && len(v) > 1 {
		return some
	}
	return types.True
}

// keyOf is equal for equal values.
func keyOf(v ref.Val) any {
	switch v := v.(type) {
	case types.Int:
		return int64(v)
	case types.Double:
		return float64(v)
	case types.String:
		return string(v)
	case types.Bool:
		return bool(v)
	}
	return [2]any{v.Type().TypeName(), v.Value()}
}

// noGaps: the values are whole numbers without a gap between the smallest and
// the largest. Values that are not known may fill gaps, or extend the ends.
func noGaps(v []ref.Val) ref.Val {
	known, unknown, some := split(v)
	numbers := make([]int64, 0, len(known))
	for _, x := range known {
		n, ok := x.(types.Int)
		if !ok {
			return types.NewErr("no_gaps wants whole numbers, and one is a %s", kindOf(x.Type().(*types.Type)))
		}
		numbers = append(numbers, int64(n))
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	gaps := 0
	for i := 1; i < len(numbers); i++ {
		if d := numbers[i] - numbers[i-1] - 1; d > int64(unknown) {
			return types.False
		} else {
			gaps += int(d)
		}
	}
	switch {
	case gaps > unknown:
		return types.False
	case unknown > 0 && len(numbers) > 0:
		return some
	}
	return types.True
}

// sum of numbers; 0 of none.
func sum(v []ref.Val) ref.Val {
	var total ref.Val = types.Int(0)
	var some ref.Val
	for _, x := range v {
		if types.IsUnknown(x) {
			some = x
			continue
		}
		if d, ok := x.(types.Double); ok {
			if whole, isInt := total.(types.Int); isInt {
				total = types.Double(whole)
			}
			x = d
		} else if n, ok := x.(types.Int); ok {
			if _, isFloat := total.(types.Double); isFloat {
				x = types.Double(n)
			}
		} else {
			return types.NewErr("sum wants numbers, and one is %s", kindOf(x.Type().(*types.Type)))
		}
		total = total.(traits.Adder).Add(x)
		if types.IsError(total) {
			return total
		}
	}
	if some != nil {
		return some
	}
	return total
}

// extreme is the smallest (-1) or the largest (1) value.
func extreme(v []ref.Val, which types.Int) ref.Val {
	known, _, some := split(v)
	switch {
	case some != nil:
		return some
	case len(known) == 0:
		return types.NewErr("min and max of an empty list")
	}
	best := known[0]
	for _, x := range known[1:] {
		c, ok := x.(traits.Comparer)
		if !ok {
			return types.NewErr("min and max want numbers or texts")
		}
		switch got := c.Compare(best).(type) {
		case types.Int:
			if got == which {
				best = x
			}
		default:
			return got
		}
	}
	return best
}

// disjoint: no two of the stretches [from, to) overlap.
func disjoint(from, to []ref.Val) ref.Val {
	if len(from) != len(to) {
		return types.NewErr("disjoint wants as many beginnings as ends, and there are %d and %d", len(from), len(to))
	}
	type stretch struct{ from, to ref.Val }
	var all []stretch
	var some ref.Val
	for i := range from {
		if types.IsUnknown(from[i]) || types.IsUnknown(to[i]) {
			if some = from[i]; !types.IsUnknown(some) {
				some = to[i]
			}
			continue
		}
		all = append(all, stretch{from[i], to[i]})
	}
	failed := ref.Val(nil)
	less := func(a, b ref.Val) int {
		c, ok := a.(traits.Comparer)
		if !ok {
			failed = types.NewErr("disjoint wants numbers or texts")
			return 0
		}
		got, ok := c.Compare(b).(types.Int)
		if !ok {
			failed = types.NewErr("disjoint wants values of one kind")
			return 0
		}
		return int(got)
	}
	slices.SortFunc(all, func(a, b stretch) int { return less(a.from, b.from) })
	// A stretch that ends last so far overlaps the next one, if any does.
	for i := 1; i < len(all); i++ {
		if less(all[i-1].to, all[i].from) > 0 {
			return pick(failed, types.False)
		}
		if less(all[i].to, all[i-1].to) < 0 {
			all[i].to = all[i-1].to
		}
	}
	if failed == nil && some != nil && len(from) > 1 {
		return some
	}
	return pick(failed, types.True)
}

func pick(failed, otherwise ref.Val) ref.Val {
	if failed != nil {
		return failed
	}
	return otherwise
}
