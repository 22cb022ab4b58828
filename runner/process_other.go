//go:build !unix

package runner

import "os/exec"

func ownGroup(*exec.Cmd) {}

// terminate has no gentle form here; a built-in target ends when its standard
// input closes, any other is killed.
func terminate(*exec.Cmd) {}
func kill(cmd *exec.Cmd)  { _ = cmd.Process.Kill() }

// A process cannot be stopped here: the fault pause says so by its proof.
func suspend(*exec.Cmd) {}
func goOn(*exec.Cmd)    {}
func stopped(int) bool  { return false }

// killed reports whether an ended process was ended by us.
func killed(cmd *exec.Cmd) bool { return !cmd.ProcessState.Success() }

// groupLives is not known here: there are no process groups.
func groupLives(int) bool { return false }

// cpuTime is not known here; the report says so.
func cpuTime() int64 { return 0 }
