//go:build unix

package throwaway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is a server and the directory that it may write to.
type Server struct {
	Dir     string              // everything that it wrote
	Account *syscall.Credential // whom it runs as; nil is the present user

	guard  *exec.Cmd // the shell that watches over it
	hold   io.Closer // its standard input: closing it ends the server
	exited chan struct{}
}

// watch runs the server until its own standard input ends, which is when the
// process that holds the other end stops it or dies; then it removes the
// directory. $1 is the program, $2 the directory, $3 the signals that end it, one
// after the other; the rest are arguments.
const watch = `
program=$1 dir=$2 signals=$3
shift 3
exec 3<&0
"$program" "$@" </dev/null &
server=$!
( cat <&3 >/dev/null; for s in $signals; do kill -$s $server; done ) 2>/dev/null &
wait $server
status=$?
rm -rf "$dir"
exit $status
`

// New makes the directory, "tussle-NAME-...". As root, the server will run as
// the first of the users that exists.
func New(name string, users ...string) (*Server, error) {
	account, err := Unprivileged(users...)
	if err != nil {
		return nil, err
	}
	s := &Server{Account: account}
	if s.Dir, err = os.MkdirTemp("", "tussle-"+name+"-"); err != nil {
		return nil, err
	}
	if err := s.Own(s.Dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	return s, nil
}

// Unprivileged returns whom a server shall run as: the present user (nil), and
// as root the first of the users that exists, "nobody" at last.
func Unprivileged(users ...string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range append(users, "nobody") {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("a throw-away server does not run as root, and there is no user %s or nobody: run tussle as another user", strings.Join(users, ", "))
}

// Own gives a file to the server's user.
func (s *Server) Own(path string) error {
	if s.Account == nil {
		return nil
	}
	if err := os.Chown(path, int(s.Account.Uid), int(s.Account.Gid)); err != nil {
		return fmt.Errorf("give %s to the server's user: %w", path, err)
	}
	return nil
}

// Do runs a program that prepares the server, in its directory and as its user,
// and says what it printed when it fails.
func (s *Server) Do(ctx context.Context, program string, args ...string) error {
	cmd := s.command(exec.CommandContext(ctx, program, args...))
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its children write there too
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s in %s: %w: %s", filepath.Base(program), s.Dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// command lets a program run in the directory, by the server's user, out of
// reach of the terminal's signals.
func (s *Server) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = s.Dir
	cmd.Env = []string{"HOME=" + s.Dir, "LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.Account}
	return cmd
}

// Launch starts the server and returns when it is ready. The signals are those
// that end it, one after the other: "TERM QUIT". The error carries the server's
// own words.
func (s *Server) Launch(ctx context.Context, signals string, ready func() bool, program string, args ...string) error {
	log, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.guard = s.command(exec.Command("/bin/sh", append([]string{"-c", watch, "sh", program, s.Dir, signals}, args...)...))
	s.guard.Stdout, s.guard.Stderr = log, log
	if s.hold, err = s.guard.StdinPipe(); err != nil {
		return err
	}
	name := filepath.Base(program)
	if err := s.guard.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	s.exited = make(chan struct{})
	go func() {
		_ = s.guard.Wait() // how it ended is in the log
		close(s.exited)
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
			continue
		case <-s.exited:
			err = errors.New(name + " ended at once")
		case <-ctx.Done():
			err = fmt.Errorf("%s was not ready in time: %w", name, ctx.Err())
		}
		said := make([]byte, 4096)
		n, _ := log.ReadAt(said, 0) // it may have said nothing
		return errors.Join(fmt.Errorf("%w: %s", err, strings.TrimSpace(string(said[:n]))), s.Stop())
	}
	return nil
}

// Stop ends the server at once and removes what it wrote. Stopping twice is
// fine.
func (s *Server) Stop() error {
	if s.hold != nil {
		_ = s.hold.Close() // closed already: it ends already
		select {
		case <-s.exited:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(-s.guard.Process.Pid, syscall.SIGKILL)
			<-s.exited
		}
	}
	return os.RemoveAll(s.Dir)
}

// FreePort returns a port of 127.0.0.1 that nobody listens on at present.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
