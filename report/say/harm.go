package say

import (
	"fmt"

	"tussle/report/check"
)

// harms says, property by property, what a violation did: as the end of a
// sentence that begins with the strategy's name (text), as a sentence of its
// own where that reads better (alone), and what did not happen while the
// property holds (none). %s is how often, counted in nouns.
var harms = []struct{ property, text, noun, alone, none string }{
	{"no-lost-update", "lost %s", "update", "", "lost updates"},
	{"last-read", "went back at the last read to an older state than had been read, %s", "time", "", "last reads that went back"},
	{"one-version-one-state", "gave %s to two states", "version", "", "versions of two states"},
	{"register", "returned %s that no order of the writes can produce", "answer", "", "reads that no order of the writes can produce"},
	{"honest-refusals", "sent %s without cause", "refusal", "", "refusals without cause"},
	{"session-guarantees", "showed a client an older state than before, %s", "time", "", "reads that went back in time for a client"},
	{"counter-bounds", "returned %s that no ordering of the increments can produce", "count", "%s returned a count that no ordering of the increments can produce", "out-of-bounds counts"},
	{"append-only", "lost, repeated or reordered %s", "element", "", "lost, repeated or reordered elements"},
	{"conservation", "returned %s that the transfers cannot produce", "balance", "", "balances that the transfers cannot produce"},
	{"create-once", "created the same thing more than once, %s", "time", "", "double creations"},
	{"lifecycle", "mixed up the lives of a resource, %s", "time", "", "mixed-up lives of a resource"},
	{"parent-child", "left a child without its parent, %s", "time", "", "children without a parent"},
	{"mutual-exclusion", "gave a lock to two holders at once, %s", "time", "", "locks with two holders"},
	{"fencing", "accepted %s of a client that no longer held the lock", "write", "", "writes of former lock holders"},
	{"progress", "stood still, %s", "time", "", "standstills"},
	{"durability", "forgot %s", "acknowledged change", "", "forgotten changes"},
	{"write-skew", "let %s through", "write skew", "", "write skews"},
}

// Harm says what a violated property did.
func Harm(p check.Property) string {
	if p.Harm != "" {
		return Visible(p.Harm, CutText)
	}
	for _, h := range harms {
		if h.property == p.Name {
			return fmt.Sprintf(h.text, Plural(p.Violations, h.noun))
		}
	}
	return "violated " + Visible(p.Name, CutName) + ", " + Plural(p.Violations, "time")
}

// harmAlone is Harm as a sentence of its own.
func harmAlone(p check.Property) string {
	for _, h := range harms {
		if h.property == p.Name && h.alone != "" {
			return fmt.Sprintf(h.alone, Plural(p.Violations, "read"))
		}
	}
	return "It also " + Harm(p)
}

// HarmShort is harm for a table's cell.
func HarmShort(p check.Property) string {
	if p.Name == "no-lost-update" {
		return "lost " + Count(p.Violations)
	}
	return Count(p.Violations) + " × " + Visible(p.Name, CutName)
}

// absent says what did not happen while the properties held: "no lost updates
// and no out-of-bounds counts".
func absent(properties []string) string {
	var out []string
	for _, name := range properties {
		text := "violations of " + Visible(name, CutName)
		for _, h := range harms {
			if h.property == name {
				text = h.none
			}
		}
		out = append(out, "no "+text)
	}
	return joined(out)
}
