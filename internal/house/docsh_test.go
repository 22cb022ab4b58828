//go:build unix

package house

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shell runs the commands of one document.
type shell struct {
	t      testing.TB
	dir    string
	env    []string
	groups []int // process groups that may still hold background commands
}

func newShell(t testing.TB, dir, bin string) *shell {
	s := &shell{t: t, dir: dir}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case name == "PATH", name == "CI", strings.HasPrefix(name, "TUSSLE_"), strings.HasPrefix(name, "GITHUB_"), name == "GITLAB_CI":
		default:
			s.env = append(s.env, kv)
		}
	}
	s.env = append(s.env, "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "NO_COLOR=1", "GOFLAGS=-buildvcs=false")
	t.Cleanup(s.stop)
	return s
}

func (s *shell) stop() {
	for _, pgid := range s.groups {
		if err := syscall.Kill(-pgid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			s.t.Errorf("cannot stop what the document started: %v", err)
		}
	}
	s.groups = nil
}

// run gives a script to bash and returns what it printed on both streams.
func (s *shell) run(script string, limit time.Duration) (out string, code int, err error) {
	file, err := os.CreateTemp(s.t.TempDir(), "out") // a file, so that a background command holds no pipe open
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, s.env, file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return "", 0, err
	}
	s.groups = append(s.groups, cmd.Process.Pid)
	err = cmd.Wait()
	b, readErr := os.ReadFile(file.Name())
	var exit *exec.ExitError
	switch {
	case readErr != nil:
		return "", 0, readErr
	case ctx.Err() != nil:
		return string(b), 0, fmt.Errorf("not finished after %v", limit)
	case errors.As(err, &exit):
		return string(b), exit.ExitCode(), nil
	}
	return string(b), 0, err
}

var exitMark = regexp.MustCompile(`^(.*\S)\s+# exit (\d+)$`)

// script runs a sh block whole, so that loops and here-documents work.
func (s *shell) script(where string, b block) {
	s.t.Helper()
	out, code, err := s.run(withExitCodes(b.text), b.timeout)
	if err != nil || code != 0 {
		s.t.Errorf("%s: exit %d, error %v\n%s--- it printed:\n%s", where, code, err, b.text, out)
	}
}

// withExitCodes turns `command # exit N` into a command that fails unless the
// code is N. Lines that end in a backslash belong to the next one.
func withExitCodes(block string) string {
	var out strings.Builder
	for _, line := range strings.Split(strings.ReplaceAll(block, "\\\n", "\x00"), "\n") {
		if m := exitMark.FindStringSubmatch(line); m != nil {
			fmt.Fprintf(&out, "code=0; %s || code=$?\nif [ $code -ne %s ]; then echo \"exit $code, expected %s\"; exit 99; fi\n", m[1], m[2], m[2])
			continue
		}
		out.WriteString(line + "\n")
	}
	return strings.ReplaceAll(out.String(), "\x00", "\\\n")
}

// session runs a console block command by command and compares what each one
// prints, stdout and stderr together.
func (s *shell) session(where string, b block) {
	s.t.Helper()
	lines := strings.Split(strings.TrimRight(b.text, "\n"), "\n")
	if !strings.HasPrefix(lines[0], "$ ") {
		s.t.Errorf("%s: a console block begins with a line \"$ command\"", where)
		return
	}
	for i := 0; i < len(lines); {
		command := strings.TrimPrefix(lines[i], "$ ")
		for i++; strings.HasSuffix(command, "\\") && i < len(lines); i++ {
			command += "\n" + lines[i]
		}
		var want []string
		for ; i < len(lines) && !strings.HasPrefix(lines[i], "$ "); i++ {
			want = append(want, lines[i])
		}
		expected := 0
		if m := exitMark.FindStringSubmatch(command); m != nil {
			command = m[1]
			expected, _ = strconv.Atoi(m[2])
		}
		out, code, err := s.run(command, b.timeout)
		if err != nil || code != expected {
			s.t.Errorf("%s: %s\nexit %d, expected %d, error %v\n--- it printed:\n%s", where, command, code, expected, err, out)
			return
		}
		if !matches(want, strings.Split(strings.TrimRight(out, "\n"), "\n"), b.attrs["figures"] == "vary") {
			s.t.Errorf("%s: %s\n--- the document says:\n%s\n--- it printed:\n%s", where, command, strings.Join(want, "\n"), out)
			return
		}
	}
}

var (
	number = regexp.MustCompile(`[0-9]+([.,][0-9]+)*`)
	spaces = regexp.MustCompile(`[ \t]+`)
	rulers = regexp.MustCompile(`[-─━═]{2,}`)
)

// matches compares line by line; "..." stands for anything.
func matches(want, got []string, figuresVary bool) bool {
	shape := func(line string) string {
		line = strings.TrimRight(line, " \t")
		if figuresVary {
			line = spaces.ReplaceAllString(rulers.ReplaceAllString(number.ReplaceAllString(line, "0"), "--"), " ")
		}
		return line
	}
	switch {
	case len(want) == 0:
		return len(got) == 0 || len(got) == 1 && got[0] == ""
	case strings.TrimSpace(want[0]) == "...":
		for skip := 0; skip <= len(got); skip++ {
			if len(want) == 1 || matches(want[1:], got[skip:], figuresVary) {
				return true
			}
		}
		return false
	case len(got) == 0:
		return false
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(shape(want[0])), `\.\.\.`, `.*`)
	return regexp.MustCompile("^"+pattern+"$").MatchString(shape(got[0])) && rest(want[1:], got[1:], figuresVary)
}

func rest(want, got []string, figuresVary bool) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	return matches(want, got, figuresVary)
}
