// Package secrets knows every secret value of a run and blanks it in any text
// that is about to be written, in whatever coding a target repeats it: see
// [Registry.Mask] and [Registry.Name].
package secrets

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// shortest is the length in bytes below which a value is not masked: it would
// blank half of every text. The loader warns about such values.
const shortest = 4

// Registry holds secret values with the name that stands in for each. Its
// zero value is empty and ready; it may be used by many goroutines.
type Registry struct {
	some atomic.Bool // there is one at all
	mu   sync.RWMutex
	table
	salt [16]byte
}

// Add registers a value under a name, such as the environment variable's.
func (r *Registry) Add(name, value string) {
	if len(value) < shortest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.some.Load() {
		_, _ = rand.Read(r.salt[:]) // crypto/rand never fails
	}
	r.add(secret{name, value})
	r.some.Store(true)
}

// Getenv looks a variable of the environment up and registers its value.
func (r *Registry) Getenv(name string) (value string, ok bool) {
	value, ok = os.LookupEnv(name)
	r.Add(name, value)
	return value, ok
}

// Empty reports whether there is nothing to mask.
func (r *Registry) Empty() bool { return !r.some.Load() }

// Mask returns s with every secret replaced by <NAME>.
func (r *Registry) Mask(s string) string {
	if !r.some.Load() || len(s) < shortest {
		return s
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return replace(s, r.clean(s, r.find(s, false)), len(s), plainly)
}

// Name masks a text whose identity matters, such as an entity tag: texts that
// differ stay different, and equal ones equal, as what stands in for a secret
// ends in a salted hash of what stood there. A part of a secret is masked too,
// if it is at least [piece] bytes long.
func (r *Registry) Name(s string) string {
	if !r.some.Load() || len(s) < shortest {
		return s
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return replace(s, r.clean(s, r.find(s, true)), len(s), r.hashed)
}

// Window returns the first n bytes of s, masked: a secret that the window's
// end would cut is replaced as a whole.
func (r *Registry) Window(s string, n int) string {
	text, _ := r.Split(s, n)
	return text
}

// Split is [Registry.Window] that also returns where in s the rest begins.
func (r *Registry) Split(s string, n int) (text string, rest int) {
	n = min(n, len(s))
	if !r.some.Load() {
		return s[:n], n
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	far := s[:min(len(s), n+r.margin())]
	found := r.clean(far, r.find(far, false))
	rest = n
	for _, f := range found {
		if f.from < n {
			rest = max(rest, f.to)
		}
	}
	return replace(far, found, n, plainly), rest
}

func plainly(name, _ string) string { return "<" + name + ">" }

func (r *Registry) hashed(name, stood string) string {
	h := hmac.New(sha256.New, r.salt[:])
	h.Write([]byte(stood))
	return "<" + name + "~" + hex.EncodeToString(h.Sum(nil)[:hashLength/2]) + ">"
}

// hashLength is how many hexadecimal digits tell masked texts apart.
const hashLength = 8

// replace writes the first n bytes of s with what was found replaced; what
// begins before n is replaced as a whole.
func replace(s string, found []span, n int, instead func(name, stood string) string) string {
	if len(found) == 0 {
		return s[:n]
	}
	var b strings.Builder
	at := 0
	for _, f := range found {
		if f.from >= n {
			break
		}
		b.WriteString(s[at:f.from])
		b.WriteString(instead(f.name, s[f.from:f.to]))
		at = f.to
	}
	if at < n {
		b.WriteString(s[at:n])
	}
	return b.String()
}
