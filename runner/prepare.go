package runner

import (
	"context"
	"fmt"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/locking"
)

// prepare makes what all keys need, once per run: a folder, a project. What it
// captures is there for every later step. That there is one already is fine.
func (r *shared) prepare(ctx context.Context, b *block) error {
	if !b.sp.speak.Has(history.StepPrepare) {
		return nil
	}
	o := &observer{client: newClient(b, history.Observer)}
	defer o.close()
	if err := o.open(ctx); err != nil {
		return cannotConnect("cannot connect to the target: ", err, "is it up?")
	}
	o.do(ctx, history.StepPrepare, 0, func(*dialect.Vars) { o.machine.Ask.Key = locking.Name{} })
	o.flush()
	if o.answer.Class != history.OK && o.answer.Class != history.Exists {
		return o.cannot(history.StepPrepare, "prepare")
	}
	return r.keepPrepared(&o.answer, o.curl(history.StepPrepare))
}

// prepare does the same for a session, which keeps no record.
func (s *Session) prepare(ctx context.Context) error {
	if !s.r.speak[0].speak.Has(history.StepPrepare) {
		return nil
	}
	l, err := s.Line(ctx, 0, 0)
	if err != nil {
		return err
	}
	defer l.Close()
	var v dialect.Vars
	v.Set(dialect.Run, dialect.Text{S: s.ID()})
	a, err := l.Ask(ctx, history.StepPrepare, &v, 0)
	if err != nil {
		return err
	}
	curl := l.Curl(history.StepPrepare, &v)
	if a.Status == 0 {
		return &CannotRun{What: fmt.Sprintf("prepare got no answer (%s)", a.Class), Curl: curl, Hint: "run the request by hand, then see target.prepare in the scenario"}
	}
	if a.Class != history.OK && a.Class != history.Exists {
		why, hint := tells(&l.resp, fmt.Sprintf("prepare was answered with %d (%s)", a.Status, a.Class),
			l.who.hint(a.Status, "run the request by hand, then see target.prepare in the scenario"))
		return &CannotRun{What: why, Answer: excerpt(a.Detail), Curl: curl, Hint: hint}
	}
	return s.r.keepPrepared(a, curl)
}

// keepPrepared hands copies of what was captured to every strategy.
func (r *shared) keepPrepared(a *dialect.Answer, curl string) error {
	if a.Missing != "" {
		why := lacks(r.speak[0].speak, history.StepPrepare, a)
		return &CannotRun{What: fmt.Sprintf("prepare was answered with %d, but its %s is not in the answer%s", a.Status, a.Missing, why), Curl: curl,
			Hint: "see capture of target.prepare in the scenario"}
	}
	if a.Class == history.Exists && len(r.s.Target.Prepare.Capture) > 0 {
		return &CannotRun{What: fmt.Sprintf("prepare was answered with %d: what it makes is there already, and nothing is captured from a refusal", a.Status), Curl: curl,
			Hint: `put {run} into the name, which makes it a new one, or let a [[target.outcome]] with step = "prepare" and class = "ok" take the answer`}
	}
	kept := map[string]dialect.Text{}
	for name, text := range a.Named {
		kept[name] = dialect.Text{S: string([]byte(text.S)), Raw: text.Raw}
	}
	for _, sp := range r.speak {
		sp.prepared = kept
	}
	return nil
}
