//go:build unix

package runner

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// ownGroup puts a child into a process group of its own, so that a Ctrl-C at
// the terminal reaches us and not the target. When we are killed while it is
// stopped, the kernel continues and hangs up the orphaned group (POSIX
// _exit, orphaned process groups).
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// These signal the whole group; an error means that it is gone.
func terminate(cmd *exec.Cmd) { signal(cmd, syscall.SIGTERM) }
func kill(cmd *exec.Cmd)      { signal(cmd, syscall.SIGKILL) }
func suspend(cmd *exec.Cmd)   { signal(cmd, syscall.SIGSTOP) }
func goOn(cmd *exec.Cmd)      { signal(cmd, syscall.SIGCONT) }

func signal(cmd *exec.Cmd, s syscall.Signal) { _ = syscall.Kill(-cmd.Process.Pid, s) }

// killed reports whether an ended process ended by SIGKILL.
func killed(cmd *exec.Cmd) bool {
	w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && w.Signaled() && w.Signal() == syscall.SIGKILL
}

// groupLives reports whether anything of a child's process group is left.
func groupLives(pid int) bool { return syscall.Kill(-pid, 0) == nil }

// stopped reports whether the kernel shows a process as stopped.
func stopped(pid int) bool {
	if text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil {
		i := bytes.LastIndexByte(text, ')') // the name before it may hold anything
		return i >= 0 && len(text) > i+2 && text[i+2] == 'T'
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(out)), "T")
}

// cpuTime returns user + system time of this process in ns.
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
