//go:build linux

package api

import (
	"net"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// conn knows when the kernel took in the last bytes that were read from it
// (SO_TIMESTAMPNS, socket(7)), so that what the server does meanwhile is not in
// the figure. It asks the kernel only once somebody wants to know.
type conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	stamped atomic.Bool
	at      atomic.Int64 // unix ns; 0: not known
}

func watched(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c
	}
	return &conn{TCPConn: t, raw: raw}
}

// arrival is when the last byte of the present request arrived, in unix ns. Of
// the first request that asks, and where the kernel gives no stamps, it is now,
// when that byte has been read.
func (c *conn) arrival() int64 {
	if ns := c.at.Swap(0); ns != 0 {
		return ns
	}
	if c.stamped.CompareAndSwap(false, true) {
		_ = c.raw.Control(func(fd uintptr) { // without it no stamp comes, which is seen above
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
		})
	}
	return time.Now().UnixNano()
}

// Read reads with the stamp that comes along, if any.
func (c *conn) Read(p []byte) (int, error) {
	if !c.stamped.Load() || len(p) == 0 {
		return c.TCPConn.Read(p)
	}
	var n, control int
	var failed error
	var beside [64]byte
	err := c.raw.Read(func(fd uintptr) bool {
		n, control, _, _, failed = syscall.Recvmsg(int(fd), p, beside[:], 0)
		return failed != syscall.EAGAIN && failed != syscall.EINTR
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Addr: c.RemoteAddr(), Err: failed}
	case n == 0:
		return c.TCPConn.Read(p) // the end, in the words of the standard library
	}
	c.at.Store(0) // what was known is of bytes before these
	messages, err := syscall.ParseSocketControlMessage(beside[:control])
	if err != nil {
		return n, nil // bytes without a stamp
	}
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(syscall.Timespec{})) {
			c.at.Store((*syscall.Timespec)(unsafe.Pointer(&m.Data[0])).Nano())
		}
	}
	return n, nil
}
