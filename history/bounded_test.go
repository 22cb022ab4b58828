package history

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// endless is as many zeros as are asked for.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '\n'
	}
	return len(p), nil
}

// A few hundred kilobytes that unpack to gigabytes end with an error, at once
// and in little memory, and so does a frame that wants a large window.
func TestBombsAreRefused(t *testing.T) { refuseBombs(t, 0) }

// refuseBombs reads two bombs, and wants at most so many MiB to be allocated for each; 0: any.
func refuseBombs(t *testing.T, most uint64) {
	bomb := func(size int64, options ...zstd.EOption) []byte {
		var b bytes.Buffer
		enc, err := zstd.NewWriter(&b, options...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(enc, endless{}, size); err != nil {
			t.Fatal(err)
		}
		if err := enc.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, tc := range map[string]struct {
		packed []byte
		why    string
	}{
		"blank lines":    {bomb(256 << 20), errBomb.Error()},
		"a large window": {bomb(128<<20, zstd.WithWindowSize(64<<20)), "window size exceeded"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := NewReader(bytes.NewReader(tc.packed))
		if err == nil {
			var rec Record
			err = r.Read(&rec)
			r.Close()
		}
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), tc.why) {
			t.Errorf("%s: %v", name, err)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; most > 0 && used > most {
			t.Errorf("%s took %d MiB", name, used)
		}
	}
}
