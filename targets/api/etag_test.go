package api

import "testing"

// The four rows of RFC 9110, 8.8.3.2, table 3.
func TestComparisonFollowsTheTableOfRFC9110(t *testing.T) {
	rows := []struct {
		a, b         string
		strong, weak bool
	}{
		{`W/"1"`, `W/"1"`, false, true},
		{`W/"1"`, `W/"2"`, false, false},
		{`W/"1"`, `"1"`, false, true},
		{`"1"`, `"1"`, true, true},
	}
	for _, r := range rows {
		for _, pair := range [][2]string{{r.a, r.b}, {r.b, r.a}} {
			if got := MatchStrong(pair[0], pair[1]); got != r.strong {
				t.Errorf("strong %s, %s: got %v, expected %v", pair[0], pair[1], got, r.strong)
			}
			if got := MatchWeak(pair[0], pair[1]); got != r.weak {
				t.Errorf("weak %s, %s: got %v, expected %v", pair[0], pair[1], got, r.weak)
			}
		}
	}
}

func TestConditionIsAListOrAStar(t *testing.T) {
	rows := []struct {
		header, current string
		want            bool
	}{
		{`*`, `"1"`, true},
		{` * `, `"1"`, true},
		{`*`, ``, false}, // no item, nothing to match
		{`"1"`, ``, false},
		{`"7", "1"`, `"1"`, true},
		{`"7","1" ,"3"`, `"1"`, true},
		{`"7", W/"1"`, `"1"`, false},
		{`"1,2"`, `"1,2"`, true}, // a comma may be part of a tag
		{`"1,2"`, `"1"`, false},
		{`1`, `"1"`, false}, // an entity tag has quotes
		{`"1`, `"1"`, false},
		{``, `"1"`, false},
		{`W/1`, `"1"`, false},
	}
	for _, r := range rows {
		if got := MatchStrong(r.header, r.current); got != r.want {
			t.Errorf("If-Match: %s against %s: got %v, expected %v", r.header, r.current, got, r.want)
		}
	}
}
