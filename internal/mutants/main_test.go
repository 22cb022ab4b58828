package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Every mutant still fits the source, and no two are the same.
func TestMutantsFit(t *testing.T) {
	seen := map[string]bool{}
	files := map[string]bool{}
	for i, m := range mutants {
		source, err := os.ReadFile(filepath.Join("..", "..", dir, m.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := weave(m.file, source, []int{i}); err != nil {
			t.Error(err)
		}
		if m.old == m.new || m.rule == "" {
			t.Errorf("%s: %s changes nothing", m.file, m.rule)
		}
		key := m.file + m.old + m.new
		if seen[key] {
			t.Errorf("%s: %s stands twice", m.file, m.rule)
		}
		seen[key], files[m.file] = true, true
	}
	for _, f := range []string{"lostupdate.go", "chain.go", "zones.go", "stateorder.go", "refusals.go", "taken.go", "session.go", "counter.go", "appendonly.go",
		"wanted.go", "conservation.go", "createonce.go", "lifecycle.go", "parentchild.go", "exclusion.go", "fencing.go", "progress.go", "durability.go", "skew.go", "states.go", "overlap.go", "case.go"} {
		if !files[f] {
			t.Errorf("no rule of %s has a mutant", f)
		}
	}
}
