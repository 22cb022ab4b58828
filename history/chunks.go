package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/zstd"
)

// chunks hands out the text of a history in pieces of whole lines. A piece of
// a history that has marks ends with one, and is handed out only if it is what
// the mark says; so is a compressed frame only if its checksum is right.
type chunks struct {
	read   func(dst []byte) ([]byte, error) // more text, appended to dst
	frames *frames                          // nil where the file is plain, or is streamed
	stream *zstd.Decoder

	hold   []byte // read, not handed out
	looked int    // bytes of hold that were searched for a mark
	end    error  // of read
	lines  int64  // handed out
	marked bool   // a mark was seen
	free   bool   // there are no marks: lines are handed out as they come
}

// noMarks is how much text without a mark makes a history one that has none;
// maxChunk how much may lie between two marks.
const (
	noMarks  = 2 * frameSize
	maxChunk = 2 * maxFrame
	piece    = 1 << 20
)

func newChunks(in *bufio.Reader, compressed bool) (*chunks, error) {
	c := &chunks{}
	c.read = func(dst []byte) ([]byte, error) { return readPiece(in, dst) }
	if !compressed {
		return c, nil
	}
	f, err := newFrames(in)
	if err != nil {
		return nil, err
	}
	c.frames, c.read = f, c.frame
	return c, nil
}

// readPiece appends up to piece bytes.
func readPiece(in io.Reader, dst []byte) ([]byte, error) {
	at := len(dst)
	dst = append(dst, make([]byte, piece)...)
	n, err := io.ReadAtLeast(in, dst[at:], piece/2)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return dst[:at+n], err
}

// frame appends a frame. One that is too large to be verified first is read as
// a stream, with all that follows: its lines are used before its checksum is
// known, so a wrong one is no cut but an error, which leaves no verdict.
func (c *chunks) frame(dst []byte) ([]byte, error) {
	text, err := c.frames.next(dst[len(dst):])
	if err == errLarge {
		packed := &counted{r: io.MultiReader(bytes.NewReader(c.frames.raw), c.frames.in)}
		c.stream, err = zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return dst, err
		}
		in := &bounded{packed, counted{r: c.stream}}
		c.read = func(dst []byte) ([]byte, error) {
			dst, err := readPiece(in, dst)
			if err != nil && err != io.EOF && err != errBomb && !errors.Is(err, zstd.ErrWindowSizeExceeded) {
				err = fmt.Errorf("a compressed frame is damaged (%w), and lines of it were used: nothing is concluded", err)
			}
			return dst, err
		}
		return c.read(dst)
	}
	if err != nil {
		return dst, err
	}
	if len(dst) == 0 {
		return text, nil
	}
	return append(dst, text...), nil
}

// next returns the next piece in dst's memory, or the error that ends the
// history: io.EOF, a [*CutError], or another one. The piece is the caller's.
func (c *chunks) next(dst []byte) ([]byte, error) {
	spare := dst[:0]
	for {
		if n := c.ready(); n > 0 {
			out := c.hold[:n]
			c.hold, c.looked = append(spare, c.hold[n:]...), 0
			c.lines += int64(bytes.Count(out, []byte{'\n'}))
			return out, nil
		} else if n < 0 {
			return nil, &CutError{c.lines, "the lines that follow are not all there, in another order, or not as they were written"}
		}
		if c.end != nil {
			return c.last()
		}
		if c.free && len(c.hold) > maxLine {
			return nil, fmt.Errorf("history line %d is longer than %d bytes", c.lines+1, maxLine)
		}
		c.hold, c.end = c.read(c.hold)
	}
}

// ready returns how many bytes can be handed out: 0 when more must be read,
// less when a mark is wrong.
func (c *chunks) ready() int {
	whole := bytes.LastIndexByte(c.hold, '\n') + 1
	if c.free {
		return whole
	}
	// The text of a frame as it was written ends with its only mark.
	if from := bytes.LastIndexByte(c.hold[:max(whole-1, 0)], '\n') + 1; whole > 0 {
		if m, ok := parseMark(c.hold[from:whole]); ok && c.right(m, from) {
			c.marked = true
			return whole
		}
	}
	for c.looked < whole {
		i := bytes.Index(c.hold[c.looked:whole], []byte(markHead))
		if i < 0 {
			c.looked = whole
			break
		}
		from := c.looked + i
		to := from + bytes.IndexByte(c.hold[from:whole], '\n') + 1
		c.looked = to
		if from > 0 && c.hold[from-1] != '\n' {
			c.looked = from + 1
			continue
		}
		c.marked = true
		if m, ok := parseMark(c.hold[from:to]); !ok || !c.right(m, from) {
			return -1
		}
		return to
	}
	switch {
	case !c.marked && len(c.hold) > noMarks:
		c.free = true
		return whole
	case len(c.hold) > maxChunk:
		return -1
	}
	return 0
}

// right reports whether the mark at byte from of hold is right.
func (c *chunks) right(m mark, from int) bool {
	return m.sum == crc32.Checksum(c.hold[:from], castagnoli) && m.line == c.lines+int64(bytes.Count(c.hold[:from], []byte{'\n'}))+1
}

// last hands out what is left at the end of the file.
func (c *chunks) last() ([]byte, error) {
	left := bytes.TrimSpace(c.hold)
	cut := errors.Is(c.end, errShort) || errors.Is(c.end, errDamaged)
	switch {
	case c.marked && len(left) > 0 && (cut || c.end == io.EOF):
		return nil, &CutError{c.lines, "what follows is not whole"}
	case len(left) > 0 && c.end == io.EOF && c.frames == nil && bytes.HasSuffix(left, []byte("}")) || len(left) > 0 && c.hold[len(c.hold)-1] == '\n':
		// Without marks all whole lines count; a plain file may lack its last newline.
		out := c.hold
		c.hold = nil
		c.lines += int64(bytes.Count(out, []byte{'\n'}))
		return out, nil
	case len(left) > 0 && (cut || c.end == io.EOF):
		out := c.hold[:bytes.LastIndexByte(c.hold, '\n')+1]
		c.hold = nil
		c.lines += int64(bytes.Count(out, []byte{'\n'}))
		c.end = errHalf
		if len(out) > 0 {
			return out, nil
		}
		return nil, &CutError{c.lines, errHalf.Error()}
	case cut || c.end == errHalf:
		return nil, &CutError{c.lines, c.end.Error()}
	case c.end == io.EOF:
		return nil, io.EOF
	}
	return nil, fmt.Errorf("history after line %d: %w", c.lines, c.end)
}

var errHalf = errors.New("its last line is not whole")

func (c *chunks) close() {
	if c.frames != nil {
		c.frames.close()
	}
	if c.stream != nil {
		c.stream.Close()
	}
}
