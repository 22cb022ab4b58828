package wire

import "testing"

func TestETag(t *testing.T) {
	for s, want := range map[string]struct {
		opaque   string
		weak, ok bool
	}{
		`"1-660dac330ed85"`: {"1-660dac330ed85", false, true},
		` W/"3"	`:           {"3", true, true},
		`""`:                {"", false, true},
		`"a,b"`:             {"a,b", false, true},
		`3`:                 {},
		`w/"3"`:             {},
		`"a b"`:             {},
		`"a"b"`:             {},
		`*`:                 {},
	} {
		if opaque, weak, ok := ETag(s); opaque != want.opaque || weak != want.weak || ok != want.ok {
			t.Errorf("%s: %q, %v, %v, want %+v", s, opaque, weak, ok, want)
		}
	}
}
