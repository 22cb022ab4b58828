// Package postgres starts throw-away PostgreSQL servers: in a temporary
// directory, on a free loopback port, by an unprivileged user, with a password
// that only the caller knows. A server ends, and its directory goes, when it is
// stopped or when the process that started it dies, however it dies.
package postgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options of a server. The zero value is a server that keeps its promises:
// what is committed is on the disk.
type Options struct {
	Bin    string        // directory of initdb and postgres; [Find] by default
	Sync   Sync          // what a commit waits for; [Full] by default
	Within time.Duration // it must be up within; 60 s by default

	// Settings are lines of postgresql.conf: "deadlock_timeout": "100ms".
	Settings map[string]string
}

// Sync says what a commit waits for.
type Sync string

// The kinds of commit.
const (
	Full   Sync = "full"   // the disk has it: fsync = on, synchronous_commit = on
	Normal Sync = "normal" // nothing; a crash loses the newest commits: synchronous_commit = off
	Off    Sync = "off"    // nothing, and nothing is forced to the disk at all: fsync = off
)

// settings are the lines of postgresql.conf for a kind of commit.
func (s Sync) settings() map[string]string {
	switch s {
	case Normal:
		return map[string]string{"synchronous_commit": "off"}
	case Off:
		return map[string]string{"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off"}
	}
	return map[string]string{"synchronous_commit": "on", "fsync": "on"}
}

// ErrNotFound says that there are no binaries, and the way out.
var ErrNotFound = errors.New("no PostgreSQL found in /usr/lib/postgresql/*/bin or PATH: " +
	"install it (Debian: sudo apt-get install postgresql), or name the server's address as option dsn or in DATABASE_URL")

// places are where distributions put the binaries; * is the major version.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
}

// Find returns the directory that holds initdb and postgres, of the newest
// version when there are several. The error is [ErrNotFound].
func Find() (string, error) {
	for _, pattern := range places {
		found, _ := filepath.Glob(pattern) // the pattern is good
		slices.SortFunc(found, func(a, b string) int { return major(b) - major(a) })
		for _, dir := range found {
			if complete(dir) {
				return dir, nil
			}
		}
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil && complete(filepath.Dir(p)) {
			return filepath.Dir(p), nil
		}
	}
	return "", ErrNotFound
}

// complete reports whether a directory has both programs.
func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// major returns the version in a path such as /usr/lib/postgresql/15/bin.
func major(dir string) int {
	digits := strings.FieldsFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(digits[len(digits)-1])
	return n
}

// ready reads what the server says of itself: line 8 of postmaster.pid.
func ready(pidFile string) bool {
	b, err := os.ReadFile(pidFile)
	if err != nil {
		return false
	}
	lines := strings.Split(string(b), "\n")
	return len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
}
