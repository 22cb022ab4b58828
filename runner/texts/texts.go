// Package texts keeps the short texts of one operation (tags, versions,
// values) without an allocation for each.
package texts

import "unsafe"

// Arena holds texts until Reset. When its buffer grows, texts that were
// handed out before keep the old one alive.
type Arena struct{ buf []byte }

// Reset forgets all texts; strings handed out before must no longer be used.
func (a *Arena) Reset() { a.buf = a.buf[:0] }

// Keep copies s.
func (a *Arena) Keep(s string) string {
	if s == "" {
		return ""
	}
	return a.End(append(a.Begin(), s...))
}

// Begin returns the empty tail to append one text to; End takes it back.
func (a *Arena) Begin() []byte { return a.buf[len(a.buf):] }

// End makes a text of what was appended to Begin's slice.
func (a *Arena) End(b []byte) string {
	n := len(b)
	if n == 0 {
		return ""
	}
	if cap(a.buf)-len(a.buf) >= n && &a.buf[:len(a.buf)+1][len(a.buf)] == &b[0] {
		a.buf = a.buf[:len(a.buf)+n]
	} else {
		a.buf = append(make([]byte, 0, max(4096, 2*cap(a.buf), 2*n)), b...)
		b = a.buf
	}
	return unsafe.String(&b[0], n)
}
