// Package talk is what is said before the load, one request after the other (a
// login, the joining of a client), and what is added to every request last:
// cookies, and a signature over all of it.
package talk

import (
	"context"
	"fmt"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/sign"
	"tussle/runner/transport"
)

// patience is how long one request may take.
const patience = 10 * time.Second

// Speaker is whoever speaks: it adds its headers, to what is sent and to what is shown.
type Speaker interface {
	Named() []string // variables of its headers that are not tussle's own
	Present(v *dialect.Vars, req *transport.Request)
	Show(v *dialect.Vars, r wire.Request) wire.Request
}

// Talk is one conversation. What a step captured is there for the later ones.
type Talk struct {
	Speak *dialect.Dialect
	Conn  *transport.Conn
	End   *transport.Endpoint
	As    Speaker
	Jar   *Jar
	Sign  sign.Signer
	Vars  dialect.Vars

	Resp   transport.Response // of the latest step
	Answer dialect.Answer
	Curl   string // the latest step as a command; not masked

	req transport.Request
}

// NoAnswer is the error of a request that was sent and not answered.
type NoAnswer struct{ Err error }

func (e *NoAnswer) Error() string { return "no answer: " + e.Err.Error() }

// Unwrap returns why.
func (e *NoAnswer) Unwrap() error { return e.Err }

// Ask performs one step, and goes where redirects lead if the step says so. The
// error tells that there is no answer; what an answer says is in t.Answer.
func (t *Talk) Ask(ctx context.Context, step history.Step) error {
	t.Jar.Fill(&t.Vars, t.Speak.Own(step))
	t.Jar.Fill(&t.Vars, t.As.Named())
	if err := t.Speak.Render(step, &t.Vars, &t.req); err != nil {
		return err
	}
	t.Curl = ""
	if shown, err := t.Speak.Shown(step, &t.Vars); err == nil {
		t.Curl = t.As.Show(&t.Vars, shown).Curl()
	}
	for hops := 0; ; hops++ {
		t.As.Present(&t.Vars, &t.req)
		if err := Finish(&t.req, t.Conn, t.Jar, t.Sign); err != nil {
			return err
		}
		res := t.Conn.Do(ctx, &t.req, &t.Resp, time.Now().Add(patience))
		if res.Err != nil {
			return &NoAnswer{res.Err}
		}
		t.Jar.Take(t.req.Target(), &t.Resp)
		target, same, ok := Leads(&t.Resp, t.End.URL, t.req.Target())
		if !ok || hops == MaxHops || !t.Speak.Follows(step) {
			break
		}
		GoTo(&t.req, target, same)
	}
	t.Speak.Read(step, &t.Resp, &t.Answer)
	for name, text := range t.Answer.Named {
		t.Vars.Keep(name, dialect.Text{S: string([]byte(text.S)), Raw: text.Raw})
	}
	return nil
}

// Finish adds to a request what comes last: cookies, the identity's headers, a
// signature over all of it.
func Finish(req *transport.Request, conn *transport.Conn, j *Jar, s sign.Signer) error {
	j.Present(req)
	if s == nil {
		return nil
	}
	for _, h := range conn.Fixed {
		if len(req.Header(h.Name)) == 0 {
			req.SetHeader(h.Name, []byte(h.Value))
		}
	}
	if err := s.Sign(req, time.Now()); err != nil {
		return fmt.Errorf("the request cannot be signed: %w", err)
	}
	return nil
}
