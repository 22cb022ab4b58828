package serial

import (
	"testing"

	"tussle/history"
)

// A holder whose lease was granted for less than was asked is not wronged when
// its write comes too late.
//
//	asked for 100, granted 40:   lock 0 .. 5, write 30 .. 45 refused
func TestALeaseLastsAsLongAsItWasGranted(t *testing.T) {
	for _, c := range []struct {
		granted int64
		held    bool
	}{{0, true}, {40, false}, {60, true}} {
		grant := &one{role: "mine", Request: history.Request{Step: history.StepLock, Return: 5, Status: 201, Class: history.OK, Lock: "a", TTL: c.granted}}
		write := &one{Request: history.Request{Step: history.StepWrite, Call: 30, Return: 45, Status: 412, Class: history.Stale}}
		q := &asked{attrs: map[string]string{"ttl": "100"}, all: []*one{grant, write}}
		if held := q.held("mine", write); held != c.held {
			t.Errorf("granted %d: held %t", c.granted, held)
		}
	}
}
