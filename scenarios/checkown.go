package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tussle/history/expr"
	"tussle/history/wire"
)

// checkOwn checks operations, observations and invariants.
func (c *checker) checkOwn() {
	s := c.s
	named := map[string]string{}
	name := func(at, kind, name string, form *regexp.Regexp, expected string) {
		where := join(at, "name")
		switch {
		case name == "":
			c.say(at, "the "+kind+" has no name", `name = "..."`, "")
		case !form.MatchString(name):
			c.say(where, fmt.Sprintf("%q is no name for an %s", clip(name), kind), expected, "")
		case named[kind+" "+name] != "":
			c.say(where, fmt.Sprintf("there are two of the name %q", clip(name)), "a name of its own for each", "")
		}
		named[kind+" "+name] = at
	}
	for i := range s.Operations {
		o, at := &s.Operations[i], element("operation", i)
		name(at, "operation", o.Name, ownName, "letters, digits, '-', '_' and '.'")
		if len(o.Steps) == 0 && !c.brokenWithin(at) && !c.formedEverywhere(o.Name) {
			c.say(at, "the operation has no step", "[[operation.step]] with a request", "")
		}
		for _, v := range sortedNames(o.Values) {
			if len(o.Values[v]) == 0 {
				c.say(join(at, "values")+"."+v, "there is nothing to draw from", "a list of at least one value", "")
			}
		}
		c.checkSteps(at, o)
	}
	c.checkFormsOf()
	for i := range s.Observes {
		o, at := &s.Observes[i], element("observe", i)
		name(at, "observation", o.Name, variableName, "letters, digits and '_', as it is a variable of expressions")
		if o.Request == "" && !c.broken(at+".request") {
			c.say(at, "the observation has no request", `request = "GET /coupons/{key}"`, "")
		}
		if len(o.Capture) == 0 {
			c.say(at, "the observation captures nothing", `capture = { left = "json:uses_left" }`, "")
		}
		for _, field := range sortedNames(o.Capture) {
			if o.Items != "" && !strings.HasPrefix(o.Capture[field], "json:") {
				c.say(at+".capture."+field, "a capture within an item is a JSON path", `for example "json:qty"`, "")
			}
		}
		if o.Next != "" && o.Items == "" {
			c.sayKey(at+".next", "next is of a list, and this observation has no items", `items = "json:rows"`, "")
		}
		if o.Next != "" && !o.step().uses("next") {
			c.say(at, "next is captured, and no request asks for it", `query = { after = "{next}" }`, "a Link header or a URL is followed without next")
		}
		if c.doc.has(at+".lag") && !c.doc.has(at+".every") {
			c.sayKey(at+".lag", "lag is of observations beside the load, and this one is made at the end", `every = "50ms"`, "settle waits before the last one")
		}
	}
	for i := range s.Invariants {
		v, at := &s.Invariants[i], element("invariant", i)
		name(at, "invariant", v.Name, ownName, "letters, digits, '-', '_' and '.'")
		c.checkExpr(at+".expr", v)
	}
	if len(s.Operations) == 0 {
		for _, key := range []string{"observe", "invariant"} {
			if c.doc.has(key) {
				c.sayKey(key, "["+"["+key+"]] speaks of operations, and there is none", "[[operation]]", "")
			}
		}
		return
	}
	if c.doc.has("workload.kind") && s.Workload.Kind != OwnWorkload {
		c.say("workload.kind", fmt.Sprintf("the scenario has operations of its own, and kind %s beside them", s.Workload.Kind), "no kind", "a scenario has either")
	}
	if len(s.Invariants) == 0 {
		c.say(element("operation", 0), "nothing says what must be true of the operations", "[[invariant]] with a name and an expr", "")
	}
}

// ownVariables names the variables of operations and observations that nothing sets.
func (c *checker) ownVariables(known []string) {
	// No operation has the variables of workloads, so captures may be called so.
	reserved := slices.DeleteFunc(slices.Clone(wire.Variables()), func(name string) bool {
		return slices.Contains([]string{"from", "to", "amount", "value", "parent", "name"}, name)
	})
	for i := range c.s.Operations {
		o, at := &c.s.Operations[i], element("operation", i)
		for _, v := range sortedNames(o.Values) {
			if slices.Contains(reserved, v) {
				c.sayKey(join(at, "values")+"."+v, fmt.Sprintf("%q is a name that tussle sets itself", v), "a name of your own", "")
			}
		}
		c.stepsOf(at, o, o.Values, known, reserved)
		for n := range c.s.Strategies {
			for k := range c.s.Strategies[n].Operations {
				if form := &c.s.Strategies[n].Operations[k]; form.Name == o.Name {
					c.stepsOf(element(element("strategy", n)+".operation", k), form, o.Values, known, reserved)
				}
			}
		}
	}
	c.observed(known)
}

// stepsOf checks the variables of an operation's steps, in one of its forms.
func (c *checker) stepsOf(at string, o *Operation, values map[string][]any, known, reserved []string) {
	may := append(slices.Clip(known), sortedNames(values)...)
	for n := range o.Steps {
		step := &o.Steps[n]
		for _, key := range []string{"every", "within"} {
			if where := element(at+".step", n) + "." + key; c.doc.has(where) && step.Until.Text == "" {
				c.sayKey(where, key+" is of a step that is sent until its answer says something", `until = "json:state == done"`, "")
			}
		}
		c.stepVariables(element(at+".step", n), &step.Step, may, reserved)
		if step.Like != "" {
			c.sayKey(element(at+".step", n)+".like", "a step of an operation is like none", "request, headers, query and body of its own", "")
		}
		may = append(may, sortedNames(step.Capture)...) // later steps know them
	}
}

// observed checks the variables of observations.
func (c *checker) observed(known []string) {
	for i := range c.s.Observes {
		step, may := c.s.Observes[i].step(), known
		if step.Next != "" {
			may = append(slices.Clip(known), "next")
		}
		step.templates(func(path, text string) { c.variables(element("observe", i)+"."+path, text, may) })
	}
}

// checkExpr compiles an invariant and tells its mistakes with their places.
func (c *checker) checkExpr(at string, v *Invariant) {
	if v.Expr == "" {
		c.say(parent(at), "the invariant has no expr", `expr = "accepted('redeem') <= 1"`, "")
		return
	}
	_, err := expr.Compile(v.Expr, c.s.Schema(v.Over == "all"))
	if err == nil {
		return
	}
	found, ok := err.(expr.Problems)
	if !ok {
		c.say(at, err.Error(), "", "")
		return
	}
	for _, p := range found {
		c.add(at, &mistake{message: p.Text, hint: p.Hint, offset: offsetOf(v.Expr, p.Line, p.Column), length: 1})
	}
}

// offsetOf is the byte at a line and column, both from 1.
func offsetOf(text string, line, column int) int {
	at := 0
	for line > 1 {
		i := regexp.MustCompile(`\n`).FindStringIndex(text[at:])
		if i == nil {
			break
		}
		at, line = at+i[1], line-1
	}
	return min(at+column-1, len(text))
}

// ownName is what an operation, an observation or an invariant may be called:
// observations are variables of expressions.
var (
	ownName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
)
