package runner

import (
	"context"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/secrets"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// Session is a target that is up and is spoken to one request at a time,
// outside of a run: nothing is recorded and nothing is judged.
type Session struct{ r *run }

// Open starts the scenario's target, if it has to be started, and gets ready
// to speak every strategy. The error is a *CannotRun when that cannot be.
func Open(ctx context.Context, s *scenarios.Scenario, o Options) (_ *Session, err error) {
	r := &run{s: s, o: o, clock: clock{time.Now()}, secrets: o.Secrets}
	r.id = runID(r.clock.base, s.Seed)
	if r.secrets == nil {
		r.secrets = &secrets.Registry{}
	}
	r.o.Secrets = r.secrets
	declare(s, r.secrets)
	defer func() { err = hideIn(err, r.secrets) }()
	if err := allowed(s.Target, o.AllowHosts); err != nil {
		return nil, err
	}
	if r.target, err = startTarget(ctx, s, r.id, r.o); err != nil {
		return nil, err
	}
	if r.speak, err = speakAll(s, r.target, r.id, s.Target.ReadURL, r.secrets); err != nil {
		r.target.stop()
		return nil, err
	}
	session := &Session{r}
	if err := session.prepare(ctx); err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

// Close ends what Open started.
func (s *Session) Close() { s.r.target.stop() }

// ID is unique to the session; keys begin with it.
func (s *Session) ID() string { return s.r.id }

// URL is where the target is.
func (s *Session) URL() string { return s.r.target.url }

// Scenario is what was opened.
func (s *Session) Scenario() *scenarios.Scenario { return s.r.s }

// Line is one client's connection to the target, spoken in one strategy's
// dialect.
type Line struct {
	sp   *spoken
	who  *identity
	conn *transport.Conn
	read *transport.Conn // of reads, when they go elsewhere
	wait time.Duration

	req    transport.Request
	resp   transport.Response
	answer dialect.Answer
}

// Line connects client who for a strategy, by its index in the scenario.
func (s *Session) Line(ctx context.Context, strategy, who int) (*Line, error) {
	sp := s.r.speak[strategy]
	id := sp.who[who%len(sp.who)]
	fixed, _, err := id.headersNow(ctx)
	if err != nil {
		return nil, err
	}
	l := &Line{sp: sp, who: id, conn: transport.NewConn(sp.end, fixed, s.r.clock.now), wait: time.Duration(s.r.s.Target.Timeout)}
	if l.read = l.conn; sp.readEnd != nil {
		l.read = transport.NewConn(sp.readEnd, fixed, s.r.clock.now)
	}
	if err := l.conn.Open(ctx, time.Now().Add(10*time.Second)); err != nil {
		return nil, &CannotRun{What: "cannot connect to the target: " + err.Error(), Hint: "is it up?"}
	}
	return l, nil
}

// Close closes the connections.
func (l *Line) Close() {
	l.conn.Close()
	l.read.Close()
}

// Dialect is what the line speaks.
func (l *Line) Dialect() *dialect.Dialect { return l.sp.speak }

// Ask sends one step and reads its answer, which is valid until the next Ask.
// within shortens the step's own deadline unless it is 0. The headers are
// sent besides the step's own. The error says why the request cannot be made;
// that no answer came is in the answer's class.
func (l *Line) Ask(ctx context.Context, step history.Step, v *dialect.Vars, within time.Duration, headers ...transport.Header) (*dialect.Answer, error) {
	for name, text := range l.sp.prepared {
		v.Keep(name, text)
	}
	l.who.keep(v)
	if err := l.sp.speak.Render(step, v, &l.req); err != nil {
		return nil, err
	}
	l.who.present(v, &l.req)
	for _, h := range headers {
		l.req.SetHeader(h.Name, []byte(h.Value))
	}
	if within <= 0 {
		if within = l.sp.speak.Timeout(step); within <= 0 {
			within = l.wait
		}
		within += l.sp.speak.Wait(step)
	}
	conn := l.conn
	if step == history.StepRead {
		conn = l.read
	}
	res := conn.Do(ctx, &l.req, &l.resp, time.Now().Add(within))
	if res.Err != nil {
		l.answer = dialect.Answer{}
		l.answer.Class, l.answer.Effect = wire.NoAnswer(step, res.Timeout, res.Started)
		conn.Close()
		return &l.answer, nil
	}
	l.answer.Sent = v.Sent()
	l.sp.speak.Read(step, &l.resp, &l.answer)
	return &l.answer, nil
}

// Header returns a header of the last answer, "" when it was not there.
func (l *Line) Header(name string) string { return string(l.resp.Header(name)) }

// Header is the first record of a history of this session.
func (s *Session) Header() *history.Header { return s.r.header() }
