//go:build unix

package transport

import (
	"crypto/tls"
	"net"
	"syscall"
)

// peer looks at a connection that idles.
type peer struct {
	raw  syscall.RawConn
	look func(fd uintptr) // bound once, so that a look allocates little
	byte [1]byte
	gone bool
}

func newPeer(c net.Conn) *peer {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	p := &peer{raw: raw}
	p.look = p.peek
	return p
}

// left looks, without waiting, whether the server closed the connection, or
// sent what nobody asked for, such as a 408 before it closes: that would be
// taken for the next answer.
func (p *peer) left() bool {
	if p == nil {
		return false
	}
	p.gone = true
	return p.raw.Control(p.look) != nil || p.gone
}

func (p *peer) peek(fd uintptr) {
	_, _, err := syscall.Recvfrom(int(fd), p.byte[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	p.gone = err != syscall.EAGAIN && err != syscall.EWOULDBLOCK && err != syscall.EINTR
}
