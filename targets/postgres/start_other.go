//go:build !unix

package postgres

import (
	"context"
	"errors"

	"tussle/targets/throwaway"
)

// Server is a running server.
type Server struct {
	DSN string // postgres://..., the password included
	*throwaway.Server
}

// Start does not work on this system.
func Start(context.Context, Options) (*Server, error) {
	return nil, errors.New("a throw-away PostgreSQL needs Unix: name a server's address as option dsn, or use engine sqlite")
}
