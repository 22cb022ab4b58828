package defects

import (
	"bufio"
	"io"
	"sync"
	"time"

	"tussle/targets/memory"
)

// Changes are acknowledged when they are in a buffer; it goes to the file a
// tenth of a second later. A clean stop writes the rest, so only a kill shows
// that the last tenth of a second was never kept. Start it with the option state.
//
// Origin: nats-io/nats-server#7564, dittofs#583, topgun#96 (a misspelt setting
// turned syncing off), elastic/elasticsearch#10933.
var ackBeforeDurable = Defect{
	Name: "ack-before-durable", ID: "B43",
	Title:    "a change is acknowledged before it is in the state file",
	Origin:   "nats-io/nats-server#7564",
	Property: "durability", Needs: "fault", Twin: "etag",
	Apply: func(t *memory.Target) error {
		return t.Buffer(func(file io.Writer) io.Writer {
			return &laterFile{buf: bufio.NewWriterSize(file, 1<<20)}
		})
	},
}

type laterFile struct {
	mu  sync.Mutex
	buf *bufio.Writer
}

func (l *laterFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buf.Buffered() == 0 {
		time.AfterFunc(100*time.Millisecond, func() { _ = l.flush() }) // an error stays with buf
	}
	return l.buf.Write(b)
}

func (l *laterFile) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Flush()
}

// Close is a clean stop: what is left is written.
func (l *laterFile) Close() error { return l.flush() }
