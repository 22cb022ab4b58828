package history

import (
	"bytes"
	"hash/crc32"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Writer streams records into zstd frames. At every tick it takes what the
// clients have not handed over yet and ends the frame, so that what was
// recorded longer ago than two ticks is in the file, whole, whatever happens to
// the process. Compressing and writing happen on the writer's own goroutine,
// outside the measured path.
type Writer struct {
	batches chan []byte
	free    sync.Pool
	done    chan struct{}
	frame   time.Duration
	mask    Mask // nil: nothing is hidden

	out   io.Writer
	enc   *zstd.Encoder
	lines int64  // written so far
	size  int    // bytes of text in the present frame
	sum   uint32 // of these bytes

	mu    sync.Mutex
	err   error
	swept []*Buffer
}

// batchSize is the size at which a client hands its lines over, frameSize the
// size at which a frame ends before its time: a reader holds a frame in memory.
const (
	batchSize = 64 << 10
	frameSize = 4 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// NewWriter starts a writer onto w; frame is the time between frames, 400 ms
// when 0. After an error of w the rest is dropped, [Writer.Err] tells, and
// what was written stays readable.
func NewWriter(w io.Writer, frame time.Duration) (*Writer, error) {
	if frame <= 0 {
		frame = 400 * time.Millisecond
	}
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(64<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	wr := &Writer{batches: make(chan []byte, 64), done: make(chan struct{}), frame: frame, out: w, enc: enc}
	wr.free.New = func() any { b := make([]byte, 0, batchSize+4096); return &b }
	go wr.run()
	return wr, nil
}

func (w *Writer) run() {
	defer close(w.done)
	tick := time.NewTicker(w.frame)
	defer tick.Stop()
	for {
		select {
		case b, open := <-w.batches:
			if !open {
				w.endFrame()
				return
			}
			w.take(b)
		case <-tick.C:
			w.sweep()
			w.endFrame()
		}
	}
}

// take compresses one batch.
func (w *Writer) take(b []byte) {
	w.write(b)
	b = b[:0]
	w.free.Put(&b)
	if w.size >= frameSize {
		w.endFrame()
	}
}

func (w *Writer) write(text []byte) {
	if w.Err() == nil {
		_, err := w.enc.Write(text)
		w.fail(err)
		w.sum = crc32.Update(w.sum, castagnoli, text)
		w.lines += int64(bytes.Count(text, []byte{'\n'}))
		w.size += len(text)
	}
}

// endFrame marks what the frame holds and ends it.
func (w *Writer) endFrame() {
	if w.size == 0 {
		return
	}
	w.write(appendMark(nil, w.lines+1, w.sum))
	if w.Err() == nil {
		w.fail(w.enc.Close())
		w.enc.Reset(w.out)
	}
	w.size, w.sum = 0, 0
}

// sweep takes the lines that clients hold back. A client that has its turn is
// waited for; it may itself be waiting for room among the batches. What a client handed
// over before comes first, so its lines stay in order.
func (w *Writer) sweep() {
	w.mu.Lock()
	swept := slices.Clone(w.swept)
	w.mu.Unlock()
	for _, b := range swept {
		for !b.mu.TryLock() {
			select {
			case batch := <-w.batches:
				w.take(batch)
			default:
				time.Sleep(20 * time.Microsecond)
			}
		}
		b.sweeping = true
		b.pull()
		b.sweeping = false
		for range len(w.batches) {
			w.take(<-w.batches)
		}
		if len(b.buf) > 0 {
			w.write(b.buf)
			b.buf = b.buf[:0]
		}
		b.mu.Unlock()
		if w.size >= frameSize {
			w.endFrame()
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

// Buffer collects the lines of one client. It is used by one goroutine at a
// time.
type Buffer struct {
	w   *Writer
	buf []byte

	mu       sync.Mutex
	pull     func() // adds what its owner has not added yet
	sweeping bool   // the writer has its turn
}

// Buffer returns an empty buffer whose lines leave when they are many or its
// owner flushes them.
func (w *Writer) Buffer() *Buffer { return &Buffer{w: w} }

// Swept returns an empty buffer that the writer also empties by itself, at
// every tick: it calls pull, which adds what the owner holds, and takes the
// lines. Owner and writer take turns, so the owner touches the buffer, and what
// pull touches, between [Buffer.Lock] and [Buffer.Unlock] only; it does
// nothing there that could wait. [Buffer.Close] ends it.
func (w *Writer) Swept(pull func()) *Buffer {
	b := &Buffer{w: w, pull: pull}
	w.mu.Lock()
	w.swept = append(w.swept, b)
	w.mu.Unlock()
	return b
}

// Lock begins a turn of the owner of a swept buffer. Nobody waits for long:
// the writer comes by a few times a second.
func (b *Buffer) Lock() { b.mu.Lock() }

// Unlock ends the turn.
func (b *Buffer) Unlock() { b.mu.Unlock() }

// Close hands over what is left of a swept buffer and takes it from the
// writer.
func (b *Buffer) Close() {
	b.w.mu.Lock()
	b.w.swept = slices.DeleteFunc(b.w.swept, func(x *Buffer) bool { return x == b })
	b.w.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pull()
	b.Flush()
}

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
	b.full()
}

// Operation adds an operation.
func (b *Buffer) Operation(o *Operation) {
	if m := b.w.hides(); m != nil {
		o.hide(m)
	}
	b.room()
	b.buf = o.AppendJSON(b.buf)
	b.full()
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
		text = hidden(text, m.Mask)
	}
	b.room()
	b.buf = append(b.buf, text...)
	b.Flush()
	return nil
}

func (b *Buffer) full() {
	if len(b.buf) >= batchSize && !b.sweeping {
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
