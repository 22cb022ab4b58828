package history

import (
	"errors"
	"io"
)

// What a compressed history may grow to when it is unpacked: records hold
// times, which never repeat, so that no honest one comes near this ratio.
const (
	maxRatio  = 500
	ratioFrom = 64 << 20 // bytes; below it nobody is hurt
	maxWindow = 8 << 20  // bytes that a frame may refer back to: what zstd -19 uses
)

var errBomb = errors.New("it unpacks to more than 500 times its size: this is no history")

// counted counts the bytes that were read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded ends where what is unpacked grows beyond all measure.
type bounded struct {
	packed   *counted
	unpacked counted
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.unpacked.n > ratioFrom && b.unpacked.n/maxRatio > b.packed.n {
		return 0, errBomb
	}
	return b.unpacked.Read(p)
}
