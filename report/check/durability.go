package check

import "strings"

// killed reports whether the target was to be killed in this run.
func (c *Case) killed() bool {
	for _, f := range c.plan.Faults {
		if kills(f.Kind) {
			return true
		}
	}
	return len(c.restarts()) > 0
}

// kills reports whether a kind of fault takes the target's memory away.
func kills(kind string) bool {
	return strings.Contains(kind, "kill") || strings.Contains(kind, "restart") || strings.Contains(kind, "crash")
}

// restarts are the windows in which the target was down.
func (c *Case) restarts() []window {
	var out []window
	for _, w := range c.windows {
		if kills(w.kind) {
			out = append(out, w)
		}
	}
	return out
}
