//go:build unix

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long is a run whose load goes on until somebody ends it.
const long = `
[target]
use = "memory"
[workload]
kind = "counter"
keys = 4
[load]
clients  = 4
duration = "60s"
repeat   = 1
[[strategy]]
locking = "optimistic"
`

// orderly starts a command line in a folder with the scenario long.toml.
func orderly(t *testing.T, line string) (dir string, cmd *exec.Cmd, out *bytes.Buffer) {
	t.Helper()
	dir = t.TempDir()
	inFile(t, filepath.Join(dir, "long.toml"), long)
	cmd, out = exec.Command("bash", "-c", line), &bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }) // most often there is nobody left
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return dir, cmd, out
}

func whole(t *testing.T, dir string, out *bytes.Buffer) {
	t.Helper()
	for _, name := range []string{historyFile, jsonFile, htmlFile, markdown} {
		info, err := os.Stat(filepath.Join(dir, "out", name))
		if err != nil || info.Size() == 0 || info.Mode().Perm()&^0o644 != 0 {
			t.Errorf("%s: %v, %v\n%s", name, err, info, out)
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "out", ".tussle-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %s", left)
	}
}

func TestEverySignalEndsARunInOrder(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			dir, cmd, out := orderly(t, "exec tussle run long.toml -o out")
			amid(t, cmd, filepath.Join(dir, "out", historyFile), sig)
			_ = cmd.Wait() // the code is compared
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit %d\n%s", code, out)
			}
			whole(t, dir, out)
		})
	}
}

func TestAReaderThatLeavesEndsNothing(t *testing.T) {
	t.Parallel()
	dir, cmd, out := orderly(t, "tussle run long.toml -o out --set load.duration=200ms 2>&1 | head -n 1; exit ${PIPESTATUS[0]}")
	_ = cmd.Wait() // the code is compared
	if code := cmd.ProcessState.ExitCode(); code != exitOK && code != exitInconclusive || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("exit %d\n%s", code, out)
	}
	whole(t, dir, out)
}

// Where a process may open few files, that is what is said.
func TestTooFewFilesAreNamed(t *testing.T) {
	t.Parallel()
	_, cmd, out := orderly(t, "ulimit -n 64; exec tussle run long.toml -o out --set load.clients=100")
	_ = cmd.Wait() // the code is compared
	if code := cmd.ProcessState.ExitCode(); code != exitCannotRun || !strings.Contains(out.String(), "ulimit -n") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// A file that may not grow stands for a disk that is full: bash ignores the
// signal, so that the write fails with an error.
func TestAFullDiskEndsTheLoad(t *testing.T) {
	t.Parallel()
	dir, cmd, out := orderly(t, "trap '' XFSZ; ulimit -f 64; exec tussle run long.toml -o out")
	begun := time.Now()
	_ = cmd.Wait() // the code is compared
	if time.Since(begun) > 50*time.Second {
		t.Error("the load went on until its end")
	}
	text := out.String()
	if code := cmd.ProcessState.ExitCode(); code != exitCannotRun || !strings.Contains(text, "out/"+historyFile+": file too large") {
		t.Errorf("exit %d\n%s", code, text)
	}
	if !strings.Contains(text, "optimistic") {
		t.Errorf("what was recorded was not judged:\n%s", text)
	}
	if _, err := os.Stat(filepath.Join(dir, "out", historyFile)); err != nil {
		t.Error(err)
	}
}

func TestNoLinkInARunsFolderIsFollowed(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	inFile(t, victim, "precious")
	for _, name := range []string{htmlFile, "target.log"} {
		if err := os.MkdirAll(filepath.Join(dir, "out"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, filepath.Join(dir, "out", name)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("tussle", "run", "flash-sale", "-o", "out", "-q", "--set", "load.duration=20ms", "--set", "load.repeat=1")
	cmd.Dir = dir
	text, _ := cmd.CombinedOutput() // any code will do
	if b, err := os.ReadFile(victim); err != nil || string(b) != "precious" {
		t.Errorf("%v, %q\n%s", err, b, text)
	}
	if info, err := os.Lstat(filepath.Join(dir, "out", htmlFile)); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v\n%s", info, err, text)
	}
}

func TestFilesAppearWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	inFile(t, path, "old")
	err := writeFile(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half of the ne")
		return fmt.Errorf("no space")
	})
	if b, _ := os.ReadFile(path); err == nil || string(b) != "old" {
		t.Errorf("%v, %q", err, b)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%v", entries)
	}
}

func TestEndlessFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "report.json")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "ca.pem")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	scenario := strings.Replace(long, `use = "memory"`, `url  = "https://127.0.0.1:1"`+"\n"+`tls  = { ca = %q }`+"\n"+`read = { request = "GET /x", value = "json:v" }`, 1)
	inFile(t, filepath.Join(dir, "pipe.toml"), fmt.Sprintf(scenario, pipe))
	inFile(t, filepath.Join(dir, "zero.toml"), fmt.Sprintf(scenario, "/dev/zero"))
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"report", link}, exitCannotRun, "larger than 64 MiB"},
		{[]string{"compare", link, link}, exitCannotRun, "larger than 64 MiB"},
		{[]string{"check", "/dev/zero"}, exitCannotRun, "longer than"},
		{[]string{"validate", "/dev/zero"}, exitUsage, "larger than"},
		{[]string{"run", filepath.Join(dir, "pipe.toml")}, exitUsage, "is no file"},
		{[]string{"run", filepath.Join(dir, "zero.toml")}, exitUsage, "is no file"},
	} {
		var out bytes.Buffer
		if code := Main(tc.args, strings.NewReader(""), &out, &out); code != tc.code || !strings.Contains(out.String(), tc.want) {
			t.Errorf("%s: exit %d\n%s", tc.args, code, &out)
		}
	}
}
