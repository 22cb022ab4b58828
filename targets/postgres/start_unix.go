//go:build unix

package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/targets/throwaway"
)

// Server is a running server.
type Server struct {
	DSN string // postgres://..., the password included
	*throwaway.Server
}

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
	if s.Server, err = throwaway.New("postgres", "postgres"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	password := rand.Text()
	if err := s.initialise(ctx, o.Bin, password); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		port, err := throwaway.FreePort()
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

// initialise makes the data directory.
func (s *Server) initialise(ctx context.Context, bin, password string) error {
	secret := filepath.Join(s.Dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if err := s.Own(secret); err != nil {
		return err
	}
	if err := s.Do(ctx, filepath.Join(bin, "initdb"), "--pgdata=data", "--username=tussle",
		"--auth=scram-sha-256", "--pwfile=password", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"); err != nil {
		return err
	}
	return os.Remove(secret)
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
	args := []string{"-D", "data"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	// QUIT ends a server at once; one that has hardly begun ignores it, which is
	// how sh starts it, and is ended by TERM.
	return s.Launch(ctx, "TERM QUIT", func() bool { return ready(filepath.Join(s.Dir, "data", "postmaster.pid")) },
		filepath.Join(o.Bin, "postgres"), args...)
}
