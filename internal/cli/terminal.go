package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"tussle/runner/live"
	"tussle/scenarios"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colored decides about colour for one stream (no-color.org).
func colored(w io.Writer, choice string) bool {
	switch choice {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// show is the progress: one line that is drawn again on a terminal, plain
// lines elsewhere, nothing with -q.
type show struct {
	mu     sync.Mutex
	errOut io.Writer
	quiet  bool
	bars   *mpb.Progress
	bar    *mpb.Bar
	last   live.Snapshot
	said   time.Time
}

// every is how often a plain line is written.
const every = 10 * time.Second

func (e *env) progress(s *scenarios.Scenario, quiet bool) *show {
	p := &show{errOut: e.errOut, quiet: quiet}
	if quiet {
		return p
	}
	fmt.Fprintf(e.errOut, "%s: %s, %s, seed %d\n", s.Name, plural(len(s.Strategies), "strategy", "strategies"), plural(s.Load.Clients, "client", "clients"), s.Seed)
	if isTerminal(e.errOut) && os.Getenv("CI") == "" {
		p.bars = mpb.New(mpb.WithOutput(e.errOut), mpb.WithWidth(16), mpb.WithRefreshRate(250*time.Millisecond))
	}
	return p
}

func (p *show) update(s live.Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet {
		return
	}
	p.last = s
	if p.bars == nil {
		if time.Since(p.said) >= every {
			p.said = time.Now()
			fmt.Fprintln(p.errOut, words(s))
		}
		return
	}
	if p.bar == nil {
		p.bar = p.bars.AddBar(int64(s.Blocks), mpb.BarRemoveOnComplete(), mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			p.mu.Lock()
			defer p.mu.Unlock()
			return words(p.last)
		})))
	}
	p.bar.SetCurrent(int64(s.Block - 1))
}

// words says in one line where a run is.
func words(s live.Snapshot) string {
	rate, conflicts := 0.0, 0.0
	if s.Elapsed > 0 {
		rate = float64(s.Committed) / s.Elapsed.Seconds()
	}
	if s.Attempts > 0 {
		conflicts = 100 * float64(s.Conflicts) / float64(s.Attempts)
	}
	return fmt.Sprintf("block %d/%d %s  %.1fs  %d committed  %.0f/s  conflicts %.1f%%  p99 %.1fms",
		s.Block, s.Blocks, s.Strategy, s.Elapsed.Seconds(), s.Committed, rate, conflicts, float64(s.P99.Microseconds())/1000)
}

func (p *show) done() {
	p.mu.Lock()
	bar := p.bar
	p.mu.Unlock()
	if bar != nil {
		bar.Abort(true)
		p.bars.Wait()
	}
}

// plural counts things: "1 strategy", "2 strategies".
func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + more
}
