package defects_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tussle/targets"
)

// stateVariable makes the test's own binary a server on a state file.
const stateVariable, defectVariable = "DEFECTS_TEST_STATE", "DEFECTS_TEST_DEFECT"

func TestMain(m *testing.M) {
	state := os.Getenv(stateVariable)
	if state == "" {
		os.Exit(m.Run())
	}
	options := map[string]string{"state": state}
	if d := os.Getenv(defectVariable); d != "" {
		options["defect"] = d
	}
	if err := targets.Serve(context.Background(), "memory", options, "127.0.0.1:0", os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// spawn starts a server process and returns a client and how to kill it.
func spawn(t *testing.T, state, defect string) (client, func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), stateVariable+"="+state, defectVariable+"="+defect)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	parent, err := cmd.StdinPipe() // it ends with us
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dead := false
	kill := func() {
		if !dead {
			dead = true
			_ = cmd.Process.Kill() // SIGKILL; it may have gone by itself
			_ = cmd.Wait()
			_ = parent.Close()
		}
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, strings.TrimPrefix(strings.TrimSpace(line), "listening ")), kill
}

// A write is acknowledged, the process is killed, another one is started on
// the same file: only the sound server still has the write.
func TestAckBeforeDurable(t *testing.T) {
	for _, r := range []struct {
		defect string
		loses  bool
	}{{"ack-before-durable", true}, {"", false}} {
		lost := 0
		for n := range 3 {
			state := filepath.Join(t.TempDir(), "state")
			c, kill := spawn(t, state, r.defect)
			for i := range 20 {
				c.must(fmt.Sprintf("PUT /etag/items/k%d-%d", n, i), `{"value":1}`, "If-None-Match: *")
			}
			kill()
			c, kill = spawn(t, state, "")
			for i := range 20 {
				if c.do(fmt.Sprintf("GET /etag/items/k%d-%d", n, i), "").Status == 404 {
					lost++
				}
			}
			kill()
		}
		if (lost > 0) != r.loses {
			t.Errorf("defect %q: %d acknowledged writes were lost, losing expected: %v", r.defect, lost, r.loses)
		}
	}
}

// A clean stop keeps everything: that is why the defect goes unnoticed.
func TestBufferedStateSurvivesACleanStop(t *testing.T) {
	state := map[string]string{"state": filepath.Join(t.TempDir(), "state")}
	t.Run("write", func(t *testing.T) {
		serve(t, "ack-before-durable", state).must("PUT /etag/items/k", initial, "If-None-Match: *")
	})
	t.Run("read", func(t *testing.T) {
		serve(t, "", state).must("GET /etag/items/k", "")
	})
}

func TestAckBeforeDurableNeedsAStateFile(t *testing.T) {
	err := targets.Serve(context.Background(), "memory", map[string]string{"defect": "ack-before-durable"}, "127.0.0.1:0", os.Stdout, nil)
	if err == nil || !strings.Contains(err.Error(), "option state") {
		t.Errorf("got %v, expected an error that names the option", err)
	}
}
