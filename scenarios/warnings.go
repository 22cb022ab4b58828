package scenarios

import (
	"fmt"
	"regexp"
	"slices"

	"tussle/history"
)

// foreignVariable finds variables as other tools write them: "/:key", "${key}".
var foreignVariable = regexp.MustCompile(`/:([A-Za-z_][A-Za-z0-9_]*)|\$\{([A-Za-z_][A-Za-z0-9_.]*)\}`)

// warn notes what can be meant and most likely is not.
func (c *checker) warn(path, message, hint string) {
	p := c.doc.problem(path, false)
	p.Message, p.Hint = message, hint
	c.s.Warnings = append(c.s.Warnings, p)
}

// checkHabits warns of what other tools write otherwise, and of steps that ask
// for one resource whatever the key.
func (c *checker) checkHabits() {
	look := func(table string, s *Steps) {
		for _, name := range StepNames() {
			if step := s.Step(name); step != nil {
				c.otherVariables(join(table, name), step)
			}
		}
	}
	look("target", &c.s.Target.Steps)
	for i := range c.s.Strategies {
		look(element("strategy", i), &c.s.Strategies[i].Steps)
		c.keyless(element("strategy", i), &c.s.Strategies[i])
	}
	for i := range c.s.Operations {
		for n := range c.s.Operations[i].Steps {
			c.otherVariables(element(element("operation", i)+".step", n), &c.s.Operations[i].Steps[n].Step)
		}
	}
}

func (c *checker) otherVariables(at string, s *Step) {
	s.templates(func(path, text string) {
		for _, m := range foreignVariable.FindAllStringSubmatch(text, -1) {
			name := m[1] + m[2]
			if path != "request" && m[1] != "" {
				continue
			}
			c.warn(join(at, path), fmt.Sprintf("%q is how other tools write a variable; here it is a part of the text", m[0]), fmt.Sprintf("write {%s}", oursFor(name)))
		}
	})
}

// oursFor is our name of a variable that others call otherwise.
func oursFor(name string) string {
	if ours := ourName[name]; ours != "" {
		return ours
	}
	return name
}

// keyless warns of reads and writes that name no key: all keys, strategies and
// blocks are then one resource.
func (c *checker) keyless(at string, st *Strategy) {
	names := []string{"key", "name", "parent", "n", "from", "to", "read.body"}
	for name, step := range st.Speaks {
		if !history.Step(name).Own() {
			names = append(names, sortedNames(step.Capture)...)
		}
	}
	for _, name := range []string{"read", "write"} {
		step, where := st.Speaks[name], c.stepPath(at, name)
		if step.Request == "" || where == at+".locking" || c.warned(where+".request") || c.s.Workload.Kind == OwnWorkload {
			continue
		}
		if !step.usesAny(names...) {
			c.warn(where+".request", fmt.Sprintf("%s has no {key}: it asks for the same resource for every key, strategy and block", name),
				"put {key} where the id stands; with one resource that set-up resets, this is fine")
		}
	}
}

// warned reports whether there is a warning at a place already.
func (c *checker) warned(path string) bool {
	at := c.doc.problem(path, false)
	return slices.ContainsFunc(c.s.Warnings, func(p Problem) bool { return p.Line == at.Line && p.Col == at.Col })
}
