package retry

import (
	"math"
	"net/http"
	"strings"
	"time"
)

// ParseRetryAfter reads a Retry-After header (RFC 9110, 10.2.3): seconds as
// digits, or an HTTP-date in any of its three forms, from which now is
// subtracted; a date in the past gives 0. More seconds than a duration holds
// give the longest duration.
func ParseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.Trim(value, " \t")
	if value == "" {
		return 0, false
	}
	if digits(value) {
		seconds := int64(0)
		for _, c := range []byte(value) {
			if seconds = seconds*10 + int64(c-'0'); seconds > math.MaxInt64/int64(time.Second) {
				return math.MaxInt64, true
			}
		}
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
