//go:build !race

package cli

import "testing"

// Whatever a target answers, a run stays below 256 MiB.
func TestBudgetOfRudeTargets(t *testing.T) { rudeTargets(t, 256<<20) }
