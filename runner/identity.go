package runner

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/secrets"
	"tussle/runner/sign"
	"tussle/runner/talk"
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
	signed  *history.PlanSign // how requests are shown to be signed
	cookie  bool              // requests are shown with cookies
	named   []string          // variables of its headers that captures define, and cookies
	login   *login

	mu      sync.Mutex
	token   string
	cookies []talk.Cookies // that the login set
	gen     int            // counts logins; 0: none yet
}

// login is the request that yields a token.
type login struct {
	speak  *dialect.Dialect
	header string
	prefix string
	end    *transport.Endpoint
	mask   *secrets.Registry
	token  string      // the capture that finds it
	steps  int         // before its request
	jar    bool        // it obeys Set-Cookie
	only   bool        // the cookies log in, and no header does
	sign   sign.Signer // nil: nothing is signed
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
func identities(t scenarios.Target, run, base string, end *transport.Endpoint, signer sign.Signer, reg *secrets.Registry) ([]*identity, error) {
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
			i.login.sign = signer
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
	i := &identity{run: run, vars: map[string]string{}, tls: t.TLS, signed: planSign(t.Sign), cookie: standing(t)}
	for _, table := range []map[string]scenarios.Text{id.Headers, t.Headers} {
		fields := scenarios.PlanFields(table)
		h, err := wire.CompileHeaders(fields, wire.Options{Getenv: reg.Getenv})
		if err != nil {
			return nil, fmt.Errorf("headers of the target: %w", err)
		}
		i.headers = append(i.headers, h)
		i.named = append(i.named, h.Named()...)
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

// Named lists the variables of its headers that are not tussle's own.
func (i *identity) Named() []string { return i.named }

// Present adds the headers that have variables to a request.
func (i *identity) Present(v *dialect.Vars, req *transport.Request) {
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
	steps := map[string]scenarios.Step{string(history.StepLogin): {Request: t.Login.Request, Headers: t.Login.Headers, Body: t.Login.Body, Form: t.Login.Form,
		Follow: t.Login.Follow, Token: t.Login.Token}}
	for i := range t.Login.Steps {
		steps[string(loginStep(i))] = t.Login.Steps[i]
	}
	d, err := dialect.Compile(steps, nil, scenarios.Identify{},
		dialect.Options{Origin: end.URL.Scheme + "://" + end.URL.Host, BasePath: base, Mask: reg.Mask, Window: reg.Window, Getenv: reg.Getenv})
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	return &login{speak: d, header: t.Login.Header, prefix: t.Login.Prefix, end: end, mask: reg, token: t.Login.Token, steps: len(t.Login.Steps),
		jar: obeysCookies(t), only: byCookie(t)}, nil
}

func loginStep(i int) history.Step { return history.Step("login/" + strconv.Itoa(i+1)) }

// obeysCookies reports whether Set-Cookie is obeyed.
func obeysCookies(t scenarios.Target) bool { return t.Cookies == nil || *t.Cookies }

// byCookie reports whether it is a cookie that a login gives.
func byCookie(t scenarios.Target) bool { return strings.HasPrefix(t.Login.Token, "cookie:") }

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
		token, set, err := i.login.do(ctx, i)
		if err != nil {
			return nil, 0, err
		}
		i.token, i.cookies = token, set
		i.gen++
	}
	if i.login.only {
		return i.fixed, i.gen, nil
	}
	h := append([]transport.Header{{Name: i.login.header, Value: i.login.prefix + i.token}}, i.fixed...)
	return h, i.gen, nil
}

// given are the cookies of the latest login.
func (i *identity) given() []talk.Cookies {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.cookies
}

// do logs in as an identity, and returns the token and the cookies that it was
// given. A token may come with any status: some APIs hand one out with the
// refusal of who had none.
func (l *login) do(ctx context.Context, as *identity) (string, []talk.Cookies, error) {
	begun := time.Now()
	t := &talk.Talk{Speak: l.speak, Conn: transport.NewConn(l.end, as.fixed, func() int64 { return int64(time.Since(begun)) }), End: l.end, As: as, Sign: l.sign}
	defer t.Conn.Close()
	if l.jar {
		t.Jar = talk.NewJar(l.end)
	}
	as.keep(&t.Vars)
	t.Vars.Set(dialect.Run, dialect.Text{S: as.run})
	t.Vars.Set(dialect.UUID, dialect.Text{S: wire.UUIDOf(as.run, -3, as.gen, int(begun.UnixNano()))})
	for n := range l.steps {
		if err := t.Ask(ctx, loginStep(n)); err != nil {
			return "", nil, silent("login", t, err, l.mask.Mask)
		}
		if a := &t.Answer; a.Class == history.OK && a.Missing != "" || a.Status >= 500 {
			why := fmt.Sprintf("step %d of the login was answered with %d", n+1, a.Status)
			if a.Missing != "" {
				why += ", but its " + a.Missing + " is not in the answer" + lacks(l.speak, loginStep(n), a)
			}
			return "", nil, &CannotRun{What: why, Answer: excerpt(l.mask.Mask(a.Detail)), Curl: l.mask.Mask(t.Curl), Hint: "see target.login.step in the scenario"}
		}
	}
	if err := t.Ask(ctx, history.StepLogin); err != nil {
		return "", nil, silent("login", t, err, l.mask.Mask)
	}
	a := &t.Answer
	if !a.HasToken && l.only { // set by a step before, or by a page that was redirected from
		text := strings.TrimPrefix(l.token, "cookie:")
		a.Token.S, a.HasToken = t.Jar.Latest(text)
	}
	if !a.HasToken || a.Token.S == "" {
		why, hint := fmt.Sprintf("login was answered with %d", a.Status), "see target.login in the scenario"
		if a.Class == history.OK {
			why += " but without the token" + lacks(l.speak, history.StepLogin, a)
			hint = `target.login says where the token is: token = "json:token", or "header:NAME"`
		}
		why, hint = tells(&t.Resp, why, hint)
		return "", nil, &CannotRun{What: why, Answer: excerpt(l.mask.Mask(a.Detail)), Curl: l.mask.Mask(t.Curl), Hint: hint}
	}
	token := string([]byte(a.Token.S))
	l.mask.Add("login token", token)
	return token, t.Jar.Received(), nil
}

// silent is the error of a login or of a joining that got no answer.
func silent(what string, t *talk.Talk, err error, mask func(string) string) error {
	var none *talk.NoAnswer
	if errors.As(err, &none) {
		return &CannotRun{What: what + " got no answer" + because(none.Err), Curl: mask(t.Curl), Hint: adviceOn(none.Err, "see target."+what+" in the scenario")}
	}
	return &CannotRun{What: what + ": " + err.Error(), Hint: "see target." + what + " and target.sign in the scenario"}
}

// Show adds to a request that is shown what the identity sends with all of
// them, the login and the question whether the target is ready included.
func (i *identity) Show(v *dialect.Vars, r wire.Request) wire.Request {
	for _, h := range i.shown {
		h.Show(v, &r)
	}
	r.CA, r.Cert, r.Key, r.Sign = i.tls.CA, i.tls.Cert, i.tls.Key, i.signed
	return r
}

// showLoggedIn is Show for what is asked after the login, whose token is a
// secret of the name TOKEN.
func (i *identity) showLoggedIn(v *dialect.Vars, r wire.Request) wire.Request {
	r = i.Show(v, r)
	if i.cookie && len(r.Header("Cookie")) == 0 {
		r.SetHeader("Cookie", []byte(wire.Secret("COOKIE")))
	}
	if i.login != nil && !i.login.only && len(r.Header(i.login.header)) == 0 {
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

// standing reports whether clients are known by cookies, so that whoever repeats
// a request needs some.
func standing(t scenarios.Target) bool {
	return obeysCookies(t) && (len(t.Join.List()) > 0 || byCookie(t))
}

func planSign(s scenarios.Sign) *history.PlanSign {
	switch s.Kind {
	case "":
		return nil
	case "sigv4":
		return &history.PlanSign{Kind: s.Kind, Region: s.Region, Service: s.Service, Key: named(s.Key, "ACCESS_KEY"), Secret: named(s.Secret, "SECRET_KEY")}
	}
	return &history.PlanSign{Kind: s.Kind}
}

// named is the environment variable that a text comes from.
func named(t scenarios.Text, otherwise string) string {
	if t.Env != "" {
		return t.Env
	}
	return otherwise
}
