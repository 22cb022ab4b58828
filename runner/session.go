package runner

import (
	"context"
	"errors"
	"io"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/draw"
	"tussle/runner/fault"
	"tussle/runner/secrets"
	"tussle/runner/talk"
	"tussle/runner/transport"
	"tussle/runner/workload"
	"tussle/scenarios"
)

// Session is a target that is up and is spoken to one request at a time,
// outside of a run. What is asked goes into a record of its own; nothing is
// judged.
type Session struct{ r *shared }

// Open starts the scenario's target, if it has to be started, and gets ready
// to speak every strategy. The error is a *CannotRun when that cannot be.
func Open(ctx context.Context, s *scenarios.Scenario, o Options) (_ *Session, err error) {
	r := &shared{s: s, o: o, clock: clock{time.Now()}, secrets: o.Secrets, faults: &fault.Set{}}
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
	if err = session.record(); err == nil {
		r.prepared = true
		err = session.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	return session, nil
}

// record begins the record.
func (s *Session) record() (err error) {
	w := s.r.o.History
	if w == nil {
		w = io.Discard
	}
	if s.r.hist, err = history.NewWriter(w, 0); err != nil {
		return err
	}
	s.r.hist.Hide(s.r.secrets)
	s.r.out = s.r.hist.Buffer()
	h := s.r.header()
	h.Mode = history.ModeProbe
	return s.r.out.Header(h)
}

// Close ends what Open started, and the record.
func (s *Session) Close() error {
	unsign(s.r.speak)
	s.r.target.stop()
	if s.r.hist == nil {
		return nil
	}
	err := s.r.out.Event(&history.Event{At: s.r.clock.now(), Name: history.EventEnd})
	s.r.out.Flush()
	return errors.Join(err, s.r.hist.Close())
}

// Out is where the record goes; for one goroutine.
func (s *Session) Out() *history.Buffer { return s.r.out }

// Now is the time on the record's clock, in ns.
func (s *Session) Now() int64 { return s.r.clock.now() }

// Mask hides secrets in a text for the record.
func (s *Session) Mask(text string) string { return s.r.secrets.Mask(text) }

// Preflight lets one client do one operation of a strategy, as before a run.
func (s *Session) Preflight(ctx context.Context, strategy int) error {
	defer s.r.out.Flush()
	return hideIn(s.r.preflight(ctx, strategy), s.r.secrets)
}

// Workload says what clients want, as in a run.
func (s *Session) Workload() (workload.Workload, error) {
	return workload.New(s.r.s.Workload, draw.Seed(s.r.s.Seed))
}

// Lease is how long a strategy's locks last, as its scenario asks for them; 0
// when they do not lapse.
func (s *Session) Lease(strategy int) time.Duration { return s.r.speak[strategy].ttl }

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
	as   *member

	req    transport.Request
	resp   transport.Response
	answer dialect.Answer
	result transport.Result
}

// Line connects client who for a strategy, by its index in the scenario.
func (s *Session) Line(ctx context.Context, strategy, who int) (*Line, error) {
	sp := s.r.speak[strategy]
	id := sp.who[who%len(sp.who)]
	as, err := sp.enter(ctx, who, id)
	if err != nil {
		return nil, err
	}
	fixed, _, err := id.headersNow(ctx)
	if err != nil {
		return nil, err
	}
	l := &Line{sp: sp, who: id, as: as, conn: transport.NewConn(sp.end, fixed, s.r.clock.now), wait: time.Duration(s.r.s.Target.Timeout)}
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
	l.sp.leave(l.as)
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
	l.as.know(v)
	l.as.jar.Fill(v, l.sp.speak.Own(step))
	l.as.jar.Fill(v, l.who.named)
	if err := l.sp.speak.Render(step, v, &l.req); err != nil {
		return nil, err
	}
	l.who.Present(v, &l.req)
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
	deadline, applied := time.Now().Add(within), false
	var res transport.Result
	for hops := 0; ; hops++ {
		if err := talk.Finish(&l.req, conn, l.as.jar, l.sp.sign); err != nil {
			return nil, err
		}
		res = conn.Do(ctx, &l.req, &l.resp, deadline)
		if res.Err != nil {
			break
		}
		l.as.jar.Take(l.req.Target(), &l.resp)
		target, same, ok := talk.Leads(&l.resp, l.sp.end.URL, l.req.Target())
		if !ok || hops == talk.MaxHops || !l.sp.speak.Follows(step) {
			break
		}
		applied = applied || !same && !talk.Safe(l.req.Method())
		talk.GoTo(&l.req, target, same)
		l.who.Present(v, &l.req)
	}
	l.result = res
	if res.Err != nil {
		l.answer = dialect.Answer{}
		l.answer.Class, l.answer.Effect = wire.NoAnswer(step, res.Timeout, res.Started)
		conn.Close()
		return &l.answer, nil
	}
	l.answer.Sent = v.Sent()
	l.sp.speak.Read(step, &l.resp, &l.answer)
	if applied && l.answer.Class != history.OK && l.answer.Effect != "" {
		l.answer.Effect = history.Unknown
	}
	return &l.answer, nil
}

// Allow asks with OPTIONS which methods the resource of a read takes; "" when
// the target does not tell.
func (l *Line) Allow(ctx context.Context) (string, error) {
	var v dialect.Vars
	if err := l.sp.speak.Render(history.StepRead, &v, &l.req); err != nil {
		return "", err
	}
	l.req.SetMethod("OPTIONS")
	res := l.conn.Do(ctx, &l.req, &l.resp, time.Now().Add(l.wait))
	if res.Err != nil {
		l.conn.Close()
		return "", nil // it need not understand OPTIONS
	}
	if l.resp.Status()/100 != 2 {
		return "", nil
	}
	return l.Header("Allow"), nil
}

// Result is how the last exchange went.
func (l *Line) Result() transport.Result { return l.result }

// Body is the body of the last answer, as it came.
func (l *Line) Body() []byte { return l.resp.Body() }

// Header returns a header of the last answer, "" when it was not there.
func (l *Line) Header(name string) string { return string(l.resp.Header(name)) }

// Header is the first record of a history of this session.
func (s *Session) Header() *history.Header { return s.r.header() }

// Curl is the step as a command.
func (l *Line) Curl(step history.Step, v *dialect.Vars) string { return l.sp.curl(step, v, l.who) }
