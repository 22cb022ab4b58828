package store

import (
	"net"
	"sync"
	"sync/atomic"
)

// Front is the side of a relay that applications see: it listens, numbers the
// connections, and ends them.
type Front struct {
	Counter
	listener net.Listener
	gate     atomic.Pointer[gate]
	opening  atomic.Int64

	mu     sync.Mutex
	closed bool
	number uint64
	ends   map[uint64]func()
	open   sync.WaitGroup
}

// gate wraps the interface, so that it can be swapped atomically.
type gate struct{ Gate }

// Session is one connection of an application.
type Session interface {
	Serve() // until the connection ends
	End()   // lets Serve return soon; may be called at any time, and twice
}

// Listen accepts connections at an address, "127.0.0.1:0" for any free port.
func (f *Front) Listen(address string, open func(id uint64, app net.Conn) Session) (err error) {
	if f.listener, err = net.Listen("tcp", address); err != nil {
		return err
	}
	f.ends = map[uint64]func(){}
	f.open.Add(1)
	go f.accept(open)
	return nil
}

func (f *Front) accept(open func(uint64, net.Conn) Session) {
	defer f.open.Done()
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		if f.closed {
			f.mu.Unlock()
			c.Close()
			return
		}
		f.number++
		id := f.number
		s := open(id, c)
		f.ends[id] = s.End
		f.open.Add(1)
		f.mu.Unlock()
		f.Connections.Add(1)
		f.opening.Add(1)
		go func() {
			defer f.open.Done()
			s.Serve()
			f.mu.Lock()
			delete(f.ends, id)
			f.mu.Unlock()
		}()
	}
}

// Opened is called by a session once: its connection is usable now, or will
// never be.
func (f *Front) Opened() { f.opening.Add(-1) }

// Opening is how many connections are being opened at present.
func (f *Front) Opening() int { return int(f.opening.Load()) }

// Addr is where it listens.
func (f *Front) Addr() string { return f.listener.Addr().String() }

// Hold sets the gate; nil lets everything pass.
func (f *Front) Hold(g Gate) {
	if g == nil {
		f.gate.Store(nil)
		return
	}
	f.gate.Store(&gate{g})
}

// Gate is the one that decides at present; nil: none.
func (f *Front) Gate() Gate {
	if g := f.gate.Load(); g != nil {
		return g.Gate
	}
	return nil
}

// Close ends every connection and waits until nothing of them runs.
func (f *Front) Close() error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil
	}
	f.closed = true
	err := f.listener.Close()
	for _, end := range f.ends {
		end()
	}
	f.mu.Unlock()
	f.open.Wait()
	return err
}
