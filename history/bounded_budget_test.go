//go:build !race

package history

import "testing"

// Under the race detector pools forget what they hold, and allocations say nothing.
func TestBudgetOfBombs(t *testing.T) { refuseBombs(t, 64) }
