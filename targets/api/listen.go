package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// drain is how long running requests may take once the server shall stop.
const drain = 5 * time.Second

// connection is what a request's context knows of its connection.
type connection struct {
	number int64
	conn   *conn // nil when it is not one of a listener of ours
}

type connectionKey struct{}

// Connection returns the number of the connection that carried the request,
// from 0 in order of arrival.
func Connection(ctx context.Context) int64 {
	c, _ := ctx.Value(connectionKey{}).(connection)
	return c.number
}

// listener accepts connections that know when bytes arrived.
type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return watched(c), nil
}

// Serve serves h on addr until ctx ends, then lets running requests finish,
// for a few seconds at most. It writes one line, "listening URL", once it
// accepts connections.
func Serve(ctx context.Context, h http.Handler, addr string, stdout io.Writer) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	var connections atomic.Int64
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // broken connections are part of the load
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			of := connection{number: connections.Add(1) - 1}
			of.conn, _ = c.(*conn)
			return context.WithValue(ctx, connectionKey{}, of)
		},
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener{l}) }()
	if _, err := fmt.Fprintf(stdout, "listening http://%s\n", l.Addr()); err != nil {
		_ = srv.Close()
		return fmt.Errorf("tell the address: %w", err)
	}
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		_ = srv.Close() // those that did not finish in time are cut
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return nil
}
