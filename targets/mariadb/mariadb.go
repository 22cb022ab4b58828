// Package mariadb starts throw-away MariaDB servers: in a temporary directory,
// on a free loopback port, by an unprivileged user, with a password that only
// the caller knows. A server ends, and its directory goes, when it is stopped or
// when the process that started it dies.
package mariadb

import (
	"errors"
	"os"
	"os/exec"
	"time"

	"tussle/targets/throwaway"
)

// Options of a server.
type Options struct {
	Within   time.Duration     // it must be up within; 60 s by default
	Settings map[string]string // options of mariadbd: "innodb-snapshot-isolation": "ON"
}

// Server is a running server.
type Server struct {
	DSN string // mysql://tussle:PASSWORD@127.0.0.1:PORT/tussle
	*throwaway.Server
}

// ErrNotFound says that there are no binaries, and the way out.
var ErrNotFound = errors.New("no MariaDB found in /usr/sbin or PATH: " +
	"install it (Debian: sudo apt-get install mariadb-server), or name the server's address in target.store.url")

// find returns the paths of the program that makes a data directory and of the
// server.
func find() (install, server string, err error) {
	look := func(names ...string) string {
		for _, name := range names {
			if p, err := exec.LookPath(name); err == nil {
				return p
			}
			if p := "/usr/sbin/" + name; executable(p) {
				return p
			}
		}
		return ""
	}
	install, server = look("mariadb-install-db"), look("mariadbd")
	if install == "" || server == "" {
		return "", "", ErrNotFound
	}
	return install, server, nil
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && info.Mode()&0o111 != 0
}
