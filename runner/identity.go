package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/secrets"
	"tussle/runner/transport"
	"tussle/scenarios"
)

// identity is one set of headers that clients present, with a login that may
// have to be repeated.
type identity struct {
	fixed []transport.Header // never changes
	shown string             // words of curl lines that present the identity
	login *login

	mu    sync.Mutex
	token string
	gen   int // counts logins; 0: none yet
}

// login is the request that yields a token.
type login struct {
	speak  *dialect.Dialect
	vars   map[string]string
	header string
	prefix string
	end    *transport.Endpoint
	mask   *secrets.Registry
}

// value reads a text's template or environment variable; values from the
// environment are secrets.
func value(t scenarios.Text, reg *secrets.Registry) string {
	if t.Env == "" {
		return t.Template
	}
	v, _ := reg.Getenv(t.Env)
	return t.Prefix + v
}

// identities makes the scenario's identities; there is at least one.
func identities(t scenarios.Target, base string, end *transport.Endpoint, reg *secrets.Registry) ([]*identity, error) {
	common := headers(t.Headers, reg)
	if !t.Gzip {
		common = append(common, transport.Header{Name: "Accept-Encoding", Value: "identity"})
	} else {
		common = append(common, transport.Header{Name: "Accept-Encoding", Value: "gzip"})
	}
	list := t.Identity
	if len(list) == 0 {
		list = []scenarios.Identity{{}}
	}
	var out []*identity
	for _, id := range list {
		i := &identity{fixed: append(headers(id.Headers, reg), common...), shown: tlsWords(t.TLS) + words(t.Headers) + words(id.Headers)}
		if t.Login.Request != "" {
			l, err := newLogin(t, id, base, end, reg)
			if err != nil {
				return nil, err
			}
			i.login = l
			i.shown += words(map[string]scenarios.Text{l.header: {Env: "TOKEN", Prefix: l.prefix}})
		}
		out = append(out, i)
	}
	return out, nil
}

func headers(m map[string]scenarios.Text, reg *secrets.Registry) []transport.Header {
	var out []transport.Header
	for name, t := range m {
		out = append(out, transport.Header{Name: name, Value: value(t, reg)})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// words are headers as options of curl; what comes from the environment is
// left to the shell.
func words(m map[string]scenarios.Text) string {
	out := ""
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out += " -H " + dialect.ShellHeader(name, m[name])
	}
	return out
}

func tlsWords(t scenarios.TLS) string {
	out := ""
	for _, o := range [][2]string{{"--cacert", t.CA}, {"--cert", t.Cert}, {"--key", t.Key}} {
		if o[1] != "" {
			out += " " + o[0] + " " + o[1]
		}
	}
	return out
}

// curl is the command that sends the client's present request.
func (c *client) curl(step history.Step) string {
	return c.sp.speak.Curl(step, &c.machine.Vars, c.sp.end.URL.Scheme+"://"+c.sp.end.URL.Host) + c.who.shown
}

func newLogin(t scenarios.Target, id scenarios.Identity, base string, end *transport.Endpoint, reg *secrets.Registry) (*login, error) {
	step := scenarios.Step{Request: t.Login.Request, Headers: t.Login.Headers, Body: t.Login.Body, Token: t.Login.Token}
	d, err := dialect.Compile(map[string]scenarios.Step{string(history.StepLogin): step}, nil, scenarios.Identify{},
		dialect.Options{BasePath: base, Mask: reg.Mask, Window: reg.Window, Getenv: reg.Getenv})
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	l := &login{speak: d, header: t.Login.Header, prefix: t.Login.Prefix, end: end, mask: reg, vars: map[string]string{}}
	for name, text := range id.Vars {
		l.vars[name] = value(text, reg)
	}
	return l, nil
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
		token, err := i.login.do(ctx)
		if err != nil {
			return nil, 0, err
		}
		i.token = token
		i.gen++
	}
	h := append([]transport.Header{{Name: i.login.header, Value: i.login.prefix + i.token}}, i.fixed...)
	return h, i.gen, nil
}

// askLoggedIn asks; after a 401 it logs in again and asks once more, as a
// request of its own.
func (c *client) askLoggedIn(ctx context.Context) {
	c.ask(ctx)
	if c.answer.Status != 401 || c.who.login == nil {
		return
	}
	if h, gen, err := c.who.renew(ctx, c.gen); err == nil {
		c.present(h, gen)
		c.ask(ctx)
	}
}

func (l *login) do(ctx context.Context) (string, error) {
	begun := time.Now()
	c := transport.NewConn(l.end, nil, func() int64 { return int64(time.Since(begun)) })
	defer c.Close()
	var v dialect.Vars
	for name, text := range l.vars {
		v.SetNamed(name, dialect.Text{S: text})
	}
	var req transport.Request
	var resp transport.Response
	if err := l.speak.Render(history.StepLogin, &v, &req); err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	res := c.Do(ctx, &req, &resp, time.Now().Add(10*time.Second))
	curl := l.speak.Curl(history.StepLogin, &v, l.end.URL.Scheme+"://"+l.end.URL.Host)
	if res.Err != nil {
		return "", &CannotRun{What: "login got no answer" + because(res.Err), Curl: curl, Hint: adviceOn(res.Err, "see target.login in the scenario")}
	}
	var a dialect.Answer
	l.speak.Read(history.StepLogin, &resp, &a)
	if a.Class != history.OK || !a.HasToken {
		why, hint := fmt.Sprintf("login was answered with %d", a.Status), "see target.login in the scenario"
		if a.Class == history.OK {
			why += " but without the token" + lacks(l.speak, history.StepLogin, &a)
			hint = `target.login says where the token is: token = "json:token", or "header:NAME"`
		}
		return "", &CannotRun{What: why, Answer: excerpt(l.mask.Mask(a.Detail)), Curl: curl, Hint: hint}
	}
	token := string([]byte(a.Token.S))
	l.mask.Add("login token", token)
	return token, nil
}
