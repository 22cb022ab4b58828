package runner

import (
	"fmt"
	"io"
	"os/exec"
	"sync/atomic"
	"time"
)

// process is a child of ours: the target.
type process struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{} // closed when it has ended; how is in cmd.ProcessState
	at     time.Time     // when it ended; to be read once exited is closed
	ours   atomic.Bool   // we end it, or a fault does
	parted bool          // it left its process group behind, which is the target
	log    *targetLog
}

// launch starts a child that ends with us: built-in targets watch their
// standard input, all others are killed in stop.
func launch(cmd *exec.Cmd, o Options, again bool) (*process, error) {
	p := &process{cmd: cmd, exited: make(chan struct{})}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.stdin = stdin
	if p.log, err = openLog(o.Dir, again, o.Secrets); err != nil {
		return nil, err
	}
	cmd.Stderr = p.log.child
	if cmd.Stdout == nil {
		cmd.Stdout = p.log.child
	}
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		p.log.Close()
		return nil, err
	}
	p.log.started()
	go func() {
		_ = cmd.Wait() // how it ended is in ProcessState
		p.at = time.Now()
		close(p.exited)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop ends the child: politely, then by force. It returns when it is gone.
func (p *process) stop() {
	p.ours.Store(true)
	p.stdin.Close()
	goOn(p.cmd) // a stopped process hears nothing
	terminate(p.cmd)
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		kill(p.cmd)
		<-p.exited
	}
	kill(p.cmd) // what it may have left in its process group
	p.log.Close()
}

// kill9 ends the child and its group by SIGKILL and returns the proof.
func (p *process) kill9() (string, error) {
	if p.ended() {
		return "", fmt.Errorf("the target's process %d had ended by itself: %s", p.pid(), p.cmd.ProcessState)
	}
	p.ours.Store(true)
	kill(p.cmd)
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		return "", fmt.Errorf("the target's process %d did not end within 10 s of SIGKILL", p.pid())
	}
	p.stdin.Close()
	p.log.Close()
	if !killed(p.cmd) {
		return "", fmt.Errorf("the target's process %d ended otherwise: %s", p.pid(), p.cmd.ProcessState)
	}
	return fmt.Sprintf("process %d ended: %s", p.pid(), p.cmd.ProcessState), nil
}

// suspend stops the child's group and returns when the kernel says that it is
// stopped.
func (p *process) suspend() (string, error) {
	suspend(p.cmd)
	if err := p.awaitState(true); err != nil {
		return "", err
	}
	return fmt.Sprintf("process %d is stopped (state T)", p.pid()), nil
}

// resume lets it go on; still reports whether it was stopped until now. That
// it ended meanwhile, by another fault, is no error: nothing is stopped.
func (p *process) resume() (proof string, still bool, err error) {
	still = stopped(p.pid())
	goOn(p.cmd)
	if err := p.awaitState(false); err != nil && !p.ended() {
		return "", false, err
	}
	if !still {
		return fmt.Sprintf("process %d was not stopped any more", p.pid()), false, nil
	}
	return fmt.Sprintf("process %d goes on", p.pid()), true, nil
}

func (p *process) awaitState(want bool) error {
	for begun := time.Now(); time.Since(begun) < 5*time.Second; time.Sleep(time.Millisecond) {
		if p.ended() {
			return fmt.Errorf("the target's process %d had ended by itself: %s", p.pid(), p.cmd.ProcessState)
		}
		if stopped(p.pid()) == want {
			return nil
		}
	}
	return fmt.Errorf("the target's process %d: the kernel does not report it as stopped: %t", p.pid(), want)
}
