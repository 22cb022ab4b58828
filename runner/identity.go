package runner

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/secrets"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// identity is one set of headers that clients present, with a login that may
// have to be repeated.
type identity struct {
	fixed   []transport.Header // never changes
	headers []*wire.Headers    // the identity's own, then the target's
	shown   []*wire.Headers    // the same with secrets marked
	vars    map[string]string  // of the identity
	run     string
	tls     scenarios.TLS
	login   *login

	mu    sync.Mutex
	token string
	gen   int // counts logins; 0: none yet
}

// login is the request that yields a token.
type login struct {
	speak  *dialect.Dialect
	header string
	prefix string
	end    *transport.Endpoint
	mask   *secrets.Registry
}

// value reads the value of a variable of an identity, which has no variables
// itself; values from the environment are secrets.
func value(t scenarios.Text, reg *secrets.Registry) string {
	if t.Env != "" {
		v, _ := reg.Getenv(t.Env)
		return t.Prefix + v
	}
	return wire.Literal(t.Template)
}

// identities makes the scenario's identities; there is at least one.
func identities(t scenarios.Target, run, base string, end *transport.Endpoint, reg *secrets.Registry) ([]*identity, error) {
	var out []*identity
	for _, id := range listed(t) {
		i, err := newIdentity(t, id, run, reg)
		if err != nil {
			return nil, err
		}
		if t.Login.Request != "" {
			if i.login, err = newLogin(t, base, end, reg); err != nil {
				return nil, err
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// listed are the identities that a scenario names, or one that has nothing.
func listed(t scenarios.Target) []scenarios.Identity {
	if len(t.Identity) == 0 {
		return []scenarios.Identity{{}}
	}
	return t.Identity
}

// newIdentity makes an identity that does not log in.
func newIdentity(t scenarios.Target, id scenarios.Identity, run string, reg *secrets.Registry) (*identity, error) {
	i := &identity{run: run, vars: map[string]string{}, tls: t.TLS}
	for _, table := range []map[string]scenarios.Text{id.Headers, t.Headers} {
		fields := dialect.PlanFields(table)
		h, err := wire.CompileHeaders(fields, wire.Options{Getenv: reg.Getenv})
		if err != nil {
			return nil, fmt.Errorf("headers of the target: %w", err)
		}
		i.headers = append(i.headers, h)
		for _, f := range h.Fixed() {
			i.fixed = append(i.fixed, transport.Header(f))
		}
		shown, _ := wire.CompileHeaders(fields, wire.Options{}) // as the other, which was well
		i.shown = append(i.shown, shown)
	}
	encoding := "identity"
	if t.Gzip {
		encoding = "gzip"
	}
	i.fixed = append(i.fixed, transport.Header{Name: "Accept-Encoding", Value: encoding})
	for name, text := range id.Vars {
		i.vars[name] = value(text, reg)
	}
	return i, nil
}

// keep sets the identity's variables for good.
func (i *identity) keep(v *dialect.Vars) {
	for name, text := range i.vars {
		v.Keep(name, dialect.Text{S: text})
	}
}

// present adds the headers that have variables to a request.
func (i *identity) present(v *dialect.Vars, req *transport.Request) {
	for _, h := range i.headers {
		h.Add(v, req)
	}
}

// outside are the variables of what is asked outside of operations.
func (i *identity) outside() *dialect.Vars {
	v := &dialect.Vars{}
	i.keep(v)
	v.Set(dialect.Run, dialect.Text{S: i.run})
	return v
}

func newLogin(t scenarios.Target, base string, end *transport.Endpoint, reg *secrets.Registry) (*login, error) {
	step := scenarios.Step{Request: t.Login.Request, Headers: t.Login.Headers, Body: t.Login.Body, Token: t.Login.Token}
	d, err := dialect.Compile(map[string]scenarios.Step{string(history.StepLogin): step}, nil, scenarios.Identify{},
		dialect.Options{Origin: end.URL.Scheme + "://" + end.URL.Host, BasePath: base, Mask: reg.Mask, Window: reg.Window, Getenv: reg.Getenv})
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	return &login{speak: d, header: t.Login.Header, prefix: t.Login.Prefix, end: end, mask: reg}, nil
}

// hint is what to do about a refusal with that status; a 401 is about who asks.
func (i *identity) hint(status int, otherwise string) string {
	switch {
	case status != 401 || i.login != nil:
		return otherwise
	case i.secret():
		return "the target does not take what the scenario presents: does the environment variable in the curl line hold a value that is still good?"
	}
	return `the target wants to know who asks: try the request with -H 'Authorization: Bearer '"$TOKEN", then describe [[target.identity]] or [target.login]`
}

// headersNow returns the headers to present, logging in first if need be; gen
// is passed to renew when they are refused.
func (i *identity) headersNow(ctx context.Context) (h []transport.Header, gen int, err error) {
	if i.login == nil {
		return i.fixed, 0, nil
	}
	return i.renew(ctx, 0)
}

// renew logs in again, unless somebody has since the login numbered old.
func (i *identity) renew(ctx context.Context, old int) ([]transport.Header, int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.gen == old {
		token, err := i.login.do(ctx, i)
		if err != nil {
			return nil, 0, err
		}
		i.token = token
		i.gen++
	}
	h := append([]transport.Header{{Name: i.login.header, Value: i.login.prefix + i.token}}, i.fixed...)
	return h, i.gen, nil
}

// do logs in as an identity. A token may come with any status: some APIs hand
// one out with the refusal of who had none.
func (l *login) do(ctx context.Context, as *identity) (string, error) {
	begun := time.Now()
	c := transport.NewConn(l.end, as.fixed, func() int64 { return int64(time.Since(begun)) })
	defer c.Close()
	v := as.outside()
	var req transport.Request
	var resp transport.Response
	if err := l.speak.Render(history.StepLogin, v, &req); err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	as.present(v, &req)
	res := c.Do(ctx, &req, &resp, time.Now().Add(10*time.Second))
	curl := ""
	if shown, err := l.speak.Shown(history.StepLogin, v); err == nil {
		curl = l.mask.Mask(as.show(v, shown).Curl())
	}
	if res.Err != nil {
		return "", &CannotRun{What: "login got no answer" + because(res.Err), Curl: curl, Hint: adviceOn(res.Err, "see target.login in the scenario")}
	}
	var a dialect.Answer
	l.speak.Read(history.StepLogin, &resp, &a)
	if !a.HasToken || a.Token.S == "" {
		why, hint := fmt.Sprintf("login was answered with %d", a.Status), "see target.login in the scenario"
		if a.Class == history.OK {
			why += " but without the token" + lacks(l.speak, history.StepLogin, &a)
			hint = `target.login says where the token is: token = "json:token", or "header:NAME"`
		}
		why, hint = tells(&resp, why, hint)
		return "", &CannotRun{What: why, Answer: excerpt(l.mask.Mask(a.Detail)), Curl: curl, Hint: hint}
	}
	token := string([]byte(a.Token.S))
	l.mask.Add("login token", token)
	return token, nil
}

// show adds to a request that is shown what the identity sends with all of
// them, the login and the question whether the target is ready included.
func (i *identity) show(v *dialect.Vars, r wire.Request) wire.Request {
	for _, h := range i.shown {
		h.Show(v, &r)
	}
	r.CA, r.Cert, r.Key = i.tls.CA, i.tls.Cert, i.tls.Key
	return r
}

// showLoggedIn is show for what is asked after the login, whose token is a
// secret of the name TOKEN.
func (i *identity) showLoggedIn(v *dialect.Vars, r wire.Request) wire.Request {
	r = i.show(v, r)
	if i.login != nil && len(r.Header(i.login.header)) == 0 {
		r.SetHeader(i.login.header, []byte(i.login.prefix+wire.Secret("TOKEN")))
	}
	return r
}

// secret reports whether the identity presents something from the environment.
func (i *identity) secret() bool {
	var r wire.Request
	for _, h := range i.shown {
		h.Show(i.outside(), &r)
	}
	return r.Secret()
}
