//go:build unix

package mariadb

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A server is reached with its password alone, has the settings that it was
// given, and leaves nothing behind.
func TestStartAndStop(t *testing.T) {
	s, err := Start(t.Context(), Options{Settings: map[string]string{"innodb-snapshot-isolation": "ON"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	u, err := url.Parse(s.DSN)
	if err != nil || !strings.HasPrefix(u.Host, "127.0.0.1:") {
		t.Fatalf("dsn %s: expected loopback (%v)", s.DSN, err)
	}
	password, _ := u.User.Password()
	ask := func(user, password, sql string) (string, error) {
		out, err := exec.Command("mariadb", "--no-defaults", "--protocol=tcp", "-h", u.Hostname(), "-P", u.Port(), "-u", user, "-p"+password, "-Nse", sql).CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if got, err := ask("tussle", password, "select @@innodb_snapshot_isolation, current_user(), schema_name from information_schema.schemata where schema_name = 'tussle'"); err != nil || got != "1\ttussle@%\ttussle" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, other := range [][2]string{{"tussle", "x"}, {"root", ""}} {
		if got, err := ask(other[0], other[1], "select 1"); err == nil {
			t.Errorf("%s with the password %q is let in: %s", other[0], other[1], got)
		}
	}
	for range 2 {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	if c, err := net.Dial("tcp", u.Host); err == nil {
		c.Close()
		t.Error("it still listens")
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", s.Dir, err)
	}
}

// What cannot start says why in the server's own words, and leaves nothing; nor
// does a start that is given up.
func TestWhatDoesNotStartLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	for _, dir := range []string{tmp, filepath.Dir(tmp)} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TMPDIR", tmp)
	if _, err := Start(t.Context(), Options{Settings: map[string]string{"no-such-option": "1"}}); err == nil || !strings.Contains(err.Error(), "no-such-option") {
		t.Errorf("got %v, expected the server's own words", err)
	}
	for _, after := range []time.Duration{0, 300 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, Options{})
		cancel()
		if err == nil { // it was faster
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
