//go:build unix

package mariadb

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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

// Start starts a server and returns when it accepts connections.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	install, program, err := find()
	if err != nil {
		return nil, err
	}
	if o.Within <= 0 {
		o.Within = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
	s := &Server{}
	if s.Server, err = throwaway.New("mariadb", "mysql"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := s.Do(ctx, install, "--no-defaults", "--datadir="+filepath.Join(s.Dir, "data"), "--skip-test-db",
		"--auth-root-authentication-method=normal", "--innodb-log-file-size=8M"); err != nil {
		return nil, err
	}
	password := rand.Text()
	if err := s.account(password); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		port, err := throwaway.FreePort()
		if err != nil {
			return nil, err
		}
		err = s.launch(ctx, o, program, port)
		if err == nil {
			dsn := url.URL{Scheme: "mysql", User: url.UserPassword("tussle", password),
				Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/tussle"}
			s.DSN = dsn.String()
			return s, nil
		}
		// Somebody else may have taken the port meanwhile.
		if try == 3 || ctx.Err() != nil || !strings.Contains(err.Error(), "Address already in use") {
			return nil, err
		}
	}
}

// account writes what the server does when it begins: its own accounts, which
// have no password, go; one with a password comes.
func (s *Server) account(password string) error {
	file := filepath.Join(s.Dir, "begin.sql")
	if err := os.WriteFile(file, fmt.Appendf(nil, `create or replace user tussle@'%%' identified by '%s';
grant all on *.* to tussle@'%%' with grant option;
create database if not exists tussle character set utf8mb4;
delete from mysql.global_priv where User not in ('tussle', 'mariadb.sys');
flush privileges;
`, password), 0o600); err != nil {
		return err
	}
	return s.Own(file)
}

// launch starts the server on a port and waits until it is ready.
func (s *Server) launch(ctx context.Context, o Options, program string, port int) error {
	settings := map[string]string{
		"datadir": filepath.Join(s.Dir, "data"), "socket": filepath.Join(s.Dir, "socket"), "pid-file": filepath.Join(s.Dir, "pid"),
		"bind-address": "127.0.0.1", "port": strconv.Itoa(port), "init-file": filepath.Join(s.Dir, "begin.sql"),
		"skip-name-resolve": "1", "max-connections": "300", "performance-schema": "OFF", "character-set-server": "utf8mb4",
		"innodb-log-file-size": "8M", "innodb-buffer-pool-size": "32M", "innodb-flush-log-at-trx-commit": "0",
		"innodb-buffer-pool-dump-at-shutdown": "OFF", "innodb-buffer-pool-load-at-startup": "OFF",
	}
	maps.Copy(settings, o.Settings)
	args := []string{"--no-defaults"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "--"+name+"="+settings[name])
	}
	// It says that it is ready once the init-file has been done. Nobody needs what
	// it would write when it is told to end: KILL.
	said := func() bool {
		log, err := os.ReadFile(filepath.Join(s.Dir, "log"))
		return err == nil && bytes.Contains(log, []byte("ready for connections"))
	}
	return s.Launch(ctx, "KILL", said, program, args...)
}
