package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// checkSteps wants every step of an operation to have a request.
func (c *checker) checkSteps(at string, o *Operation) {
	for n := range o.Steps {
		if o.Steps[n].Request == "" && !c.doc.has(element(at+".step", n)+".request") {
			c.say(element(at+".step", n), "the step has no request", `request = "POST /carts"`, "")
		}
	}
}

// formedEverywhere reports whether every strategy has steps of its own for an operation.
func (c *checker) formedEverywhere(name string) bool {
	for i := range c.s.Strategies {
		if !slices.ContainsFunc(c.s.Strategies[i].Operations, func(o Operation) bool { return o.Name == name && len(o.Steps) > 0 }) {
			return false
		}
	}
	return len(c.s.Strategies) > 0
}

// checkFormsOf wants the operations of a strategy to be other forms of the
// scenario's own: of one that is there, in steps of their own, and with all
// that invariants look at.
func (c *checker) checkFormsOf() {
	var names []string
	for i := range c.s.Operations {
		names = append(names, c.s.Operations[i].Name)
	}
	for i := range c.s.Strategies {
		seen := map[string]bool{}
		for n := range c.s.Strategies[i].Operations {
			form, at := &c.s.Strategies[i].Operations[n], element(element("strategy", i)+".operation", n)
			which := slices.Index(names, form.Name)
			switch {
			case form.Name == "":
				c.say(at, "nothing says which operation this is a form of", `name = "..."`, strings.Join(names, ", "))
				continue
			case which < 0:
				c.say(join(at, "name"), fmt.Sprintf("there is no operation %q to be a form of", clip(form.Name)), strings.Join(names, ", "), didYouMean(form.Name, names))
				continue
			case seen[form.Name]:
				c.say(join(at, "name"), fmt.Sprintf("the strategy has two forms of %s", form.Name), "one", "")
			case len(form.Steps) == 0 && len(form.Outcomes) == 0:
				c.say(at, "the form has neither steps nor outcomes", "[[strategy.operation.step]] with a request", "")
			}
			seen[form.Name] = true
			for _, key := range []string{"weight", "values"} {
				if c.doc.has(join(at, key)) {
					c.sayKey(join(at, key), key+" is of the intent, and the same in all of its forms", "[[operation]]", "")
				}
			}
			c.checkSteps(at, form)
			if len(form.Steps) == 0 || len(c.s.Operations[which].Steps) == 0 {
				continue
			}
			has := form.Captures()
			for _, name := range c.s.Operations[which].Captures() {
				if _, drawn := c.s.Operations[which].Values[name]; !drawn && !slices.Contains(has, name) && c.judged(form.Name, name) {
					c.say(at, fmt.Sprintf("invariants look at %s of %s, and this form captures none", name, form.Name), fmt.Sprintf(`capture = { %s = "json:%s" }`, name, name), "")
				}
			}
		}
	}
}

// judged reports whether an invariant may look at a capture of an operation.
func (c *checker) judged(operation, capture string) bool {
	return slices.ContainsFunc(c.s.Invariants, func(v Invariant) bool {
		return (strings.Contains(v.Expr, "'"+operation+"'") || strings.Contains(v.Expr, `"`+operation+`"`)) && strings.Contains(v.Expr, "."+capture)
	})
}
