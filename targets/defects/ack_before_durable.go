package defects

import (
	"bufio"
	"errors"
	"io"
	"sync"
	"time"

	"tussle/targets/memory"
)

// Changes are acknowledged when they are in a buffer; it goes to the file ten
// times a second. A clean stop writes the rest, so only a kill shows that the
// last tenth of a second was never kept. Start it with the option state.
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
			l := &laterFile{buf: bufio.NewWriterSize(file, 1<<20), stop: make(chan struct{})}
			go l.flush(100 * time.Millisecond)
			return l
		})
	},
}

type laterFile struct {
	mu   sync.Mutex
	buf  *bufio.Writer
	err  error
	stop chan struct{}
}

func (l *laterFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *laterFile) flush(every time.Duration) {
	for {
		select {
		case <-time.After(every):
		case <-l.stop:
			return
		}
		l.mu.Lock()
		l.err = errors.Join(l.err, l.buf.Flush())
		l.mu.Unlock()
	}
}

// Close writes what is left.
func (l *laterFile) Close() error {
	close(l.stop)
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.err, l.buf.Flush())
}
