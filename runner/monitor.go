package runner

import (
	"bytes"
	"os"
	"runtime/metrics"
	"strconv"
	"time"

	"tussle/history"
)

// sample writes the generator's own state ten times a second until the
// returned function is called.
func (r *run) sample() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	buf := r.hist.Buffer()
	go func() {
		defer close(ended)
		defer r.broken.guard()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		pages := int64(os.Getpagesize())
		m := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}, {Name: "/cpu/classes/gc/pause:cpu-seconds"}}
		for {
			select {
			case <-done:
				buf.Flush()
				return
			case <-tick.C:
			}
			metrics.Read(m)
			s := history.Sample{At: r.clock.now(), Block: -1, CPU: cpuTime(), Goroutines: int(m[0].Value.Uint64()),
				GCPause: int64(m[1].Value.Float64() * 1e9), RSS: resident(os.Getpid(), pages), TargetCPU: processCPU(r.target.pid())}
			if b := r.current.Load(); b != nil {
				s.Block = b.number
			}
			if buf.Sample(&s) != nil {
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// resident reads a process's resident memory in bytes, 0 where it cannot be told.
func resident(pid int, page int64) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	if f := bytes.Fields(text); len(f) > 1 {
		n, _ := strconv.ParseInt(string(f[1]), 10, 64)
		return n * page
	}
	return 0
}

// processCPU reads a process's CPU time in ns, 0 where it cannot be told. The
// kernel counts in hundredths of a second.
func processCPU(pid int) int64 {
	if pid == 0 {
		return 0
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	if i := bytes.LastIndexByte(text, ')'); i >= 0 {
		if f := bytes.Fields(text[i+1:]); len(f) > 12 {
			user, _ := strconv.ParseInt(string(f[11]), 10, 64)
			system, _ := strconv.ParseInt(string(f[12]), 10, 64)
			return (user + system) * int64(10*time.Millisecond)
		}
	}
	return 0
}

// report calls Options.Progress a few times a second until the returned
// function is called.
func (r *run) report(blocks int) (stop func()) {
	if r.o.Progress == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer r.broken.guard()
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if b := r.current.Load(); b != nil {
					r.o.Progress(b.progress(blocks))
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}

// watchHistory looks ten times a second whether the history can still be
// written, until the returned function is called: a full disk ends the load.
func (r *run) watchHistory() (stop func()) {
	r.unwritten = make(chan struct{})
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if r.hist.Err() != nil {
				close(r.unwritten)
				return
			}
		}
	}()
	return func() { close(done) }
}
