package sign

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os/exec"
	"sync"
	"time"

	"tussle/scenarios"
)

// patience is how long a helper may take for one request, its own start included.
const patience = 30 * time.Second

// helper is a process of the user's that signs: it reads one request a line,
// as JSON, and writes one line for each, a JSON object of headers.
type helper struct {
	base Base
	args []string
	dir  string

	mu    sync.Mutex // one request at a time
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan answer
	err   error // why it is of no more use
}

type answer struct {
	text []byte
	err  error
}

func newCommand(t scenarios.Sign, base Base, _ func(scenarios.Text) string) (Signer, error) {
	if len(t.Command) == 0 {
		return nil, needed("command", "")
	}
	return &helper{base: base, args: t.Command, dir: t.Dir}, nil
}

// start starts the process with the first request that is signed.
func (h *helper) start() error {
	h.cmd = exec.Command(h.args[0], h.args[1:]...)
	h.cmd.Dir = h.dir
	in, err1 := h.cmd.StdinPipe()
	out, err2 := h.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	h.in, h.lines = in, make(chan answer, 1)
	go func() {
		r := bufio.NewReader(out)
		for {
			text, err := r.ReadBytes('\n')
			h.lines <- answer{text, err}
			if err != nil {
				return
			}
		}
	}()
	return nil
}

func (h *helper) Sign(r Request, now time.Time) error {
	headers := map[string]string{}
	r.EachHeader(func(name, value []byte) { headers[string(name)] = string(value) })
	line, err := json.Marshal(map[string]any{"method": r.Method(), "url": h.base.Scheme + "://" + h.base.Host + string(r.Target()),
		"headers": headers, "body": r.Body(), "time": now.UTC().Format(time.RFC3339Nano)}) // body as base64
	if err != nil {
		return err
	}
	added, err := h.ask(append(line, '\n'))
	if err != nil {
		return fmt.Errorf("the signing helper %s: %w", h.args[0], err)
	}
	for name, value := range added {
		r.SetHeader(textproto.CanonicalMIMEHeaderKey(name), []byte(value))
	}
	return nil
}

func (h *helper) ask(line []byte) (added map[string]string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil {
		return nil, h.err
	}
	defer func() { h.err = err }() // one that failed once is out of step
	if h.cmd == nil {
		if err := h.start(); err != nil {
			return nil, err
		}
	}
	if _, err := h.in.Write(line); err != nil {
		return nil, err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case a := <-h.lines:
		if a.err != nil {
			return nil, fmt.Errorf("it ended: %w", a.err)
		}
		if err := json.Unmarshal(a.text, &added); err != nil {
			return nil, fmt.Errorf("its answer is no JSON object of headers: %w", err)
		}
		return added, nil
	case <-timer.C:
		return nil, fmt.Errorf("no answer within %s", patience)
	}
}

// Close ends the process.
func (h *helper) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = errors.New("closed")
	if h.cmd == nil {
		return nil
	}
	_ = h.in.Close()
	ended := make(chan struct{})
	go func() { _ = h.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(time.Second):
		_ = h.cmd.Process.Kill()
		<-ended
	}
	return nil
}
