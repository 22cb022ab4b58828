//go:build !unix

package mariadb

import (
	"context"
	"errors"
)

// Start does not work on this system.
func Start(context.Context, Options) (*Server, error) {
	return nil, errors.New("a throw-away MariaDB needs Unix: name a server's address in target.store.url")
}
