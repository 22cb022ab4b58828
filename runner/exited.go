package runner

import (
	"io"
	"os"
	"strings"
	"time"
)

// exit is a process of the target that ended while it was wanted.
type exit struct {
	at     time.Time
	how    string
	output []string // the last lines of target.log
}

// exited returns the exits of the run so far; it looks at the present process
// once more.
func (tg *target) exited() []exit {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	tg.noteExit()
	return tg.exits
}

// noteExit keeps the exit of the present process, if it ended and neither we
// nor a fault ended it. A command may start the target and go: then the target
// is its process group.
func (tg *target) noteExit() {
	p := tg.process
	if p == nil || !p.ended() || p.ours.Load() || groupLives(p.pid()) {
		return
	}
	p.ours.Store(true) // told once
	p.log.Close()      // what it printed is in the file now
	x := exit{p.at, p.cmd.ProcessState.String(), lastLines(p.log.file.Name())}
	if p.parted {
		x = exit{time.Now(), "its process group is gone", x.output}
	}
	tg.exits = append(tg.exits, x)
}

// Bounds of what is kept of a target's last words.
const (
	lastWords     = 5       // lines
	lastWordRunes = 200     // of one line
	lastWordBytes = 8 << 10 // looked at
)

// lastLines returns the last lines of a text file that are not empty.
func lastLines(path string) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	if end, err := file.Seek(0, io.SeekEnd); err != nil || end > lastWordBytes {
		_, _ = file.Seek(-lastWordBytes, io.SeekEnd) // what fails is told by Read
	} else {
		_, _ = file.Seek(0, io.SeekStart)
	}
	text, _ := io.ReadAll(io.LimitReader(file, lastWordBytes))
	var out []string
	for _, l := range strings.Split(strings.ToValidUTF8(string(text), "\uFFFD"), "\n") {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if r := []rune(l); len(r) > lastWordRunes {
			l = string(r[:lastWordRunes]) + "…"
		}
		out = append(out, l)
	}
	return out[max(0, len(out)-lastWords):]
}
