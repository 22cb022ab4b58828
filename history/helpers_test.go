package history

import (
	"bytes"
	"hash/crc32"
	"sync"
)

// requestsIn counts the requests up to the error that ends a history.
func requestsIn(file []byte) (n int, err error) {
	r, err := NewReader(bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var rec Record
	for {
		if err := r.Read(&rec); err != nil {
			return n, err
		}
		if rec.Kind == KindRequest {
			n++
		}
	}
}

func checksum(text []byte) uint32 { return crc32.Checksum(text, castagnoli) }

// safeBuffer may be read while a writer writes.
type safeBuffer struct {
	mu sync.Mutex
	b  []byte
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = append(s.b, p...)
	return len(p), nil
}

func (s *safeBuffer) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.b)
}
