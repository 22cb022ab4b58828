//go:build !unix

package postgres

import (
	"context"
	"errors"
)

// Server is a running server.
type Server struct {
	DSN string // postgres://..., the password included
	Dir string // everything that it wrote
}

// Start does not work on this system.
func Start(context.Context, Options) (*Server, error) {
	return nil, errors.New("a throw-away PostgreSQL needs Unix: name a server's address as option dsn, or use engine sqlite")
}

// Stop does nothing.
func (s *Server) Stop() error { return nil }
