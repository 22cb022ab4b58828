package say

import (
	"fmt"

	"tussle/report/check"
)

// harms says, property by property, what a violation did, as the end of a
// sentence that begins with the strategy's name; %s is how often.
var harms = []struct{ property, text, noun string }{
	{"no-lost-update", "lost %s", "update"},
	{"register", "showed %s that no order of the writes explains", "answer"},
	{"honest-refusals", "gave %s that do not hold up", "refusal"},
	{"session-guarantees", "showed a client a state older than it had seen, %s", "time"},
	{"counter-bounds", "showed %s that no order of the additions gives", "count"},
	{"append-only", "lost, repeated or reordered %s", "element"},
	{"conservation", "showed %s that the transfers do not explain", "balance"},
	{"create-once", "created the same thing more than once, %s", "time"},
	{"lifecycle", "mixed up the lives of a resource, %s", "time"},
	{"parent-child", "tore parent and child apart, %s", "time"},
	{"mutual-exclusion", "gave a lock to two holders at once, %s", "time"},
	{"fencing", "accepted %s of holders whose lock another had by then", "write"},
	{"progress", "stood still, %s", "time"},
	{"durability", "forgot %s", "accepted change"},
	{"write-skew", "let %s through", "write skew"},
}

// Harm says what a violated property did.
func Harm(p check.Property) string {
	if p.Harm != "" {
		return p.Harm
	}
	for _, h := range harms {
		if h.property == p.Name {
			return fmt.Sprintf(h.text, Plural(p.Violations, h.noun))
		}
	}
	return "violated " + Visible(p.Name, CutName) + ", " + Plural(p.Violations, "time")
}

// HarmShort is harm for a table's cell.
func HarmShort(p check.Property) string {
	if p.Name == "no-lost-update" {
		return "lost " + Count(p.Violations)
	}
	return Count(p.Violations) + " × " + Visible(p.Name, CutName)
}
