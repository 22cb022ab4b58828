package runner

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/talk"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// member is a client as the target knows it: its cookies, and what it captured
// when it joined. A client has one for all blocks of a strategy.
type member struct {
	jar   *talk.Jar
	id    int
	named map[string]dialect.Text
	gen   int // login whose cookies it has
}

// members are those of one strategy that are not in use.
type members struct {
	mu   sync.Mutex
	free map[int][]*member
	made int
}

// enter returns a member for a client, which joins if it is a new one.
func (sp *spoken) enter(ctx context.Context, id int, who *identity) (*member, error) {
	p := &sp.members
	p.mu.Lock()
	if list := p.free[id]; len(list) > 0 {
		m := list[len(list)-1]
		p.free[id] = list[:len(list)-1]
		p.mu.Unlock()
		return m, nil
	}
	p.mu.Unlock()
	m := &member{id: id}
	if sp.cookies {
		m.jar = talk.NewJar(sp.end)
	}
	return m, sp.join(ctx, m, who, sp.number())
}

// number is the next number of a member.
func (sp *spoken) number() int {
	sp.members.mu.Lock()
	defer sp.members.mu.Unlock()
	sp.members.made++
	return sp.members.made
}

// leave gives a member back.
func (sp *spoken) leave(m *member) {
	if m == nil {
		return
	}
	sp.members.mu.Lock()
	defer sp.members.mu.Unlock()
	if sp.members.free == nil {
		sp.members.free = map[int][]*member{}
	}
	sp.members.free[m.id] = append(sp.members.free[m.id], m)
}

// join lets a member join, after a login whose cookies it is given. number is
// unique among the members of the strategy.
func (sp *spoken) join(ctx context.Context, m *member, who *identity, number int) error {
	fixed, gen, err := who.headersNow(ctx)
	if err != nil {
		return err
	}
	m.gen = gen
	m.jar.Give(who.given())
	if sp.joins == nil {
		return nil
	}
	t := &talk.Talk{Speak: sp.joins, Conn: transport.NewConn(sp.end, fixed, func() int64 { return 0 }), End: sp.end, As: who, Jar: m.jar, Sign: sp.sign}
	defer t.Conn.Close()
	who.keep(&t.Vars)
	for name, text := range sp.prepared {
		t.Vars.Keep(name, text)
	}
	t.Vars.Set(dialect.Run, dialect.Text{S: who.run})
	t.Vars.Set(dialect.Client, dialect.Text{S: strconv.Itoa(m.id), Raw: true})
	t.Vars.Set(dialect.UUID, dialect.Text{S: wire.UUIDOf(who.run, -2, m.id, number)})
	m.named = map[string]dialect.Text{}
	for i := range sp.joined {
		step := joinStep(i)
		if err := t.Ask(ctx, step); err != nil {
			return silent("join", t, err, sp.mask)
		}
		if t.Answer.Class != history.OK || t.Answer.Missing != "" {
			why := fmt.Sprintf("join was answered with %d (%s)", t.Answer.Status, t.Answer.Class)
			if t.Answer.Missing != "" {
				why = fmt.Sprintf("join was answered with %d, but its %s is not in the answer%s", t.Answer.Status, t.Answer.Missing, lacks(sp.joins, step, &t.Answer))
			}
			why, hint := tells(&t.Resp, why, who.hint(t.Answer.Status, "run the request by hand, then see target.join in the scenario"))
			return &CannotRun{What: why, Answer: excerpt(sp.mask(t.Answer.Detail)), Curl: sp.mask(t.Curl), Hint: hint}
		}
		for name, text := range t.Answer.Named {
			m.named[name] = dialect.Text{S: string([]byte(text.S)), Raw: text.Raw}
		}
	}
	return nil
}

func joinStep(i int) history.Step { return history.Step("join/" + strconv.Itoa(i+1)) }

// joining are the steps of target.join as a dialect speaks them; nil without.
func joining(t scenarios.Target, outcomes []scenarios.Outcome, o dialect.Options) (*dialect.Dialect, error) {
	list := t.Join.List()
	if len(list) == 0 {
		return nil, nil
	}
	steps := map[string]scenarios.Step{}
	for i := range list {
		steps[string(joinStep(i))] = list[i]
	}
	return dialect.Compile(steps, outcomes, scenarios.Identify{}, o)
}

// know sets for good what the member captured when it joined.
func (m *member) know(v *dialect.Vars) {
	for name, text := range m.named {
		v.Keep(name, text)
	}
}
