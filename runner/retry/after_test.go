package retry

import (
	"math"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestParseRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"0":                               0,
		" 120\t":                          2 * time.Minute,
		"007":                             7 * time.Second,
		"9223372036":                      9223372036 * time.Second,
		"9223372037":                      math.MaxInt64,
		"99999999999999999999999999":      math.MaxInt64,
		"Tue, 24 Nov 2026 12:00:30 GMT":   30 * time.Second,
		"Tuesday, 24-Nov-26 12:01:00 GMT": time.Minute,
		"Tue Nov 24 12:00:05 2026":        5 * time.Second,
		"Tue, 24 Nov 2026 11:00:00 GMT":   0, // past
	} {
		if got, ok := ParseRetryAfter(value, noon); !ok || got != want {
			t.Errorf("%q: %v, %v, want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", " ", "-1", "+1", "1.5", "1 2", "soon", "Tue, 24 Nov 2026", "１２"} {
		if got, ok := ParseRetryAfter(value, noon); ok {
			t.Errorf("%q is taken for %v", value, got)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, s := range []string{"", "0", "120", "-1", "9223372037", "18446744073709551616", "Tue, 24 Nov 2026 12:00:30 GMT", "Tuesday, 24-Nov-26 12:01:00 GMT", "Tue Nov 24 12:00:05 2026", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := ParseRetryAfter(s, noon); d < 0 || !ok && d != 0 {
			t.Errorf("%q: %v, %v", s, d, ok)
		}
	})
}
