//go:build unix

package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is a running server.
type Server struct {
	Kind
	URL string // where keys are put: the DAV collection, or etcd's root

	dir    string
	guard  *exec.Cmd
	hold   io.Closer // the guard's standard input: closing it ends the server
	exited chan struct{}
}

// watch runs the server until its own standard input ends, which is when the
// process that holds the other end stops it or dies.
const watch = `
dir=$1
shift
exec 3<&0
"$@" </dev/null &
server=$!
( cat <&3 >/dev/null; kill -TERM $server 2>/dev/null; sleep 5; kill -KILL $server 2>/dev/null ) &
killer=$!
wait $server
status=$?
kill $killer 2>/dev/null
rm -rf "$dir"
exit $status
`

// Start starts a server and returns when it answers.
func Start(ctx context.Context, k Kind) (*Server, error) {
	if err := k.Installed(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for try := 1; ; try++ {
		s, err := start(ctx, k)
		// Somebody else may have taken a port meanwhile.
		if err == nil || try == 3 || ctx.Err() != nil {
			return s, err
		}
	}
}

func start(ctx context.Context, k Kind) (_ *Server, err error) {
	s := &Server{Kind: k, exited: make(chan struct{})}
	if s.dir, err = os.MkdirTemp("", "tussle-"+k.Name+"-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	ports, err := freePorts(k.ports)
	if err != nil {
		return nil, err
	}
	args, err := k.prepare(s.dir, ports)
	if err != nil {
		return nil, err
	}
	account, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if account != nil {
		if err := giveAway(s.dir, account); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(s.dir, "output.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.guard = exec.Command("/bin/sh", append([]string{"-c", watch, "sh", s.dir, k.Program}, args...)...)
	s.guard.Dir = s.dir
	s.guard.Env = []string{"HOME=" + s.dir, "LC_ALL=C", "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	s.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: account}
	s.guard.Stdout, s.guard.Stderr = log, log
	if s.hold, err = s.guard.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.guard.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", k.Name, err)
	}
	go func() {
		_ = s.guard.Wait() // how it ended is in its log
		close(s.exited)
	}()
	root := "http://127.0.0.1:" + strconv.Itoa(ports[0])
	s.URL = root + k.path
	if err := s.await(ctx, root+k.health); err != nil {
		said, _ := os.ReadFile(log.Name()) // it may have said nothing
		more, _ := os.ReadFile(filepath.Join(s.dir, "error.log"))
		return nil, errors.Join(fmt.Errorf("%w: %.2000s", err, strings.TrimSpace(string(said)+"\n"+string(more))), s.Stop())
	}
	return s, nil
}

// await asks until the server answers with 2xx.
func (s *Server) await(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	last := "no answer"
	for {
		if res, err := client.Get(url); err == nil {
			last = res.Status
			_ = res.Body.Close()
			if res.StatusCode/100 == 2 {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("%s ended at once", s.Name)
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time (%s): %w", s.Name, last, ctx.Err())
		}
	}
}

// Stop ends the server and removes what it wrote. Stopping twice is fine.
func (s *Server) Stop() error {
	_ = s.hold.Close() // closed already: it ends already
	select {
	case <-s.exited:
	case <-time.After(15 * time.Second):
	}
	_ = syscall.Kill(-s.guard.Process.Pid, syscall.SIGKILL) // what it may have left in its group
	<-s.exited
	return os.RemoveAll(s.dir)
}

// unprivileged returns whom a server shall run as; nil is the present user.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("servers do not run as root: %w", err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

func giveAway(dir string, to *syscall.Credential) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, int(to.Uid), int(to.Gid))
	})
}

// freePorts returns ports that nobody listens on at present.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
