package cli

import (
	"strings"
	"testing"

	"tussle/scenarios"
)

// TestExplanationsAndListFitTheTerminal reads every scenario of the gallery as
// tussle explain and tussle list print it.
func TestExplanationsAndListFitTheTerminal(t *testing.T) {
	text := func(args ...string) string {
		var out, errs strings.Builder
		if code := Main(args, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("tussle %v: exit %d: %s", args, code, errs.String())
		}
		return out.String()
	}
	list := text("list")
	outputs := map[string]string{"list": list}
	for _, s := range scenarios.Gallery() {
		if n := strings.Count(list, "  "+s.Name+" "); n != 1 {
			t.Errorf("%s is listed %d times", s.Name, n)
		}
		outputs["explain "+s.Name] = text("explain", s.Name)
	}
	for what, out := range outputs {
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if len([]rune(line)) > columns || strings.TrimRight(line, " ") != line {
				t.Errorf("%s: a line of %d columns, or with spaces at its end: %q", what, len([]rune(line)), line)
			}
		}
	}
}
