//go:build !unix

package runner

import "os/exec"

func ownGroup(*exec.Cmd) {}

// terminate has no gentle form here; a built-in target ends when its standard
// input closes, any other is killed.
func terminate(*exec.Cmd) {}
func kill(cmd *exec.Cmd)  { _ = cmd.Process.Kill() }

// cpuTime is not known here; the report says so.
func cpuTime() int64 { return 0 }
