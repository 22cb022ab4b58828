package runner

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/locking"
)

// observers is how many connections set keys up and read final states.
const observers = 4

// each calls f for every key of the block, by a few observers.
func (b *block) each(ctx context.Context, f func(o *observer, i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, observers)
	for w := range observers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer b.run.broken.guard()
			o := &observer{client: newClient(b, history.Observer)}
			defer func() { b.observed.Add(o.conn.Wire); o.close() }()
			if errs[w] = o.open(ctx); errs[w] != nil {
				errs[w] = cannotConnect("cannot connect to the target: ", errs[w], "is it up? its output, if tussle started it, is in target.log")
				return
			}
			for {
				i := int(next.Add(1)) - 1
				if i >= len(b.names) || ctx.Err() != nil {
					return
				}
				if errs[w] = f(o, i); errs[w] != nil {
					return
				}
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if err := b.run.broken.why(); err != nil {
		return err
	}
	return ctx.Err()
}

// observer speaks outside the load: set-up, final reads, teardown.
type observer struct {
	*client
	vain   map[history.Step]int // looks in a row that waited for a readable answer and got none
	cursor string               // what the next page of a list is asked for by
	part   string               // why the latest list is a part
}

// do performs one step on key i and records it, again while the target throttles.
func (o *observer) do(ctx context.Context, step history.Step, i int, fill func(*dialect.Vars)) {
	b := o.block
	m := o.machine
	m.Vars.Reset()
	m.Vars.Set(dialect.Key, dialect.Text{S: b.names[i].ID})
	m.Vars.Set(dialect.Name, dialect.Text{S: b.names[i].ID})
	m.Vars.Set(dialect.Parent, dialect.Text{S: b.names[i].ID})
	m.Vars.Set(dialect.Run, dialect.Text{S: b.run.id})
	m.Vars.Set(dialect.Block, dialect.Text{S: strconv.Itoa(b.number), Raw: true})
	m.Vars.Set(dialect.N, dialect.Text{S: strconv.Itoa(i), Raw: true})
	m.Vars.Set(dialect.UUID, dialect.Text{S: wire.UUIDOf(b.run.id, b.number, history.Observer, i)})
	if o.cursor != "" {
		m.Vars.SetNamed("next", dialect.Text{S: o.cursor})
	}
	m.Ask = locking.Ask{Step: step, Key: b.names[i]}
	if fill != nil {
		fill(&m.Vars)
	}
	for began := time.Now(); ; {
		o.askLoggedIn(ctx)
		if o.answer.Class != history.Throttled || ctx.Err() != nil || time.Since(began) > brakeMost {
			return
		}
		o.sleep(ctx, min(max(o.answer.RetryAfter, brakeLeast), brakeMost))
	}
}

// A target that throttles is obeyed outside the load, too: there is no retry
// policy that says so, and nothing is measured. At most for so long a step.
const (
	brakeLeast = 10 * time.Millisecond // where it names no time
	brakeMost  = 10 * time.Second
)

// setUp gives every key its initial state.
func (b *block) setUp(ctx context.Context) error {
	step := history.StepSetup
	if !b.sp.speak.Has(step) {
		step = history.StepReset
	}
	return b.each(ctx, func(o *observer, i int) error {
		initial, raw, exists := b.work.Initial(i)
		if !exists || len(b.run.s.Operations) > 0 && !b.sp.speak.Has(step) {
			return nil
		}
		if !b.sp.speak.Has(step) {
			o.look(ctx, history.StepRead, i, 1) // the keys are there: learn what they hold
		} else {
			o.do(ctx, step, i, func(v *dialect.Vars) {
				v.Set(dialect.Value, dialect.Text{S: initial, Raw: raw})
				v.Set(dialect.Tag, dialect.Text{S: b.own + locking.Initial})
				o.machine.Ask.Tag, o.machine.Ask.Value = locking.Initial, initial
			})
		}
		a := &o.answer
		if a.HasKey {
			id := string([]byte(a.Key.S))
			b.names[i] = locking.Name{ID: id, Record: b.names[i].Record}
		}
		o.flush()
		if a.Class != history.OK {
			return o.cannot(step, "set-up of key "+b.names[i].ID)
		}
		return nil
	})
}

// cannot words a failed step of the observer.
func (o *observer) cannot(step history.Step, what string) error {
	a := &o.answer
	hint := "run the request by hand, then see target." + string(step) + " in the scenario"
	if a.Status == 0 {
		return &CannotRun{
			What: fmt.Sprintf("%s got no answer (%s)%s", what, a.Class, because(o.failed)),
			Hint: adviceOn(o.failed, hint),
			Curl: o.curl(step),
		}
	}
	what = fmt.Sprintf("%s was answered with %d", what, a.Status)
	if a.Class == history.Unreadable && a.Missing != "" {
		what += ", but its " + a.Missing + " is not in the answer" + lacks(o.sp.speak, step, a)
	}
	why, hint := tells(&o.resp, what, o.who.hint(a.Status, hint))
	return &CannotRun{
		What:   why,
		Hint:   hint,
		Curl:   o.curl(step),
		Answer: excerpt(a.Detail),
	}
}

// finalReads reads every key after the drain. What cannot be read is in the
// record; the checkers say what that leaves open.
func (b *block) finalReads(ctx context.Context) {
	if len(b.run.s.Operations) > 0 {
		_ = b.observeAll(ctx)
		return
	}
	if b.stretch.workload.Kind != "transfer" {
		b.finalPass(ctx, 0)
		return
	}
	// A transfer whose answer was lost may arrive between the reads of its two
	// accounts: two passes that agree show what all of them hold at one instant.
	const most = 6
	last := b.finalPass(ctx, 0)
	for pass := 1; pass < most && ctx.Err() == nil; pass++ {
		next := b.finalPass(ctx, pass)
		if slices.Equal(last, next) {
			return
		}
		last = next
	}
}

// finalPass reads every key once, and returns what each holds.
func (b *block) finalPass(ctx context.Context, pass int) []string {
	values := make([]string, len(b.names))
	_ = b.each(ctx, func(o *observer, i int) error {
		n := pass*len(b.names) + i
		op := history.Operation{Block: b.number, Client: history.Observer, Op: n, Intent: history.IntentFinal, Key: b.names[i].Record}
		op.Call = b.run.clock.now()
		op.Planned = op.Call
		o.machine.Observe(n)
		o.look(ctx, history.StepRead, i, 3) // a final read is worth a second try
		if b.number >= 0 {
			o.pastCopies(ctx, i)
		}
		op.Outcome = history.Failed
		if o.answer.Class == history.OK {
			op.Outcome = history.Committed
			values[i] = strings.Clone(o.answer.Value.S)
		}
		if b.stretch.workload.Kind == "parent-child" && b.sp.speak.Has(history.StepList) || i == 0 && o.machine.ListAll {
			o.list(ctx, i)
		}
		op.Return = b.run.clock.now()
		o.ended(&op)
		return nil
	})
	return values
}

// A read of the observer that comes back unreadable is asked again so often,
// each time after a longer pause: a proxy's page or a torn body passes. After
// some documents in a row for which that was in vain it is asked once only: the
// last of hundreds would otherwise be read a minute later.
const (
	looksAgain = 9
	lookPause  = time.Millisecond // the first pause; they add up to a quarter of a second
	looksVain  = 5
)

// look reads or lists key i: once more after each unreadable answer, and up to tries
// times after any other that is not ok.
func (o *observer) look(ctx context.Context, step history.Step, i, tries int) {
	for again := 0; ; {
		o.do(ctx, step, i, nil)
		switch o.answer.Class {
		case history.OK:
			delete(o.vain, step)
			return
		case history.Unreadable:
			if again++; again > looksAgain || o.vain[step] >= looksVain {
				if o.vain == nil {
					o.vain = map[history.Step]int{}
				}
				o.vain[step]++
				return
			}
			o.sleep(ctx, lookPause<<min(again, 6))
		default:
			if tries--; tries <= 0 {
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// tearDown removes the keys where the scenario says how.
func (b *block) tearDown(ctx context.Context) {
	if !b.sp.speak.Has(history.StepTeardown) {
		return
	}
	_ = b.each(ctx, func(o *observer, i int) error {
		o.do(ctx, history.StepTeardown, i, nil)
		o.flush()
		return nil
	})
}

// list reads the list of key i, page by page.
func (o *observer) list(ctx context.Context, i int) {
	o.pages = pages{}
	for range maxPages {
		o.look(ctx, history.StepList, i, 1)
		if o.answer.Class != history.OK || o.pages.next == "" {
			return
		}
		o.pages.from = o.pages.next
	}
}
