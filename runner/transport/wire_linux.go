//go:build linux && (amd64 || arm64)

package transport

import (
	"io"
	"net"
	"os"
	"syscall"
)

// wire writes a request and waits for its answer in one visit to the runtime's
// poller. A read that follows a write looks at once and finds nothing, since
// no server answers that fast: one system call of three is in vain. Here the
// first look comes when the poller says that there is something to see. The
// poller forgets what it knew before the visit's first step and not after, so
// an answer that comes while the request is still being written is not missed.
// What came before, such as half a close, is: [peer] looks for it.
type wire struct {
	raw   syscall.RawConn
	visit func(fd uintptr) bool // step and push, bound once, so that no exchange allocates
	flush func(fd uintptr) bool

	out   []byte // of the request, not yet written
	sent  int    // of the request
	full  bool   // the socket takes no more for now
	in    []byte // to read into
	n     int    // bytes read
	fault error
}

// newWire returns nil when c is not a plain TCP connection.
func newWire(c net.Conn) *wire {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	w := &wire{raw: raw}
	w.visit, w.flush = w.step, w.push
	return w
}

// send has the next Read write b first.
func (w *wire) send(b []byte) { w.out, w.sent = b, 0 }

// Read writes what is to be written, then waits and reads.
func (w *wire) Read(p []byte) (int, error) {
	for {
		w.in, w.n, w.full, w.fault = p, 0, false, nil
		if err := w.raw.Read(w.visit); err != nil {
			return 0, err
		}
		if !w.full {
			break
		}
		if _, err := w.write(w.out); err != nil { // a body larger than the socket's buffer
			return 0, err
		}
	}
	if w.fault != nil {
		return 0, w.fault
	}
	if w.n == 0 {
		return 0, io.EOF
	}
	return w.n, nil
}

// write writes b and nothing more; it returns how much it wrote.
func (w *wire) write(b []byte) (int, error) {
	before := w.sent
	w.out, w.fault = b, nil
	err := w.raw.Write(w.flush)
	if err == nil {
		err = w.fault
	}
	return w.sent - before, err
}

// push sends what the socket takes; it returns whether that was all.
func (w *wire) push(fd uintptr) bool {
	for len(w.out) > 0 {
		n, err := send(fd, w.out)
		if err == syscall.EAGAIN {
			return false
		}
		if err != nil {
			w.fault = &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", err)}
			return true
		}
		w.out, w.sent = w.out[n:], w.sent+n
	}
	return true
}

// step is called by the poller: at once, and then whenever there is something
// to read. It returns whether the visit is over.
func (w *wire) step(fd uintptr) bool {
	if len(w.out) > 0 {
		w.full = !w.push(fd)
		return w.full || w.fault != nil
	}
	n, err := receive(fd, w.in)
	switch err {
	case nil:
		w.n = n
	case syscall.EAGAIN:
		return false
	default:
		w.fault = &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", err)}
	}
	return true
}
