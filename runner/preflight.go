package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/locking"
	"tussle/runner/workload"
)

// preflight lets one client do one operation of a strategy, alone, before the
// load: what does not work now will not work under load. It is recorded as
// block -1 and neither judged nor measured.
func (r *shared) preflight(ctx context.Context, strategy int) error {
	st := sweepPoints(r.s)[0]
	st.strategy = strategy
	st.workload.Keys = min(st.workload.Keys, max(2, len(r.s.Operations)))
	st.workload.ReadShare = 0
	b, err := newBlock(r, -1, st)
	if err != nil {
		return err
	}
	b.start = r.clock.now()
	b.stop = b.start + int64(time.Minute)
	if strategy == 0 && !r.prepared {
		if err := r.prepare(ctx, b); err != nil {
			return err
		}
	}
	if err := b.setUp(ctx); err != nil {
		return in(r.speak[strategy].Name, err)
	}
	c := newClient(b, 0)
	defer c.close()
	if err := c.open(ctx); err != nil {
		return in(r.speak[strategy].Name, cannotConnect("cannot connect to the target: ", err, "is it up?"))
	}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for n, op := range b.rehearsed() {
		if why := c.rehearse(limited, op, n); why != nil {
			return in(r.speak[strategy].Name, why)
		}
	}
	if len(r.s.Operations) > 0 {
		if why := b.observeAll(ctx); why != nil {
			return in(r.speak[strategy].Name, why)
		}
	} else {
		b.finalReads(ctx)
	}
	b.tearDown(ctx)
	return nil
}

// rehearsed are the operations that a preflight performs: one of the workload,
// or each of the user's own.
func (b *block) rehearsed() []workload.Op {
	if own, ok := b.work.(interface{ Each() []workload.Op }); ok {
		return own.Each()
	}
	return []workload.Op{b.work.Next(0, 0, 0)}
}

// rehearse performs one operation step by step, so that the first request
// that fails can be named.
func (c *client) rehearse(ctx context.Context, op workload.Op, n int) error {
	m := c.machine
	_, _, made := c.work.Initial(op.Key)
	act := m.Start(op, n)
	var wrote locking.Ask
	before := ""         // what was read first
	var unreadable error // the latest answer that could not be read
	for act.Do != locking.Done {
		if ctx.Err() != nil {
			return &CannotRun{What: "one operation alone did not end within 30 s", Hint: "is a lock of another run still held?"}
		}
		if act.Do == locking.Wait {
			c.sleep(ctx, act.For)
			act = m.Woke()
			continue
		}
		curl := c.curl(m.Ask.Step)
		ask := m.Ask
		step := ask.Step
		act = c.send(ctx)
		a := &c.answer
		if step == history.StepRead && a.HasValue && before == "" {
			before = string([]byte(a.Value.S))
			if why := c.noNumber(before); why != "" {
				return &CannotRun{What: why, Curl: curl,
					Hint: `does target.read.value name the field that holds the number? if the target writes it in a form of its own, take the digits: value = 'regex:"stock": *"?(-?[0-9]+)'`}
			}
		}
		if (step == history.StepWrite || step == history.StepCreate) && a.Class == history.OK {
			wrote = ask
		}
		switch {
		case a.Status == 0:
			return &CannotRun{What: fmt.Sprintf("%s got no answer (%s)%s", step, a.Class, because(c.failed)), Curl: curl,
				Hint: adviceOn(c.failed, "")}
		case op.Own != nil && a.Action == dialect.Never: // a refusal that the scenario knows
		case a.Class == history.Rejected, a.Class == history.Redirect, a.Class == history.PreconditionRequired,
			a.Class == history.ServerError, a.Class == history.Dependency:
			why, hint := tells(&c.resp, fmt.Sprintf("%s was answered with %d (%s)", step, a.Status, a.Class),
				c.who.hint(a.Status, "run the request by hand, then see target."+string(step)+" in the scenario"))
			return &CannotRun{What: why, Answer: excerpt(a.Detail), Curl: curl, Hint: hint}
		case step == history.StepWrite && ask.Expect == "" && a.Status == http.StatusPreconditionFailed && c.sp.Locking == "none":
			return &CannotRun{What: "a write without a condition was refused with 412 while nobody else wrote: the target demands a condition", Curl: curl,
				Hint: "leave this strategy out: what it would show cannot happen here"}
		case a.Absent && made:
			return &CannotRun{What: fmt.Sprintf("%s was answered with %d, so what was set up is not there", step, a.Status), Curl: curl,
				Hint: "does target.read ask where target.setup put it? if the server assigns ids, target.setup needs key"}
		case a.Class == history.Unreadable && !c.sp.speak.Writes(step):
			unreadable = c.notInAnswer(step, curl) // it is asked again: one torn read is no reason not to run
		case a.Class == history.OK && a.Missing != "", a.Class == history.Unreadable:
			return c.notInAnswer(step, curl)
		}
	}
	c.flush()
	if act.Outcome != history.Committed && unreadable != nil {
		return unreadable
	}
	if act.Outcome == history.Failed && c.answer.Action != dialect.Never {
		return &CannotRun{What: "one operation alone failed: " + act.Reason}
	}
	if err := c.listAccounts(ctx); err != nil {
		return err
	}
	key := op.Key
	if wrote.Which == 1 {
		key = op.Key2
	}
	return c.readBack(ctx, wrote, key, before)
}

// noNumber says that a workload that counts cannot count with what was read.
func (c *client) noNumber(value string) string {
	switch c.block.stretch.workload.Kind {
	case "counter", "lease", "transfer":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return fmt.Sprintf("read shows the value %q, which is no whole number: %d was set up, and it comes back in another form", excerpt(value), c.block.stretch.workload.Initial)
		}
	}
	return ""
}

// notInAnswer says what the step's answer does not tell.
func (c *client) notInAnswer(step history.Step, curl string) error {
	a := &c.answer
	if a.Missing == "" {
		return &CannotRun{What: fmt.Sprintf("%s was answered with %d, but nothing in the answer says what became of it", step, a.Status), Curl: curl, Answer: excerpt(a.Detail),
			Hint: "run the request by hand, then see target.outcome in the scenario"}
	}
	hint := "see " + a.Missing + " of target." + string(step) + " in the scenario"
	if step == history.StepRead && a.Missing == "value" {
		hint += "; if that is how the target says that there is none, see absent"
	}
	why, hint := tells(&c.resp, fmt.Sprintf("%s was answered with %d, but its %s is not in the answer%s", step, a.Status, a.Missing, lacks(c.sp.speak, step, a)), hint)
	return &CannotRun{What: why, Curl: curl, Hint: hint}
}

// readBack reads the key that the operation wrote: a read that does not show
// the write's tag, or shows a text that nobody wrote, would make every write
// look lost, on a sound target too. A read that shows what was there before is
// the target's doing: that is what runs are for.
func (c *client) readBack(ctx context.Context, wrote locking.Ask, key int, before string) error {
	tagged := c.sp.identify == "tag" && wrote.Tag != ""
	kind := c.block.stretch.workload.Kind
	if kind == "parent-child" {
		return c.readParents(ctx, key, wrote.Step == history.StepCreate)
	}
	texts := (kind == "register" || kind == "counter" || kind == "lease") && wrote.Step == history.StepWrite && wrote.Value != ""
	if !tagged && !texts || wrote.Key.Record != c.block.names[key].Record {
		return nil
	}
	o := &observer{client: c}
	o.look(ctx, history.StepRead, key, 1)
	c.flush()
	a := &c.answer
	if tagged && a.Class == history.Unreadable && a.Missing == "tag" {
		return noTag(wrote.Tag, c.curl(history.StepRead))
	}
	if a.Class != history.OK || a.Absent {
		return nil
	}
	if tagged && !a.HasTag {
		return noTag(wrote.Tag, c.curl(history.StepRead))
	}
	older := a.Tag.S == wrote.Base && (wrote.Base == locking.Initial || !c.sp.speak.Uses(history.StepSetup, dialect.Tag))
	if tagged && a.Tag.S != wrote.Tag && !older {
		return &CannotRun{What: fmt.Sprintf("the tag %q was just written, and read shows %q", wrote.Tag, excerpt(a.Tag.S)),
			Hint: "does target.identify.tag name the field that carries {tag}, and does the target keep what is sent in it as it is? if it cannot, see target.identify.by in docs/scenario.md",
			Curl: c.curl(history.StepRead)}
	}
	if texts && a.HasValue && a.Value.S != wrote.Value && a.Value.S != before {
		return &CannotRun{What: fmt.Sprintf("the value %q was just written, and read shows %q", wrote.Value, excerpt(a.Value.S)),
			Hint: "does target.read.value name the field that target.write sends {value} in, and does the target keep texts as they are written (letters, length, blanks)?",
			Curl: c.curl(history.StepRead)}
	}
	return nil
}

// readParents reads a parent that is as it was set up, and lists the children of
// one that has any, as the end of the run does: the load itself need not do either.
func (c *client) readParents(ctx context.Context, key int, child bool) error {
	o := &observer{client: c}
	if others := len(c.block.names); others > 1 {
		o.look(ctx, history.StepRead, (key+1)%others, 1)
		c.flush()
		if c.answer.Class == history.Unreadable {
			return c.notInAnswer(history.StepRead, c.curl(history.StepRead))
		}
	}
	if child && c.sp.speak.Has(history.StepList) {
		o.list(ctx, key)
		c.flush()
		if c.answer.Class == history.Unreadable {
			return c.notInAnswer(history.StepList, c.curl(history.StepList))
		}
	}
	return nil
}

func noTag(tag, curl string) error {
	return &CannotRun{What: fmt.Sprintf("the tag %q was just written, and no tag is in the answer to read", tag),
		Hint: "does the target store the field that carries {tag}, and does target.identify.tag name it? if it cannot, see target.identify.by in docs/scenario.md",
		Curl: curl}
}

// without tells how to run the others when one strategy fails in the preflight.
func (r *shared) without(strategy int, err error) error {
	var c *CannotRun
	if len(r.speak) < 2 || !errors.As(err, &c) {
		return err
	}
	hint := ""
	for i, sp := range r.speak {
		if i != strategy {
			hint += " --strategy " + sp.Name
		}
	}
	with := *c
	with.Hint = strings.TrimPrefix(c.Hint+"; ", "; ") + "if the target lacks this one, run the others:" + hint
	return &with
}

// in names the strategy in an error.
func in(strategy string, err error) error {
	if c, ok := err.(*CannotRun); ok {
		return &CannotRun{What: "preflight of strategy " + strategy + ": " + c.What, Hint: c.Hint, Curl: c.Curl, Answer: c.Answer}
	}
	return fmt.Errorf("preflight of strategy %s: %w", strategy, err)
}

// listAccounts lists all accounts once, before the load: where the list does
// not show them, it would say nothing for the whole run.
func (c *client) listAccounts(ctx context.Context) error {
	if !listsAll(c.block.stretch.workload.Kind, c.sp.speak) {
		return nil
	}
	o := &observer{client: c}
	o.look(ctx, history.StepList, 0, 1)
	c.flush()
	a := &c.answer
	switch {
	case a.Class == history.Unreadable:
		return c.notInAnswer(history.StepList, c.curl(history.StepList))
	case a.Class != history.OK:
		return nil // the record has it
	}
	var by map[string]json.Number
	err := json.Unmarshal([]byte(a.Value.S), &by)
	if missing := len(c.block.names) - len(by); err != nil || missing > 0 {
		what := fmt.Sprintf("list shows %s of the %d accounts that were set up", strconv.Itoa(len(by)), len(c.block.names))
		if err != nil {
			what = "list shows balances that are no numbers"
		}
		return &CannotRun{What: what, Curl: c.curl(history.StepList),
			Hint: "target.list shows all accounts in one answer: value = \"json:PATH\" of an object of balances by id, or of a list of balances with key = \"json:PATH\" of their ids"}
	}
	return nil
}
