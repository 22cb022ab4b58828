package api

import (
	"strconv"
	"time"
)

// Problem is a refusal, sent as application/problem+json (RFC 9457). Its type
// is "/problems/" and Name.
type Problem struct {
	Status     int
	Name       string
	Detail     string        // for people
	Version    int64         // current_version of the item; 0 leaves it out
	Holder     string        // owner of the lock; "" leaves it out
	RetryAfter time.Duration // retry_after_ms and the header, to whole seconds; 0 leaves both out
	Allow      string        // methods that would be allowed, with 405
}

// Error returns name and detail.
func (p *Problem) Error() string { return p.Name + ": " + p.Detail }

// Refuse makes a problem from one of the names below.
func Refuse(status int, name, detail string) *Problem {
	return &Problem{Status: status, Name: name, Detail: detail}
}

// WithVersion tells the item's present version.
func (p *Problem) WithVersion(v int64) *Problem { p.Version = v; return p }

// titles are the names of all problems and what they are called.
var titles = map[string]string{
	"malformed":                "the request cannot be understood",
	"not-found":                "there is no such item",
	"no-such-path":             "there is no such path",
	"method-not-allowed":       "the method is not offered here",
	"too-large":                "the body is too large",
	"exists":                   "an item of that key exists",
	"precondition-required":    "the change must be conditional",
	"stale-version":            "the item has changed",
	"lock-required":            "the change needs a lock",
	"lock-lost":                "the lock is not held",
	"fenced":                   "a newer holder has the lock",
	"locked":                   "somebody else holds the lock",
	"out-of-bounds":            "the value would leave its bounds",
	"not-a-number":             "the value is not an integer",
	"not-a-list":               "the value is not a list",
	"not-an-object":            "the value is not an object",
	"insufficient":             "the balance is too small",
	"parent-missing":           "the parent does not exist",
	"has-children":             "the item has children",
	"request-in-flight":        "a request with this idempotency key is being worked on",
	"idempotency-key-reused":   "the idempotency key belongs to another request",
	"serialization":            "concurrent transactions got in each other's way",
	"deadlock":                 "transactions waited for each other",
	"lock-timeout":             "a lock could not be had in time",
	"statement-timeout":        "the statement took too long",
	"pool-exhausted":           "all connections to the database are in use",
	"unavailable":              "the store cannot be reached",
	"internal":                 "the server failed",
	"client-closed-connection": "the client did not wait for the answer",
}

// appendProblem appends the JSON of p for the resource at path.
func appendProblem(b []byte, p *Problem, path string) []byte {
	b = append(b, `{"type":"/problems/`...)
	b = append(b, p.Name...)
	b = append(b, `","title":`...)
	b = appendString(b, titles[p.Name])
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(p.Status), 10)
	b = append(b, `,"detail":`...)
	b = appendString(b, p.Detail)
	b = append(b, `,"instance":`...)
	b = appendString(b, path)
	if p.Version != 0 {
		b = append(b, `,"current_version":`...)
		b = strconv.AppendInt(b, p.Version, 10)
	}
	if p.Holder != "" {
		b = append(b, `,"holder":`...)
		b = appendString(b, p.Holder)
	}
	if p.RetryAfter > 0 {
		b = append(b, `,"retry_after_ms":`...)
		b = strconv.AppendInt(b, max(p.RetryAfter.Milliseconds(), 1), 10)
	}
	return append(b, '}')
}
