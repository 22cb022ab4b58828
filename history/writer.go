package history

import (
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Writer streams records into zstd frames, a new frame about once a second.
// Clients hand over batches of encoded lines; compressing and writing happen
// on the writer's own goroutine, outside the measured path.
type Writer struct {
	batches chan []byte
	free    sync.Pool
	done    chan struct{}
	frame   time.Duration
	mask    Mask // nil: nothing is hidden

	mu  sync.Mutex
	err error
}

// batchSize is the size at which a client hands its lines over.
const batchSize = 64 << 10

// NewWriter starts a writer onto w; frame is the time between frames, a
// second when 0. After an error of w the rest is dropped, [Writer.Err] tells,
// and what was written stays readable.
func NewWriter(w io.Writer, frame time.Duration) (*Writer, error) {
	if frame <= 0 {
		frame = time.Second
	}
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(64<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	wr := &Writer{batches: make(chan []byte, 64), done: make(chan struct{}), frame: frame}
	wr.free.New = func() any { b := make([]byte, 0, batchSize+4096); return &b }
	go wr.run(w, enc)
	return wr, nil
}

func (w *Writer) run(out io.Writer, enc *zstd.Encoder) {
	defer close(w.done)
	tick := time.NewTicker(w.frame)
	defer tick.Stop()
	dirty := false
	endFrame := func() {
		if dirty && w.Err() == nil {
			w.fail(enc.Close())
			enc.Reset(out)
		}
		dirty = false
	}
	for {
		select {
		case b, open := <-w.batches:
			if !open {
				endFrame()
				return
			}
			if w.Err() == nil {
				_, err := enc.Write(b)
				w.fail(err)
				dirty = true
			}
			b = b[:0]
			w.free.Put(&b)
		case <-tick.C:
			endFrame()
		}
	}
}

func (w *Writer) fail(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
}

// Err returns the first error of the file below, nil while all is well.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close writes what is left and returns the first error of the file below.
// Every Buffer must have been flushed before.
func (w *Writer) Close() error {
	close(w.batches)
	<-w.done
	return w.Err()
}

// Buffer collects the lines of one client, without locks. It is used by one
// goroutine at a time.
type Buffer struct {
	w    *Writer
	buf  []byte
	last int64 // when lines were last handed over, ns on the run's clock
}

// handOver is the longest time that a line stays in a client's buffer while
// the client adds lines.
const handOver = int64(250 * time.Millisecond)

// Buffer returns an empty buffer for one client.
func (w *Writer) Buffer() *Buffer { return &Buffer{w: w} }

func (b *Buffer) room() {
	if b.buf == nil {
		b.buf = (*b.w.free.Get().(*[]byte))[:0]
	}
}

// Request adds a request.
func (b *Buffer) Request(r *Request) {
	if m := b.w.hides(); m != nil {
		r.hide(m)
	}
	b.room()
	b.buf = r.AppendJSON(b.buf)
	b.full(r.Return)
}

// Operation adds an operation.
func (b *Buffer) Operation(o *Operation) {
	if m := b.w.hides(); m != nil {
		o.hide(m)
	}
	b.room()
	b.buf = o.AppendJSON(b.buf)
	b.full(o.Return)
}

// Header adds the header.
func (b *Buffer) Header(h *Header) error { return b.slow(KindHeader, h) }

// Block adds a block.
func (b *Buffer) Block(v *Block) error { return b.slow(KindBlock, v) }

// Sample adds a sample.
func (b *Buffer) Sample(s *Sample) error { return b.slow(KindSample, s) }

// Event adds an event.
func (b *Buffer) Event(e *Event) error { return b.slow(KindEvent, e) }

// Pair adds a pair.
func (b *Buffer) Pair(p *Pair) error { return b.slow(KindPair, p) }

// Order adds an order.
func (b *Buffer) Order(o *Order) error { return b.slow(KindOrder, o) }

func (b *Buffer) slow(kind Kind, v any) error {
	text, err := marshalLine(kind, v)
	if err != nil {
		return err
	}
	if m := b.w.hides(); m != nil {
		text = hidden(text, m)
	}
	b.room()
	b.buf = append(b.buf, text...)
	b.Flush()
	return nil
}

func (b *Buffer) full(now int64) {
	if len(b.buf) >= batchSize || now-b.last > handOver {
		b.last = now
		b.Flush()
	}
}

// Flush hands all lines over to the writer. It blocks only while the writer
// is 64 batches behind.
func (b *Buffer) Flush() {
	if len(b.buf) == 0 {
		return
	}
	b.w.batches <- b.buf
	b.buf = nil
}
