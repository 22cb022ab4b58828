package history

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Why a compressed history ends before its end.
var (
	errShort   = errors.New("its last compressed frame is not whole")
	errDamaged = errors.New("a compressed frame is damaged")
	errLarge   = errors.New("a frame is too large to be held in memory")
)

// frames cuts a compressed file into its zstd frames, so that each can be
// verified before a line of it is used (RFC 8878, 3.1.1).
type frames struct {
	in   *bufio.Reader
	dec  *zstd.Decoder
	raw  []byte // the present frame, compressed
	sums bool   // the first frame has a checksum, so all must
	seen bool
}

// maxFrame bounds what is held of one frame, compressed and not. Frames of a
// run have 4 MiB of text.
const maxFrame = 32 << 20

const (
	magicFrame = 0xFD2FB528
	magicSkip  = 0x184D2A50 // to ...5F
	maxBlock   = 128 << 10
)

func newFrames(in *bufio.Reader) (*frames, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame), zstd.WithDecoderMaxWindow(maxWindow))
	return &frames{in: in, dec: dec}, err
}

// next returns the text of the next frame, appended to dst[:0]. After
// errLarge, what was read of the frame is in raw.
func (f *frames) next(dst []byte) ([]byte, error) {
	for {
		skipped, err := f.frame()
		if err != nil {
			return nil, err
		}
		if skipped {
			continue
		}
		text, err := f.dec.DecodeAll(f.raw, dst[:0])
		if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
			return nil, errLarge
		}
		if err != nil {
			return nil, errDamaged
		}
		return text, nil
	}
}

// frame reads the bytes of one frame into raw; skipped means that it holds
// nothing for us.
func (f *frames) frame() (skipped bool, err error) {
	f.raw = f.raw[:0]
	if _, err := f.in.Peek(1); err == io.EOF {
		return false, io.EOF
	}
	head, err := f.take(4)
	if err != nil {
		return false, err
	}
	switch magic := binary.LittleEndian.Uint32(head); {
	case magic&^15 == magicSkip:
		size, err := f.take(4)
		if err != nil {
			return false, err
		}
		n := int64(binary.LittleEndian.Uint32(size))
		if got, err := io.CopyN(io.Discard, f.in, n); err != nil && got < n {
			return false, short(err)
		}
		return true, nil
	case magic != magicFrame:
		return false, errDamaged
	}
	d, err := f.take(1)
	if err != nil {
		return false, err
	}
	desc := d[0]
	rest := []int{0, 1, 2, 4}[desc&3] + []int{0, 2, 4, 8}[desc>>6]
	if single := desc>>5&1 == 1; !single {
		rest++ // the window
	} else if desc>>6 == 0 {
		rest++ // a size of one byte
	}
	if _, err := f.take(rest); err != nil {
		return false, err
	}
	sum := desc>>2&1 == 1
	if f.seen && f.sums && !sum {
		return false, errDamaged
	}
	f.seen, f.sums = true, sum
	for last, blocks := false, 0; !last; blocks++ {
		b, err := f.take(3)
		if err != nil {
			return false, err
		}
		v := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
		last = v&1 == 1
		size := v >> 3
		switch v >> 1 & 3 {
		case 1: // one byte, repeated
			size = 1
		case 3:
			return false, errDamaged
		}
		if size > maxBlock {
			return false, errDamaged
		}
		if len(f.raw)+size > maxFrame || blocks*maxBlock > maxFrame {
			return false, errLarge
		}
		if _, err := f.take(size); err != nil {
			return false, err
		}
	}
	if sum {
		_, err = f.take(4)
	}
	return false, err
}

// take adds the next n bytes to raw and returns them.
func (f *frames) take(n int) ([]byte, error) {
	at := len(f.raw)
	for cap(f.raw) < at+n {
		f.raw = append(f.raw[:cap(f.raw)], 0)
	}
	f.raw = f.raw[:at+n]
	got, err := io.ReadFull(f.in, f.raw[at:])
	if err != nil {
		f.raw = f.raw[:at+got]
		return nil, short(err)
	}
	return f.raw[at:], nil
}

func short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errShort
	}
	return err
}

func (f *frames) close() { f.dec.Close() }
