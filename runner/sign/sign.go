// Package sign adds to a finished request what proves who sends it: a signature
// over its method, its address, its headers, its body and the time. It is
// asked last, when nothing of the request changes any more.
package sign

import (
	"fmt"
	"time"

	"tussle/scenarios"
)

// Request is what is signed. Names of headers are in canonical form.
type Request interface {
	Method() string
	Target() []byte // path and query, escaped
	Body() []byte
	Header(name string) []byte
	SetHeader(name string, value []byte)
	EachHeader(f func(name, value []byte))
}

// Signer signs requests to one host. It may be used by many goroutines.
type Signer interface {
	Sign(r Request, now time.Time) error
}

// Maker makes the signer of one kind; base is the target's scheme and host, and
// text reads a value that may be a secret.
type Maker func(t scenarios.Sign, base Base, text func(scenarios.Text) string) (Signer, error)

// Base is where requests go.
type Base struct{ Scheme, Host string }

// Kinds lists what [New] can make. Another kind is one file and one line here.
var Kinds = map[string]Maker{
	"sigv4":            newSigV4,
	"azure-shared-key": newSharedKey,
	"hmac":             newHMAC,
	"command":          newCommand,
}

// New makes the signer that a scenario asks for; nil when it asks for none.
// One that is an io.Closer is closed after use.
func New(t scenarios.Sign, base Base, text func(scenarios.Text) string) (Signer, error) {
	if t.Kind == "" {
		return nil, nil
	}
	kind := Kinds[t.Kind]
	if kind == nil {
		return nil, fmt.Errorf("sign: there is no kind %q", t.Kind)
	}
	s, err := kind(t, base, text)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return s, nil
}

// needed is a value that the kind cannot do without.
func needed(name, value string) error {
	if value == "" {
		return fmt.Errorf("%s is empty", name)
	}
	return nil
}
