package history

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"sync"
)

// CutError says that a history ends before its end: the run was killed, the
// disk was full, the file was shortened or damaged. Everything before Line was
// read, and is as it was written.
type CutError struct {
	Line int64 // the last whole line
	Why  string
}

func (e *CutError) Error() string {
	return fmt.Sprintf("the history is cut off after line %d: %s", e.Line, e.Why)
}

// Reader reads a history from its beginning, compressed or plain. What it
// hands out was verified before, as far as the file tells how.
type Reader struct {
	chunks *chunks
	plain  bool // not compressed
	ready  chan chunk
	spare  chan []byte
	quit   chan struct{}
	once   sync.Once

	text   []byte // what is left of the present chunk
	whole  []byte // all of it
	line   int64
	closed bool // the last record was the run's end event
	order  sequence
	decoder
}

// chunk is a piece of text, or why there is none.
type chunk struct {
	text []byte
	err  error
}

const maxLine = 16 << 20

// NewReader returns a reader of r, which holds zstd frames or plain JSON
// lines; it looks at the first bytes to tell. It must be closed.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 256<<10)
	magic, err := in.Peek(4)
	if len(magic) == 0 {
		if err == io.EOF {
			return nil, &CutError{Why: "the file is empty"}
		}
		return nil, err
	}
	compressed := bytes.Equal(magic, []byte{0x28, 0xB5, 0x2F, 0xFD})
	if !compressed {
		if err := plainHead(in); err != nil {
			return nil, err
		}
	}
	c, err := newChunks(in, compressed)
	if err != nil {
		return nil, err
	}
	return &Reader{chunks: c, plain: !compressed, quit: make(chan struct{})}, nil
}

// plainHead refuses files of other tools, and passes over a byte order mark.
func plainHead(in *bufio.Reader) error {
	head, _ := in.Peek(4 << 10)
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, _ = in.Discard(3)
		head = head[3:]
	}
	return otherTool(head)
}

// start decompresses on a goroutine of its own, a chunk ahead.
func (r *Reader) start() {
	r.ready, r.spare = make(chan chunk, 1), make(chan []byte, 4)
	go func() {
		defer r.chunks.close()
		for {
			var next chunk
			var dst []byte
			select {
			case dst = <-r.spare:
			default:
			}
			next = r.chunk(dst)
			select {
			case r.ready <- next:
			case <-r.quit:
				return
			}
			if next.err != nil {
				return
			}
		}
	}()
}

// chunk reads one. A panic of the decompression is an error of the file.
func (r *Reader) chunk(dst []byte) (c chunk) {
	defer func() {
		if p := recover(); p != nil {
			c = chunk{err: fmt.Errorf("history after line %d: %v", r.chunks.lines, p)}
		}
	}()
	text, err := r.chunks.next(dst)
	return chunk{text, err}
}

// Read fills rec with the next record. It returns io.EOF after the last one
// of a whole history, a [*CutError] where a history was cut off, and another
// error where it holds what no run writes.
func (r *Reader) Read(rec *Record) error {
	for {
		text, err := r.next()
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		err = r.decode(text, rec)
		if err != nil && r.plain && !IsForeign(err) {
			err = &ForeignError{err.Error()}
		}
		if err == nil && rec.Kind == kindMark {
			continue
		}
		if err == nil {
			rec.Line = r.line
			err = r.order.check(rec)
		}
		if err != nil {
			return fmt.Errorf("history line %d: %w", r.line, err)
		}
		r.closed = rec.Kind == KindEvent && rec.Event.Name == EventEnd
		return nil
	}
}

// next returns one line without its newline.
func (r *Reader) next() ([]byte, error) {
	for len(r.text) == 0 {
		if r.ready == nil {
			r.start()
		}
		if r.whole != nil {
			select {
			case r.spare <- r.whole:
			default:
			}
			r.whole = nil
		}
		c, ok := <-r.ready
		if !ok {
			return nil, io.EOF
		}
		if c.err != nil {
			r.ready <- c // it stays the answer
			return nil, c.err
		}
		r.text, r.whole = c.text, c.text
	}
	r.line++
	i := bytes.IndexByte(r.text, '\n')
	if i < 0 {
		line := r.text
		r.text = nil
		return line, nil
	}
	line := r.text[:i]
	r.text = r.text[i+1:]
	return line, nil
}

// Complete reports whether the last record read was the one that a run writes
// when it ends by itself or by an interrupt.
func (r *Reader) Complete() bool { return r.closed }

// Close lets go of the file; the reader hands out no more.
func (r *Reader) Close() {
	r.once.Do(func() {
		close(r.quit)
		if r.ready == nil {
			r.chunks.close()
		}
	})
}
