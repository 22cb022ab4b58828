//go:build !unix

package servers

import (
	"context"
	"errors"
)

// Server is a running server.
type Server struct {
	Kind
	URL string // where keys are put: the DAV collection, or etcd's root
}

// Start does not work on this system.
func Start(context.Context, Kind) (*Server, error) {
	return nil, errors.New("the servers of the field report are started on Unix only")
}

// Stop does nothing.
func (s *Server) Stop() error { return nil }
