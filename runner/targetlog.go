package runner

import (
	"bytes"
	"os"
	"path/filepath"
	"time"

	"tussle/runner/secrets"
)

// targetLog takes the output of the target's process. Where there are secrets
// that the target may repeat, it goes through a pipe and is masked; where
// there are none, the process writes the file itself.
type targetLog struct {
	file  *os.File
	child *os.File      // what the process writes to
	pipe  *os.File      // the other end; nil without one
	ended chan struct{} // closed when all that was written is in the file
}

// openLog opens target.log; again continues the one that is there.
func openLog(dir string, again bool, mask *secrets.Registry) (*targetLog, error) {
	path := filepath.Join(dir, "target.log")
	mode := os.O_WRONLY | os.O_APPEND
	if !again {
		os.Remove(path) // a link of this name leads elsewhere
		mode |= os.O_CREATE | os.O_EXCL
	}
	file, err := os.OpenFile(path, mode, 0o644)
	if err != nil {
		return nil, err
	}
	l := &targetLog{file: file, child: file}
	if mask == nil || mask.Empty() {
		return l, nil
	}
	if l.pipe, l.child, err = os.Pipe(); err != nil {
		file.Close()
		return nil, err
	}
	l.ended = make(chan struct{})
	go l.copy(mask)
	return l, nil
}

// started closes our own copy of what the process writes to.
func (l *targetLog) started() {
	if l.pipe != nil {
		l.child.Close()
	}
}

// Close waits a little for what is still in the pipe, and closes the file.
func (l *targetLog) Close() {
	if l.pipe != nil {
		l.child.Close()
		_ = l.pipe.SetReadDeadline(time.Now().Add(time.Second)) // a process that left the group may hold the other end
		<-l.ended
		l.pipe.Close()
	}
	l.file.Close()
}

// logWindow is how much of a line without an end is kept back, in bytes.
const logWindow = 64 << 10

// copy masks whole lines; a line that is longer than the window is cut where
// no secret is.
func (l *targetLog) copy(mask *secrets.Registry) {
	defer close(l.ended)
	var kept []byte
	chunk := make([]byte, logWindow)
	for {
		n, err := l.pipe.Read(chunk)
		kept = append(kept, chunk[:n]...)
		whole := bytes.LastIndexByte(kept, '\n') + 1
		switch {
		case err != nil:
			whole = len(kept)
		case whole == 0 && len(kept) > 2*logWindow:
			whole = len(kept) - logWindow
		}
		if whole > 0 {
			text, next := mask.Split(string(kept), whole)
			_, _ = l.file.WriteString(text) // as when the process writes itself, a full disk is not its trouble
			kept = append(kept[:0], kept[next:]...)
		}
		if err != nil {
			return
		}
	}
}
