package wire

import (
	"testing"

	"tussle/history"
)

func TestDefaults(t *testing.T) {
	const (
		read, write, create, del = history.StepRead, history.StepWrite, history.StepCreate, history.StepDelete
		lock, unlock, add        = history.StepLock, history.StepUnlock, history.StepAdd
	)
	version, locked, parent := Presented{Version: true}, Presented{Lock: true}, Presented{Parent: true}
	for _, tc := range []struct {
		step   history.Step
		status int
		after  bool // Retry-After
		p      Presented
		class  history.Class
		effect history.Effect
	}{
		{write, 200, false, version, history.OK, history.Applied},
		{write, 204, false, version, history.OK, history.Applied},
		{write, 202, false, version, history.OK, history.Unknown},
		{read, 200, false, Presented{}, history.OK, ""},
		{write, 301, false, version, history.Redirect, history.Unknown},
		{write, 303, false, version, history.Redirect, history.Unknown},
		{write, 304, false, version, history.Redirect, history.Refused},
		{write, 307, false, version, history.Redirect, history.Refused},
		{write, 400, false, version, history.Rejected, history.Refused},
		{write, 401, false, version, history.Rejected, history.Refused},
		{write, 404, false, version, history.Stale, history.Refused},
		{write, 404, false, Presented{}, history.Rejected, history.Refused},
		{write, 410, false, locked, history.Stale, history.Refused},
		{del, 404, false, Presented{}, history.Stale, history.Refused},
		{create, 404, false, parent, history.Dependency, history.Refused},
		{create, 404, false, Presented{}, history.Rejected, history.Refused},
		{unlock, 404, false, locked, history.Locked, ""},
		{lock, 404, false, Presented{}, history.Rejected, ""},
		{write, 408, false, version, history.Timeout, history.Unknown},
		{write, 409, false, version, history.Stale, history.Refused},
		{add, 409, false, Presented{}, history.Stale, history.Refused},
		{create, 409, false, Presented{}, history.Exists, history.Refused},
		{lock, 409, false, Presented{}, history.Locked, ""},
		{del, 409, false, Presented{}, history.Dependency, history.Refused},
		{del, 409, false, version, history.Stale, history.Refused},
		{write, 412, false, version, history.Stale, history.Refused},
		{write, 412, false, locked, history.Locked, history.Refused},
		{write, 412, false, Presented{Version: true, Lock: true}, history.Stale, history.Refused},
		{create, 412, false, Presented{}, history.Exists, history.Refused},
		{write, 422, false, version, history.Rejected, history.Refused},
		{write, 423, false, Presented{}, history.Locked, history.Refused},
		{lock, 423, false, Presented{}, history.Locked, ""},
		{create, 424, false, Presented{}, history.Dependency, history.Refused},
		{write, 425, false, version, history.Throttled, history.Refused},
		{write, 428, false, Presented{}, history.PreconditionRequired, history.Refused},
		{write, 429, false, version, history.Throttled, history.Refused},
		{write, 500, false, version, history.ServerError, history.Unknown},
		{write, 503, false, version, history.ServerError, history.Unknown},
		{write, 503, true, version, history.Throttled, history.Unknown},
		{write, 504, true, version, history.ServerError, history.Unknown},
		{write, 101, false, version, history.Transport, history.Unknown},
		{write, 999, false, version, history.Transport, history.Unknown},
	} {
		class := DefaultClass(tc.step, tc.status, tc.after, tc.p)
		if effect := DefaultEffect(tc.step, tc.status, class); class != tc.class || effect != tc.effect {
			t.Errorf("%s %d after=%v %+v: %s %q, want %s %q", tc.step, tc.status, tc.after, tc.p, class, effect, tc.class, tc.effect)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	for _, tc := range []struct {
		step          history.Step
		timeout, sent bool
		class         history.Class
		effect        history.Effect
	}{
		{history.StepWrite, true, true, history.Timeout, history.Unknown},
		{history.StepWrite, false, true, history.Transport, history.Unknown},
		{history.StepWrite, false, false, history.Transport, history.Refused}, // connection refused
		{history.StepWrite, true, false, history.Timeout, history.Refused},    // not connected in time
		{history.StepRead, true, true, history.Timeout, ""},
		{history.StepLock, false, true, history.Transport, ""},
	} {
		if class, effect := NoAnswer(tc.step, tc.timeout, tc.sent); class != tc.class || effect != tc.effect {
			t.Errorf("%s timeout=%v sent=%v: %s %q, want %s %q", tc.step, tc.timeout, tc.sent, class, effect, tc.class, tc.effect)
		}
	}
}
