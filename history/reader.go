package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// CutError says that a history ends before its end: the run was killed, the
// disk was full, or the file was shortened. Everything before Line was read.
type CutError struct {
	Line int64 // the last whole line
	Why  string
}

func (e *CutError) Error() string {
	return fmt.Sprintf("the history is cut off after line %d: %s", e.Line, e.Why)
}

// Reader reads a history from its beginning, compressed or plain.
type Reader struct {
	buf    *bufio.Reader
	zstd   *zstd.Decoder
	long   []byte // a line longer than the buffer
	line   int64
	closed bool // the last record was the run's end event
	decoder
}

const maxLine = 16 << 20

// NewReader returns a reader of r, which holds zstd frames or plain JSON
// lines; it looks at the first bytes to tell.
func NewReader(r io.Reader) (*Reader, error) {
	plain := bufio.NewReaderSize(r, 256<<10)
	magic, err := plain.Peek(4)
	if len(magic) == 0 {
		if err == io.EOF {
			return nil, &CutError{Why: "the file is empty"}
		}
		return nil, err
	}
	if !bytes.Equal(magic, []byte{0x28, 0xB5, 0x2F, 0xFD}) {
		return plainReader(plain)
	}
	packed := &counted{r: plain}
	z, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return &Reader{buf: bufio.NewReaderSize(&bounded{packed, counted{r: z}}, 256<<10), zstd: z}, nil
}

// plainReader reads JSON lines, unless they are another tool's. A byte order
// mark before them is passed over.
func plainReader(buf *bufio.Reader) (*Reader, error) {
	head, _ := buf.Peek(4 << 10)
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = buf.Discard(3)
		head = head[3:]
	}
	if err := otherTool(head); err != nil {
		return nil, err
	}
	return &Reader{buf: buf}, nil
}

// Read fills rec with the next record. It returns io.EOF after the last one
// of a whole history, and a [*CutError] where a history was cut off.
func (r *Reader) Read(rec *Record) error {
	for {
		text, err := r.next()
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if err := r.decode(text, rec); err != nil {
			if r.zstd == nil && !IsForeign(err) {
				err = &ForeignError{err.Error()}
			}
			return fmt.Errorf("history line %d: %w", r.line, err)
		}
		rec.Line = r.line
		r.closed = rec.Kind == KindEvent && rec.Event.Name == EventEnd
		return nil
	}
}

// next returns one line without its newline.
func (r *Reader) next() ([]byte, error) {
	r.long = r.long[:0]
	for {
		part, err := r.buf.ReadSlice('\n')
		switch {
		case err == nil && len(r.long) == 0:
			r.line++
			return part[:len(part)-1], nil
		case err == nil:
			r.line++
			r.long = append(r.long, part[:len(part)-1]...)
			return r.long, nil
		case errors.Is(err, bufio.ErrBufferFull):
			if len(r.long)+len(part) > maxLine {
				return nil, fmt.Errorf("history line %d is longer than %d bytes", r.line+1, maxLine)
			}
			r.long = append(r.long, part...)
		case err == io.EOF && len(part)+len(r.long) == 0:
			return nil, io.EOF
		case err == io.EOF && r.zstd == nil:
			// A plain file may lack its last newline; a half line is a cut.
			r.long = append(r.long, part...)
			if bytes.HasSuffix(bytes.TrimSpace(r.long), []byte("}")) {
				r.line++
				return r.long, nil
			}
			return nil, &CutError{r.line, "its last line is not whole"}
		case err == io.EOF:
			return nil, &CutError{r.line, "its last line is not whole"}
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zstd.ErrMagicMismatch), errors.Is(err, zstd.ErrCRCMismatch),
			errors.Is(err, zstd.ErrUnexpectedBlockSize), errors.Is(err, zstd.ErrReservedBlockType):
			return nil, &CutError{r.line, "its last compressed frame is not whole"}
		default:
			return nil, fmt.Errorf("history after line %d: %w", r.line, err)
		}
	}
}

// Complete reports whether the last record read was the one that a run writes
// when it ends by itself or by an interrupt.
func (r *Reader) Complete() bool { return r.closed }

// Close frees the decoder.
func (r *Reader) Close() {
	if r.zstd != nil {
		r.zstd.Close()
	}
}
