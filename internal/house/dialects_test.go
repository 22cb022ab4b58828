package house

import (
	"strings"
	"testing"

	"tussle/scenarios"
)

// The page that says what a dialect was held to names every one of them.
func TestDialectsPageNamesEveryDialect(t *testing.T) {
	page := text(t, "docs/dialects.md")
	for _, name := range scenarios.Dialects() {
		if strings.Count(page, "\n| `"+name+"` |") != 1 {
			t.Errorf("docs/dialects.md has no row, or more than one, for the dialect %s", name)
		}
	}
}
