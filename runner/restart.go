package runner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// withProcess calls f with the present process.
func (tg *target) withProcess(f func(*process) (string, error)) (string, error) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.process == nil {
		return "", errors.New("the target is no process of ours")
	}
	return f(tg.process)
}

// restart starts the killed target again, on its port; anew is false when
// there was nothing to start.
func (tg *target) restart(ctx context.Context) (proof string, anew bool, err error) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.process == nil || !tg.process.ended() {
		return "the process had not ended", false, nil
	}
	tg.noteExit()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		var p *process
		if p, err = tg.again(ctx); err == nil {
			tg.process = p
			tg.restarts++
			return fmt.Sprintf("process %d answers on the same port", p.pid()), true, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return "", false, fmt.Errorf("the target did not come back: %w", err)
}

// left returns what is left of a stopped target of ours: the process group
// that lives on, or the address that still answers.
func (tg *target) left() (pid int, addr string) {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	if tg.process == nil {
		return 0, ""
	}
	if !tg.process.ended() || groupLives(tg.process.pid()) {
		return tg.process.pid(), ""
	}
	u, err := url.Parse(tg.url)
	if err != nil {
		return 0, ""
	}
	if c, err := net.DialTimeout("tcp", u.Host, time.Second); err == nil {
		c.Close()
		return 0, u.Host
	}
	return 0, ""
}
