package scenarios

import (
	"slices"
	"testing"

	"tussle/history"
)

// The words that a file may use are those that the history has, so that no
// side knows one that the other one does not.
func TestWordsAreThoseOfTheHistory(t *testing.T) {
	words := func(f field, ok bool) []string { return f.enum() }
	var classes []string
	for _, c := range history.Classes {
		classes = append(classes, string(c))
	}
	for _, tc := range []struct {
		what      string
		got, want []string
	}{
		{"class", words(fieldNamed[Outcome]("class")), classes},
		{"locking", words(fieldNamed[Strategy]("locking")), history.Lockings},
		{"workload", words(fieldNamed[Workload]("kind")), history.Workloads},
		{"the property that a workload exists for", sortedNames(ownProperty), history.Workloads},
	} {
		if slices.Sort(tc.got); !slices.Equal(tc.got, slices.Sorted(slices.Values(tc.want))) {
			t.Errorf("%s: a scenario may say %v, the history %v", tc.what, tc.got, tc.want)
		}
	}
	for kind, property := range ownProperty {
		if !slices.Contains(history.Properties, property) {
			t.Errorf("workload %s: no property has the name %q", kind, property)
		}
	}
}
