//go:build linux && (amd64 || arm64) && !race

package transport

import (
	"syscall"
	"unsafe"
)

// send and receive are raw calls that never block (MSG_DONTWAIT), so the
// scheduler need not be told of them, and does not take the processor away
// meanwhile.
func send(fd uintptr, b []byte) (int, error)    { return call(syscall.SYS_SENDTO, fd, b) }
func receive(fd uintptr, b []byte) (int, error) { return call(syscall.SYS_RECVFROM, fd, b) }

func call(trap, fd uintptr, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(trap, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, syscall.EAGAIN // errno itself would be allocated
		default:
			return 0, errno
		}
	}
}
