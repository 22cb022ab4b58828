package runner

import (
	"context"
	"strconv"
	"sync"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/scenarios"
)

// passes is how often an observation is made at most until two agree.
const passes = 5

// observeAll makes every observation of every key, after the load.
func (b *block) observeAll(ctx context.Context) error {
	settle := time.Duration(0)
	for i := range b.run.s.Observes {
		settle = max(settle, time.Duration(b.run.s.Observes[i].Settle))
	}
	if settle > 0 {
		select {
		case <-time.After(settle):
		case <-ctx.Done():
		}
	}
	return b.each(ctx, func(o *observer, i int) error {
		for n := range b.run.s.Observes {
			if err := o.agree(ctx, &b.run.s.Observes[n], i, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// agree observes until two passes in a row say the same, as an answer may be
// made up of reads of different instants. The error says what was answered
// when there was no observation to be had; the record has it too.
func (o *observer) agree(ctx context.Context, what *scenarios.Observe, i, n int) error {
	op := o.began(what, i, n)
	last := ""
	for op.Attempts = 1; op.Attempts <= passes && ctx.Err() == nil; op.Attempts++ {
		text, ok := o.observed(ctx, what, i)
		if !ok {
			last = ""
			break
		}
		if text == last {
			break
		}
		last = text
	}
	op.Captured = last
	o.seen(&op)
	if last == "" && o.part != "" {
		return &CannotRun{What: "observation " + what.Name + " of key " + o.block.names[i].ID + " is a part of the list: " + o.part, Curl: o.curl(history.ObserveStep(what.Name)),
			Hint: `ask for more in one page, or say how to go on: next = "json:next_cursor" and query = { after = "{next}" }`}
	}
	if last == "" {
		return o.cannot(history.ObserveStep(what.Name), "observation "+what.Name+" of key "+o.block.names[i].ID)
	}
	return nil
}

// observed makes one observation.
func (o *observer) observed(ctx context.Context, what *scenarios.Observe, i int) (text string, ok bool) {
	step := history.ObserveStep(what.Name)
	o.part = ""
	if o.sp.speak.Listed(step) {
		return o.listed(ctx, step, i)
	}
	o.look(ctx, step, i, 3)
	if o.answer.Class != history.OK {
		return "", false
	}
	return dialect.Observed(&o.answer), true
}

// listed reads a list to its end, page by page. A list that is a part, and does
// not say how it goes on, is no observation.
func (o *observer) listed(ctx context.Context, step history.Step, i int) (text string, ok bool) {
	var rows []string
	o.pages, o.paging, o.cursor = pages{}, true, ""
	defer func() { o.paging, o.cursor = false, "" }()
	for range maxPages {
		o.look(ctx, step, i, 3)
		if o.answer.Class != history.OK {
			return "", false
		}
		page, ok := o.sp.speak.Rows(step, &o.answer)
		if !ok {
			return "", false
		}
		rows = append(rows, page...)
		part := o.answer.Part
		next, why := o.pages.onward(o.sp.end.URL, part.Next)
		switch {
		case why != "":
			o.part = why
			return "", false
		case part.Cursor != "" && part.Cursor != o.cursor:
			o.cursor, o.pages = part.Cursor, pages{}
		case next != "" && len(page) > 0:
			o.pages.from = next
		default:
			if part.Next == "" {
				o.part = part.Lacks(len(rows))
			}
			return dialect.Items(rows), o.part == ""
		}
	}
	o.part = "it has more than " + strconv.Itoa(maxPages) + " pages"
	return "", false
}

func (o *observer) began(what *scenarios.Observe, i, n int) history.Operation {
	op := history.Operation{Block: o.block.number, Client: history.Observer, Op: i*len(o.block.run.s.Observes) + n,
		Intent: history.IntentObserve, Name: what.Name, Key: o.block.names[i].Record, Call: o.block.run.clock.now()}
	op.Planned = op.Call
	o.machine.Observe(op.Op)
	return op
}

// seen records the end of an observation.
func (o *observer) seen(op *history.Operation) {
	op.Outcome = history.Failed
	if op.Captured != "" {
		op.Outcome = history.Committed
	}
	op.Return = o.block.run.clock.now()
	o.ended(op)
}

// observeBeside makes the observations that are asked for beside the load,
// until stop. The function that it returns waits for the last of them.
func (b *block) observeBeside(ctx context.Context, stop <-chan struct{}) (wait func()) {
	var wg sync.WaitGroup
	for n := range b.run.s.Observes {
		what := &b.run.s.Observes[n]
		if what.Every <= 0 {
			continue
		}
		wg.Go(func() {
			defer b.run.broken.guard()
			o := &observer{client: newClient(b, history.Observer)}
			defer func() { b.observed.Add(o.conn.Wire); o.close() }()
			if o.open(ctx) != nil {
				return // the clients say what is wrong with connections
			}
			for i := 0; o.pause(stop, time.Duration(what.Every)); i++ {
				op := o.began(what, i%len(b.names), n)
				if text, ok := o.observed(ctx, what, i%len(b.names)); ok {
					op.Captured = text
				}
				o.seen(&op)
			}
		})
	}
	return wg.Wait
}
