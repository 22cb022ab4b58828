package history

import "testing"

func TestLimitHolds(t *testing.T) {
	for _, tc := range []struct {
		op                 string
		below, same, above bool
	}{{"<", true, false, false}, {"<=", true, true, false}, {">", false, false, true}, {">=", false, true, true}, {"==", false, true, false}, {"!=", true, false, true}} {
		l := Limit{Op: tc.op, Value: 2}
		if l.Met(1) != tc.below || l.Met(2) != tc.same || l.Met(3) != tc.above {
			t.Errorf("%s: %v %v %v", tc.op, l.Met(1), l.Met(2), l.Met(3))
		}
	}
}
