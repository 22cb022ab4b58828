package runner

import (
	"fmt"
	"net"
	"net/url"
	"time"
)

// nobodyThere wants the address of a target free before its command starts:
// whoever answers there would be taken for what was started.
func nobodyThere(base string) error {
	addr := address(base)
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return nil
	}
	c.Close()
	return &CannotRun{What: fmt.Sprintf("something already listens on %s, before target.command was started", addr),
		Hint: "end it (an old server?), or leave target.command out to run against it"}
}

// address is host and port of a URL.
func address(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// settle is how long a process is watched after its target answered: one that
// could not have its port ends about now, and then somebody else has answered.
const settle = 100 * time.Millisecond

// settled wants the process, or one of its group that it left behind, to live
// on once its target answers.
func (p *process) settled(base string) error {
	select {
	case <-p.exited:
	case <-time.After(settle):
		return nil
	}
	if groupLives(p.pid()) {
		p.parted = true
		return nil // it started the target and went
	}
	return &CannotRun{What: fmt.Sprintf("target.command ended (%s) although %s answers: what answers is not what was started", p.cmd.ProcessState, address(base)),
		Hint: "its output is in target.log; end what holds the port"}
}
