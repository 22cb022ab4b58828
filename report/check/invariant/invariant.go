// Package invariant judges what a user says must be true: an expression over
// the operations of a key and what was observed of it.
//
// # The rule
//
// An accepted operation was carried out, a refused one was not, and one
// without an answer may have been. An observation that was made beside the
// load saw some moment of its own time, less the lag that reads may have: an
// operation that had ended before that moment counts, one that began after it
// does not, one around it may or may not. An invariant is violated only when
// no such moment and no such choice makes it true. What hangs on a value that
// nobody knows is never a violation.
//
// # The cost
//
// Operations of one name without an answer are alike, so choices are counted,
// not listed: with u of them, u+1 evaluations. Beyond [Bound] evaluations
// the invariant is undecided.
package invariant

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history/expr"
)

// Effect is what an operation did, as far as anybody knows.
type Effect int

// An operation was Accepted, Refused, or its answer never came.
const (
	Accepted Effect = iota
	Refused
	Unanswered
)

// Operation is one operation as an invariant sees it.
type Operation struct {
	Name         string
	Effect       Effect
	Call, Return int64 // ns; of an unanswered one Return is not looked at
	Captured     expr.Captured
}

// Moment is when something was observed: some time from Call-Lag to Return.
type Moment struct{ Call, Return, Lag int64 }

// Case is what one invariant is judged on.
type Case struct {
	Operations []Operation
	Observed   map[string][]expr.Captured
	Beside     *Moment // nil: observed after every operation had ended
}

// Verdict of one case.
type Verdict int

// An invariant Holds, is Violated, or Undecided for the reason given.
const (
	Holds Verdict = iota
	Violated
	Undecided
)

// Result says what became of one case.
type Result struct {
	Verdict Verdict
	Reason  string // why it is undecided
	// Against are the operations that contradict the invariant by themselves,
	// whatever the others did, as few as could be found; by index.
	Against []int
}

// Bound is the number of evaluations after which a case is undecided.
const Bound = 20_000

// Judge judges one case.
func Judge(p *expr.Program, c *Case) Result {
	s := search{program: p, c: c, left: Bound, free: make([]bool, len(c.Operations))}
	ok, why := s.satisfiable()
	switch {
	case why != "":
		return Result{Verdict: Undecided, Reason: why}
	case ok:
		return Result{Verdict: Holds}
	}
	return Result{Verdict: Violated, Against: s.shrink()}
}

// search looks for a moment and a choice that make an expression true.
type search struct {
	program *expr.Program
	c       *Case
	left    int    // evaluations
	free    []bool // operations that may have done anything, while shrinking
}

// satisfiable reports whether some moment and choice make it true, or maybe
// true; why says what kept it from being decided.
func (s *search) satisfiable() (ok bool, why string) {
	if s.c.Beside == nil {
		return s.at(nil)
	}
	for _, t := range s.moments() {
		if ok, why = s.at(&t); ok || why != "" {
			return ok, why
		}
	}
	return false, ""
}

// moments are the times at which another set of operations may have been
// seen: the beginning and end of the observation, and every beginning and end
// of an operation between.
func (s *search) moments() []int64 {
	m := s.c.Beside
	from := m.Call - m.Lag
	out := []int64{from, m.Return}
	for i := range s.c.Operations {
		o := &s.c.Operations[i]
		for _, t := range []int64{o.Call, o.Return} {
			if t > from && t < m.Return {
				out = append(out, t)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// group is the operations of one name whose effect is open.
type group struct {
	name  string
	open  int             // of which nothing is known
	known []expr.Captured // accepted, and perhaps not yet seen
	late  int             // refused, and perhaps not yet
	uses  expr.Uses
}

// at tries all choices at one moment; nil is after everything.
func (s *search) at(t *int64) (ok bool, why string) {
	v := expr.Values{Operations: map[string]expr.Operations{}, Observed: s.c.Observed}
	groups := map[string]*group{}
	for i := range s.c.Operations {
		o := &s.c.Operations[i]
		if t != nil && o.Call > *t && !s.free[i] {
			continue // began later
		}
		settled := o.Effect != Unanswered && !s.free[i] && (t == nil || o.Return < *t)
		ops := v.Operations[o.Name]
		switch {
		case settled && o.Effect == Accepted:
			ops.Accepted = append(ops.Accepted, o.Captured)
		case settled:
			ops.Refused = append(ops.Refused, o.Captured)
		default:
			g := groups[o.Name]
			if g == nil {
				g = &group{name: o.Name, uses: s.program.Uses(o.Name)}
				groups[o.Name] = g
			}
			switch {
			case s.free[i], o.Effect == Unanswered, o.Effect == Accepted && !g.uses.Fields && !g.uses.Refused:
				g.open++
			case o.Effect == Accepted:
				g.known = append(g.known, o.Captured)
			default:
				g.late++
			}
		}
		v.Operations[o.Name] = ops
	}
	var open []*group
	for _, g := range groups {
		if g.uses.Accepted || g.uses.Refused {
			open = append(open, g)
		}
	}
	slices.SortFunc(open, func(a, b *group) int { return strings.Compare(a.name, b.name) })
	return s.choose(open, &v)
}

// choose tries all choices for the groups that are left.
func (s *search) choose(open []*group, v *expr.Values) (ok bool, why string) {
	if len(open) == 0 {
		if s.left--; s.left < 0 {
			return false, fmt.Sprintf("too many operations without an answer: more than %d cases to try", Bound)
		}
		truth, err := s.program.Eval(v)
		if err != nil {
			return false, err.Error()
		}
		return truth != expr.False, ""
	}
	g, rest := open[0], open[1:]
	settled := v.Operations[g.name]
	defer func() { v.Operations[g.name] = settled }()
	if len(g.known) > 16 {
		return false, fmt.Sprintf("%d accepted operations named %s were under way when it was observed", len(g.known), g.name)
	}
	for subset := range 1 << len(g.known) {
		for a := 0; a <= g.open; a++ {
			if !g.uses.Accepted && a > 0 {
				break
			}
			for r := 0; r <= g.open-a+g.late; r++ {
				if !g.uses.Refused && r > 0 {
					break
				}
				v.Operations[g.name] = g.with(settled, subset, a, r)
				if ok, why = s.choose(rest, v); ok || why != "" {
					return ok, why
				}
			}
		}
	}
	return false, ""
}

// with adds one choice to what is settled.
func (g *group) with(settled expr.Operations, subset, a, r int) expr.Operations {
	out := expr.Operations{Accepted: slices.Clip(settled.Accepted), Refused: slices.Clip(settled.Refused)}
	for i, k := range g.known {
		if subset>>i&1 == 1 {
			out.Accepted = append(out.Accepted, k)
		}
	}
	for range a {
		out.Accepted = append(out.Accepted, expr.Captured{})
	}
	for range r {
		out.Refused = append(out.Refused, expr.Captured{})
	}
	return out
}
