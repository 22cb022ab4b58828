//go:build unix

package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is a running server.
type Server struct {
	DSN string // postgres://..., the password included
	Dir string // everything that it wrote

	guard   *exec.Cmd // the shell that watches over it
	hold    io.Closer // its standard input: closing it ends the server
	exited  chan struct{}
	account *syscall.Credential
}

// watch runs the server until its own standard input ends, which is when the
// process that holds the other end stops it or dies; then it removes the
// directory. QUIT ends a server at once; one that has hardly begun ignores it,
// which is how sh starts it, and is ended by TERM. $1 is the program, $2 the
// directory; the rest are arguments.
const watch = `
program=$1 dir=$2
shift 2
exec 3<&0
"$program" "$@" </dev/null &
server=$!
( cat <&3 >/dev/null; kill -TERM $server; kill -QUIT $server ) 2>/dev/null &
wait $server
status=$?
rm -rf "$dir"
exit $status
`

// Start starts a server and returns when it accepts connections.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Bin == "" {
		if o.Bin, err = Find(); err != nil {
			return nil, err
		}
	}
	if o.Within <= 0 {
		o.Within = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
	s := &Server{}
	if s.account, err = unprivileged(); err != nil {
		return nil, err
	}
	if s.Dir, err = os.MkdirTemp("", "tussle-postgres-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.Dir))
		}
	}()
	password := rand.Text()
	if err := s.initialise(ctx, o.Bin, password); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		err = s.launch(ctx, o, port)
		if err == nil {
			dsn := url.URL{Scheme: "postgres", User: url.UserPassword("tussle", password),
				Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable"}
			s.DSN = dsn.String()
			return s, nil
		}
		// Somebody else may have taken the port meanwhile.
		if try == 3 || ctx.Err() != nil || !strings.Contains(err.Error(), "could not bind") {
			return nil, err
		}
	}
}

// unprivileged returns whom the server shall run as: PostgreSQL refuses to run
// as root. nil is the present user.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
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
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody: run tussle as another user")
}

// initialise makes the data directory.
func (s *Server) initialise(ctx context.Context, bin, password string) error {
	secret := filepath.Join(s.Dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if s.account != nil {
		for _, path := range []string{s.Dir, secret} {
			if err := os.Chown(path, int(s.account.Uid), int(s.account.Gid)); err != nil {
				return fmt.Errorf("give %s to the server's user: %w", path, err)
			}
		}
	}
	cmd := s.command(exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata=data", "--username=tussle",
		"--auth=scram-sha-256", "--pwfile=password", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"))
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its children write there too
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w: %s", s.Dir, err, strings.TrimSpace(string(out)))
	}
	return os.Remove(secret)
}

// command lets a program run in the directory, by the server's user, out of
// reach of the terminal's signals.
func (s *Server) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = s.Dir
	cmd.Env = []string{"HOME=" + s.Dir, "LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.account}
	return cmd
}

// launch starts the server on a port and waits until it is ready.
func (s *Server) launch(ctx context.Context, o Options, port int) error {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(port), "unix_socket_directories": "",
		"max_connections": "300", "shared_buffers": "128MB",
		"log_min_messages": "fatal", "log_min_error_statement": "panic", // conflicts are the load, not news
		"update_process_title": "off",
	}
	maps.Copy(settings, o.Sync.settings())
	maps.Copy(settings, o.Settings)
	args := []string{"-c", watch, "sh", filepath.Join(o.Bin, "postgres"), s.Dir, "-D", "data"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	log, err := os.Create(filepath.Join(s.Dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	s.guard = s.command(exec.Command("/bin/sh", args...))
	s.guard.Stdout, s.guard.Stderr = log, log
	if s.hold, err = s.guard.StdinPipe(); err != nil {
		return err
	}
	if err := s.guard.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.exited = make(chan struct{})
	go func() {
		_ = s.guard.Wait() // how it ended is in the log
		close(s.exited)
	}()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ready(filepath.Join(s.Dir, "data", "postmaster.pid")) {
		select {
		case <-tick.C:
			continue
		case <-s.exited:
			err = errors.New("PostgreSQL ended at once")
		case <-ctx.Done():
			err = fmt.Errorf("PostgreSQL was not ready in time: %w", ctx.Err())
		}
		said := make([]byte, 4096)
		n, _ := log.ReadAt(said, 0) // it may have said nothing
		return errors.Join(fmt.Errorf("%w: %s", err, strings.TrimSpace(string(said[:n]))), s.Stop())
	}
	return nil
}

// Stop ends the server at once, without a last checkpoint, and removes what it
// wrote. Stopping twice is fine.
func (s *Server) Stop() error {
	_ = s.hold.Close() // closed already: it ends already
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		_ = syscall.Kill(-s.guard.Process.Pid, syscall.SIGKILL)
		<-s.exited
	}
	return os.RemoveAll(s.Dir)
}

// freePort returns a port that nobody listens on at present.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
