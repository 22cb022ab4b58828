package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tussle/history"
	"tussle/runner/fault"
)

// world is what faults with windows act on: the target's process and the
// clients of a block.
type world struct{ b *block }

func (w world) Kill() (string, error) { return w.b.run.target.withProcess((*process).kill9) }
func (w world) Stop() (string, error) { return w.b.run.target.withProcess((*process).suspend) }
func (w world) Continue() (proof string, still bool, err error) {
	_, _ = w.b.run.target.withProcess(func(p *process) (string, error) {
		proof, still, err = p.resume()
		return "", nil
	})
	return proof, still, err
}
func (w world) Restart(ctx context.Context) (string, bool, error) {
	return w.b.run.target.restart(ctx)
}
func (w world) Ready(ctx context.Context) error { return w.b.run.target.awaitReady(ctx, nil) }
func (w world) Hold()                           { w.b.crowd.hold() }
func (w world) Release() int                    { return w.b.crowd.release() }

// undoWithin bounds the undoing of a fault.
const undoWithin = 30 * time.Second

// disturb carries out the faults with windows until the returned function is
// called. That function returns when everything is undone: the process is
// there and goes on, nobody is held. What cannot be undone is its error.
func (b *block) disturb(ctx context.Context) (undo func() error) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, f := range b.run.faults.Faults {
		if f.Begin == nil || !f.Applies(b.strategy) {
			continue
		}
		wg.Go(func() {
			defer b.run.broken.guard()
			for _, w := range f.Windows(b.stop - b.start) {
				if err := b.window(ctx, f, w, quit); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
			}
		})
	}
	return func() error {
		close(quit)
		wg.Wait()
		return failed
	}
}

// window carries out a fault once and undoes it.
func (b *block) window(ctx context.Context, f *fault.Fault, w fault.Window, quit <-chan struct{}) error {
	r := b.run
	if !until(r.clock.at(b.start+w.From), quit) {
		return nil
	}
	f.Planned(b.strategy)
	ev := history.Event{Block: b.number, Name: "fault", Attrs: map[string]string{"kind": f.Name}}
	done, err := f.Begin(ctx, world{b})
	ev.At = r.clock.now()
	if err == nil {
		f.Injected(b.strategy)
		until(r.clock.at(b.start+w.To), quit)
	}
	again, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	undone, effective, e := f.End(again, world{b})
	if err == nil && effective {
		f.Effective(b.strategy)
	}
	ev.Until = r.clock.now()
	ev.Attrs["proof"], ev.Attrs["undone"] = done, undone
	for _, err := range []error{err, e} {
		if err != nil {
			ev.Note = err.Error()
		}
	}
	buf := r.hist.Buffer()
	defer buf.Flush()
	if err := buf.Event(&ev); err != nil {
		return err
	}
	if e != nil {
		return fmt.Errorf("fault %s: %w", f.Name, e)
	}
	return nil
}

// until waits for a time; false when quit was closed before.
func until(at time.Time, quit <-chan struct{}) bool {
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-quit:
		return false
	}
}
