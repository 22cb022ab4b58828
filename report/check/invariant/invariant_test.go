package invariant

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"tussle/history/expr"
)

var schema = expr.Schema{
	Operations: map[string][]string{"take": {"n"}, "give": {"n"}},
	Observed:   map[string]expr.Observation{"o": {Fields: []string{"left"}}},
}

func compile(t *testing.T, text string) *expr.Program {
	t.Helper()
	p, err := expr.Compile(text, schema)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func take(e Effect, call, ret int64, n any) Operation {
	return Operation{"take", e, call, ret, expr.Captured{"n": n}}
}

func left(n int64) map[string][]expr.Captured { return map[string][]expr.Captured{"o": {{"left": n}}} }

func TestVerdicts(t *testing.T) {
	lost := Operation{Name: "take", Effect: Unanswered, Call: 5}
	one, two := take(Accepted, 1, 2, int64(1)), take(Accepted, 3, 4, int64(2))
	for _, c := range []struct {
		name, text string
		c          Case
		want       Verdict
		against    int
	}{
		{"one was accepted", "accepted('take') <= 1", Case{Operations: []Operation{one}}, Holds, 0},
		{"two were", "accepted('take') <= 1", Case{Operations: []Operation{one, two, take(Refused, 5, 6, nil)}}, Violated, 2},
		{"a second one may not have been carried out", "accepted('take') <= 1", Case{Operations: []Operation{one, lost}}, Holds, 0},
		{"two were, and a third may have been", "accepted('take') <= 1", Case{Operations: []Operation{one, lost, two}}, Violated, 2},
		{"the sum needs the lost one", "o.left + accepted('take') == 2", Case{Operations: []Operation{one, lost}, Observed: left(0)}, Holds, 0},
		{"the sum needs it not", "o.left + accepted('take') == 2", Case{Operations: []Operation{one, lost}, Observed: left(1)}, Holds, 0},
		{"the sum cannot be", "o.left + accepted('take') == 2", Case{Operations: []Operation{one, lost}, Observed: left(2)}, Violated, 1},
		{"a number twice", "unique(accepted('take').n)", Case{Operations: []Operation{one, two, take(Accepted, 8, 9, int64(2)), lost}}, Violated, 2},
		{"a number that nobody heard", "unique(accepted('take').n)", Case{Operations: []Operation{one, two, lost}}, Holds, 0},
		{"a gap that the lost one may fill", "no_gaps(accepted('take').n)", Case{Operations: []Operation{one, take(Accepted, 3, 4, int64(3)), lost}}, Holds, 0},
		{"seen before it ended", "o.left + accepted('take') == 1", Case{Operations: []Operation{take(Accepted, 1, 9, int64(1))}, Observed: left(1), Beside: &Moment{Call: 4, Return: 5}}, Holds, 0},
		{"not seen though it had ended", "o.left + accepted('take') == 1", Case{Operations: []Operation{one}, Observed: left(1), Beside: &Moment{Call: 4, Return: 5}}, Violated, 1},
		{"reads may lag", "o.left + accepted('take') == 1", Case{Operations: []Operation{one}, Observed: left(1), Beside: &Moment{Call: 4, Return: 5, Lag: 3}}, Holds, 0},
		{"seen before it began", "o.left + accepted('take') == 1", Case{Operations: []Operation{take(Accepted, 7, 9, int64(1))}, Observed: left(0), Beside: &Moment{Call: 4, Return: 5}}, Violated, 0},
		{"a later one cannot be seen without an earlier one", "o.left + accepted('take') == 2 && o.left != 1", Case{Operations: []Operation{one, two}, Observed: left(1), Beside: &Moment{Call: 0, Return: 9}}, Violated, 0},
		{"nothing was observed", "o.left == 0", Case{}, Undecided, 0},
	} {
		got := Judge(compile(t, c.text), &c.c)
		if got.Verdict != c.want || c.want == Violated && c.against > 0 && len(got.Against) != c.against {
			t.Errorf("%s: %+v, want %v against %d", c.name, got, c.want, c.against)
		}
	}
}

// rules are invariants in CEL and, for the oracle, in Go.
var rules = []struct {
	text  string
	holds func(accepted, refused map[string][]int64, left int64) bool
}{
	{"accepted('take') <= 2", func(a, _ map[string][]int64, _ int64) bool { return len(a["take"]) <= 2 }},
	{"o.left + accepted('take') - accepted('give') == 3", func(a, _ map[string][]int64, left int64) bool {
		return left+int64(len(a["take"]))-int64(len(a["give"])) == 3
	}},
	{"unique(accepted('take').n)", func(a, _ map[string][]int64, _ int64) bool { return distinct(a["take"]) }},
	{"no_gaps(accepted('take').n)", func(a, _ map[string][]int64, _ int64) bool { return gapless(a["take"]) }},
	{"accepted('take') == 0 || accepted('give') == 0", func(a, _ map[string][]int64, _ int64) bool { return len(a["take"]) == 0 || len(a["give"]) == 0 }},
	{"refused('take') <= 1 || accepted('give') > 0", func(a, r map[string][]int64, _ int64) bool { return len(r["take"]) <= 1 || len(a["give"]) > 0 }},
	{"sum(accepted('take').n) <= 6 && o.left < 4", func(a, _ map[string][]int64, left int64) bool {
		var sum int64
		for _, n := range a["take"] {
			sum += n
		}
		return sum <= 6 && left < 4
	}},
}

func distinct(v []int64) bool {
	v = slices.Sorted(slices.Values(v))
	return len(slices.Compact(v)) == len(v)
}

func gapless(v []int64) bool {
	v = slices.Compact(slices.Sorted(slices.Values(v)))
	return len(v) == 0 || v[len(v)-1]-v[0] == int64(len(v)-1)
}

// search tries every moment and every fate of every operation: the oracle.
func bruteForce(holds func(a, r map[string][]int64, left int64) bool, c *Case, left int64) bool {
	times := []int64{1 << 40}
	if m := c.Beside; m != nil {
		times = nil
		for t := m.Call - m.Lag; t <= m.Return; t++ {
			times = append(times, t)
		}
	}
	for _, t := range times {
		a, r := map[string][]int64{}, map[string][]int64{}
		var try func(i int) bool
		try = func(i int) bool {
			if i == len(c.Operations) {
				return holds(a, r, left)
			}
			o := &c.Operations[i]
			with := func(m map[string][]int64, n int64) bool {
				m[o.Name] = append(m[o.Name], n)
				ok := try(i + 1)
				m[o.Name] = m[o.Name][:len(m[o.Name])-1]
				return ok
			}
			n, _ := o.Captured["n"].(int64)
			switch {
			case o.Call > t:
				return try(i + 1)
			case o.Effect == Accepted && o.Return < t:
				return with(a, n)
			case o.Effect == Refused && o.Return < t:
				return with(r, 0)
			case o.Effect == Accepted: // seen or not yet
				return try(i+1) || with(a, n)
			case o.Effect == Refused:
				return try(i+1) || with(r, 0)
			}
			if try(i+1) || with(r, 0) {
				return true
			}
			for n := int64(-20); n <= 8; n++ {
				if with(a, n) {
					return true
				}
			}
			return false
		}
		if try(0) {
			return true
		}
	}
	return false
}

// A verdict is that of a search through all moments, fates and numbers.
func TestVerdictsAgreeWithASearch(t *testing.T) {
	histories := 1500
	if text := os.Getenv("TUSSLE_LONG"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		histories = n
	}
	programs := make([]*expr.Program, len(rules))
	for i := range rules {
		programs[i] = compile(t, rules[i].text)
	}
	violated := 0
	for seed := range histories {
		r := rand.New(rand.NewPCG(20261128, uint64(seed)))
		var c Case
		for range r.IntN(6) {
			o := Operation{Name: []string{"take", "take", "give"}[r.IntN(3)], Effect: []Effect{Accepted, Accepted, Refused, Unanswered}[r.IntN(4)]}
			o.Call = r.Int64N(12)
			o.Return = o.Call + r.Int64N(6)
			if o.Effect == Accepted {
				o.Captured = expr.Captured{"n": 1 + r.Int64N(4)}
			}
			c.Operations = append(c.Operations, o)
		}
		n := r.Int64N(5)
		c.Observed = left(n)
		if r.IntN(2) == 0 {
			c.Beside = &Moment{Call: r.Int64N(12), Lag: r.Int64N(3)}
			c.Beside.Return = c.Beside.Call + r.Int64N(5)
		}
		for i := range rules {
			got, want := Judge(programs[i], &c), bruteForce(rules[i].holds, &c, n)
			if (got.Verdict == Holds) != want || got.Verdict == Undecided {
				t.Fatalf("seed %d: %s is %+v, and a search says %v\n%+v beside %+v", seed, rules[i].text, got, want, c, c.Beside)
			}
			if got.Verdict == Violated {
				violated++
				smaller(t, programs[i], &c, got.Against)
			}
		}
	}
	if violated < histories/20 {
		t.Errorf("%d of %d verdicts were violations: the histories put nothing to the test", violated, histories*len(rules))
	}
}

// smaller wants a contradiction that needs each of its operations.
func smaller(t *testing.T, p *expr.Program, c *Case, against []int) {
	t.Helper()
	for _, without := range append([]int{-1}, against...) {
		s := search{program: p, c: c, left: Bound, free: make([]bool, len(c.Operations))}
		for i := range s.free {
			s.free[i] = i == without || !slices.Contains(against, i) && c.Operations[i].Effect != Unanswered
		}
		if ok, why := s.satisfiable(); why != "" || ok != (without >= 0) {
			t.Fatalf("%v against it, without %d: satisfiable %v %s\n%+v", against, without, ok, why, c)
		}
	}
}
