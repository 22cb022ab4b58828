package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

func (c *checker) checkOutcomes() {
	for i, o := range c.s.Target.Outcomes {
		at := element("target.outcome", i)
		if o.Class == "" && o.Effect == "" && !c.broken(at) && !c.doc.has(at+".class") && !c.doc.has(at+".effect") {
			c.say(at, "the rule sets neither class nor effect", `for example class = "stale"`, "")
		}
		for n, step := range o.Step {
			if known := append(StepNames(), "login"); !slices.Contains(known, step) {
				where := element(at+".step", n)
				if !c.doc.has(where) {
					where = at + ".step"
				}
				c.say(where, fmt.Sprintf("unknown step %q", clip(step)), strings.Join(known, ", "), didYouMean(step, known))
			}
		}
		c.checkMatch(at+".header", o.Header, "name")
		c.checkMatch(at+".json", o.JSON, "path")
		c.checkMatch(at+".xml", o.XML, "name")
		c.checkMatch(at+".body", o.Body, "")
		if o.Items != nil && o.Items.Path == "" {
			c.say(at+".items", "the condition does not say which list", `items = { path = "results", field = "status", equals = 409 }`, "")
		}
		if len(o.Status) == 0 && o.Header == nil && o.JSON == nil && o.XML == nil && o.Body == nil && o.Items == nil && !c.doc.has(at+".status") {
			c.say(at, "the rule has no condition, so it hides all that follow", "status, header, json, xml, body or items", "")
		}
	}
}

// checkMatch wants a condition to say of what (needs) and what is wanted.
func (c *checker) checkMatch(at string, m *Match, needs string) {
	if m == nil {
		return
	}
	given := map[string]bool{"name": m.Name != "", "path": m.Path != ""}
	for _, key := range []string{"name", "path"} {
		switch {
		case key == needs && !given[key]:
			c.say(at, fmt.Sprintf("the condition has no %s", key), map[string]string{"name": `name = "Retry-After"`, "path": `path = "error.code"`}[key], "")
		case key != needs && given[key]:
			c.sayKey(at+"."+key, fmt.Sprintf("%s means nothing here", key), "", "remove it")
		}
	}
	if m.Equals == nil && m.Regex == "" && m.Suffix == "" && m.Exists == nil && m.Absent == nil && !c.doc.has(at+".regex") {
		c.say(at, "the condition does not say what is wanted", "equals, regex, suffix, exists or absent", "")
	}
}
