package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history"
	"tussle/history/wire"
)

// ourName translates what others call our variables.
var ourName = map[string]string{"etag": "version", "rev": "version", "revision": "version", "id": "key", "lock_token": "lock",
	"fencing_token": "fence", "access_token": "token", "body": "read.body"}

// checkVariables names every variable that nothing sets.
func (c *checker) checkVariables() {
	known := wire.Variables()
	addStep := func(s *Step) {
		if s != nil {
			known = append(known, sortedNames(s.Capture)...)
		}
	}
	addSteps := func(s *Steps) {
		for _, name := range StepNames() {
			addStep(s.Step(name))
		}
	}
	addSteps(&c.s.Target.Steps)
	for _, step := range c.s.Target.Join.List() {
		addStep(&step)
	}
	for i := range c.s.Strategies {
		addSteps(&c.s.Strategies[i].Steps)
		for name, step := range c.s.Strategies[i].Speaks {
			if !history.Step(name).Own() { // only later steps of an operation know what it captured
				addStep(&step)
			}
		}
	}
	var vars []string
	for _, id := range c.s.Target.Identity {
		vars = append(vars, sortedNames(id.Vars)...)
	}
	known = append(known, vars...)

	for _, name := range StepNames() {
		may := known
		if name == "prepare" {
			may = append([]string{"run", "token"}, vars...) // there is no key yet
		}
		c.stepVariables(join("target", name), c.s.Target.Step(name), may, wire.Variables())
		c.like("target", name, &c.s.Target.Steps)
		for i := range c.s.Strategies {
			at := element("strategy", i)
			step := c.s.Strategies[i].Step(name)
			if name == "prepare" && step != nil {
				c.sayKey(join(at, name), "prepare is done once, for all strategies", "[target.prepare]", "")
			}
			c.stepVariables(join(at, name), step, may, wire.Variables())
			c.like(at, name, &c.s.Strategies[i].Steps)
		}
	}
	c.ownVariables(known)
	headers := func(path string, h map[string]Text) {
		for _, k := range sortedNames(h) {
			c.variables(join(path, k), h[k].Template, known)
		}
	}
	headers("target.headers", c.s.Target.Headers)
	for i, id := range c.s.Target.Identity {
		headers(element("target.identity", i)+".headers", id.Headers)
		c.checkVars(element("target.identity", i)+".vars", id.Vars, vars)
	}
	for i, b := range c.s.Background {
		c.variables(element("background", i)+".request", b.Request, []string{"key", "run"})
	}
	c.variables("target.ready.request", c.s.Target.Ready.Request, nil)
	c.checkStanding(known, vars)
	c.checkSign()
}

// checkVars wants the variables of an identity to be those of all identities,
// under names of their own, and plain values.
func (c *checker) checkVars(at string, own map[string]Text, all []string) {
	for _, name := range sortedNames(own) {
		if slices.Contains(wire.Variables(), name) {
			c.sayKey(join(at, name), fmt.Sprintf("%q is a name that tussle sets itself", name), "a name of your own", "")
		}
		c.variables(join(at, name), own[name].Template, nil)
	}
	missing := slices.DeleteFunc(slices.Clone(all), func(name string) bool { _, has := own[name]; return has })
	slices.Sort(missing)
	if missing = slices.Compact(missing); len(missing) > 0 {
		c.say(parent(at), fmt.Sprintf("the identity lacks a variable that another one has: %s", strings.Join(missing, ", ")), "the same variables for every identity", "")
	}
}

// like wants a step that is like another one to name one of its own table that
// stands for itself.
func (c *checker) like(table, name string, steps *Steps) {
	step := steps.Step(name)
	if step == nil || step.Like == "" {
		return
	}
	at := join(join(table, name), "like")
	other := steps.Step(step.Like)
	switch {
	case step.Like == name:
		c.say(at, "a step cannot be like itself", "another step of the same table", "")
	case other == nil:
		var there []string
		for _, n := range StepNames() {
			if n != name && steps.Step(n) != nil {
				there = append(there, n)
			}
		}
		c.say(at, fmt.Sprintf("there is no step %q to be like", clip(step.Like)), "another step of the same table: "+strings.Join(there, ", "), didYouMean(step.Like, there))
	case other.Like != "":
		c.say(at, fmt.Sprintf("%s is itself like %s", step.Like, clip(other.Like)), "a step that says all by itself", fmt.Sprintf("like = %q", clip(other.Like)))
	}
}

// secrets wants every { env = "NAME" } of a body to be set.
func (c *checker) secrets(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if env, _, ok := wire.SecretIn(v); ok {
			c.checkEnv(join(path, "env"), env)
			return
		}
		for _, k := range sortedNames(v) {
			c.secrets(join(path, k), v[k])
		}
	case []any:
		for i, item := range v {
			c.secrets(element(path, i), item)
		}
	}
}

// stepVariables names what a step's templates speak of and nothing sets, and
// captures under reserved names.
func (c *checker) stepVariables(path string, s *Step, known, reserved []string) {
	if s == nil {
		return
	}
	if s.Request == "" && c.doc.has(join(path, "request")) && !c.broken(join(path, "request")) {
		c.say(join(path, "request"), "the request is empty", `a method and a path, such as "PUT /articles/{key}"`, "")
	}
	s.templates(func(at, text string) { c.variables(path+"."+at, text, known) })
	c.secrets(join(path, "body"), s.Body)
	c.secrets(join(path, "set"), s.Set)
	c.checkForms(path, s)
	c.checkSending(path, s)
	for _, k := range sortedNames(s.Capture) {
		if slices.Contains(reserved, k) {
			c.sayKey(join(path, "capture")+"."+join("", k), fmt.Sprintf("%q is a name that tussle sets itself", k), "a name of your own", "")
		}
	}
	if (s.Set != nil || s.Unset != nil) && s.Body != nil && s.Body != "{read.body}" {
		key := "set"
		if s.Set == nil {
			key = "unset"
		}
		c.sayKey(join(path, key), key+` changes a document that was read, and the body is not "{read.body}"`, `body = "{read.body}"`, "or write the fields into the body")
	}
}

// variables names the unknown variables of one template.
func (c *checker) variables(path, text string, known []string) {
	t, err := wire.ParseTemplate(text)
	if err != nil {
		return // the decoder said it
	}
	for _, s := range t.Segments {
		for _, name := range s.Names() {
			if slices.Contains(known, name) || strings.HasPrefix(name, wire.CookieVar) && known != nil {
				continue
			}
			hint := suggest(name, known, "variables")
			if ours := ourName[name]; ours != "" && slices.Contains(known, ours) {
				hint = fmt.Sprintf("it is called %q here", ours)
			}
			c.add(path, &mistake{message: fmt.Sprintf("unknown variable {%s}", name), hint: hint,
				offset: s.Offset, length: len(name) + 2})
		}
	}
	if !c.doc.has("target.login") && slices.Contains(t.Vars(), "token") {
		c.say(path, "{token} comes from a login, and there is no [target.login]", "", "")
	}
}
