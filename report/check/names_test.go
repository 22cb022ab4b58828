package check

import (
	"slices"
	"testing"

	"tussle/history"
)

// What may be promised is what is judged, under the same names.
func TestPropertiesAreThoseOfTheHistory(t *testing.T) {
	var names []string
	for _, p := range Properties {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(history.Properties)); !slices.Equal(names, want) {
		t.Errorf("judged: %v\npromised: %v", names, want)
	}
}
