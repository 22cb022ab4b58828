package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// judgingClaim says what it takes to judge and measure a long run: memory, CPU
// time, and both for each request. The history is made up from a seed; the
// bounds are those of docs/performance.md.
func judgingClaim(tussle, dir string) error {
	for _, c := range []struct {
		name  string
		shape shape
		mib   int64
		cpu   time.Duration // 0: not bounded
	}{
		{"20 blocks, 64 keys, 32 clients", shape{requests: 20_000_000, blocks: 20, keys: 64, clients: 32, seed: 1}, 512, 40 * time.Second},
		{"one block, one key, 32 clients", shape{requests: 10_000_000, blocks: 1, keys: 1, clients: 32, seed: 2}, 1024, 0},
	} {
		path := filepath.Join(dir, "judging.jsonl.zst")
		if err := writeHistory(path, c.shape); err != nil {
			return err
		}
		cmd := exec.Command(tussle, "check", path)
		printed, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok || cmd.ProcessState.ExitCode() != 0 && cmd.ProcessState.ExitCode() != 4 {
			return fmt.Errorf("%s\n%s", cmd.ProcessState, printed)
		}
		memory, cpu := usage.Maxrss<<10, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
		n := float64(c.shape.requests)
		fmt.Printf("judging: %d requests (%s): %d MiB (<= %d), %.1f bytes a request; %.1f s of CPU, %.2f us a request", c.shape.requests, c.name, memory>>20, c.mib,
			float64(memory)/n, cpu.Seconds(), float64(cpu.Microseconds())/n)
		if c.cpu > 0 {
			fmt.Printf(" (<= %.0f s)", c.cpu.Seconds())
		}
		fmt.Println()
		if memory>>20 > c.mib || c.cpu > 0 && cpu > c.cpu {
			fmt.Println("judging: OVER THE BOUND")
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
