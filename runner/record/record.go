// Package record stands between the clients that a team has already and its
// API: a reverse proxy that passes every byte on and keeps requests with their
// answers, so that a scenario can be drafted from them.
package record

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"

	"tussle/scenarios/intake"
)

// MaxBody is how much of a body is kept; what is passed on is never cut.
const MaxBody = 1 << 20

// Proxy passes requests on to one target and keeps them. Use [New].
type Proxy struct {
	target *url.URL
	proxy  *httputil.ReverseProxy

	mu       sync.Mutex
	kept     []intake.Exchange
	seen     int
	cut      int
	failures int
}

type keptKey struct{}

// pending is an exchange whose answer is under way.
type pending struct {
	exchange intake.Exchange
	body     *limited
}

// New makes a proxy to a target, "http://127.0.0.1:8080".
func New(target *url.URL) *Proxy {
	p := &Proxy{target: target}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.DisableCompression = true // as the client asked, byte for byte
	transport.MaxIdleConnsPerHost = 1024
	p.proxy = &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			if r.In.Host == "" {
				r.Out.Host = target.Host
			}
		},
		ModifyResponse: p.answered,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			p.mu.Lock()
			p.failures++
			p.mu.Unlock()
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	return p
}

// ServeHTTP passes one request on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u := *p.target
	u.Path, u.RawPath, u.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	x := &pending{exchange: intake.Exchange{Method: r.Method, URL: &u, Header: r.Header.Clone()}, body: &limited{}}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &tee{r.Body, x.body, nil}
	}
	p.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keptKey{}, x)))
}

// answered keeps the exchange once its answer was read to the end.
func (p *Proxy) answered(resp *http.Response) error {
	x, ok := resp.Request.Context().Value(keptKey{}).(*pending)
	if !ok || resp.StatusCode < 200 {
		return nil
	}
	answer := &limited{}
	done := sync.OnceFunc(func() { p.keep(x, resp, answer) })
	if resp.StatusCode == http.StatusSwitchingProtocols {
		done()
		return nil
	}
	resp.Body = &tee{resp.Body, answer, done}
	return nil
}

func (p *Proxy) keep(x *pending, resp *http.Response, answer *limited) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	x.exchange.Body, x.exchange.Answer = x.body.String(), answer.String()
	x.exchange.Status, x.exchange.AnswerHeader = resp.StatusCode, resp.Header.Clone()
	if x.body.cut || answer.cut {
		p.cut++
	}
	if len(p.kept) < intake.MaxExchanges {
		p.kept = append(p.kept, x.exchange)
	}
}

// Tally says how many requests went through, how many of them were kept, had a
// body too long to keep whole, and could not be passed on.
type Tally struct{ Seen, Kept, Cut, Failed int }

// Recording is what was kept so far, as a source for drafts.
func (p *Proxy) Recording() (*intake.Source, Tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &intake.Source{Format: "recording", Base: p.target.Scheme + "://" + p.target.Host}
	s.Exchanges = append(s.Exchanges, p.kept...)
	return s, Tally{p.seen, len(p.kept), p.cut, p.failures}
}

// limited keeps the first MaxBody bytes.
type limited struct {
	bytes.Buffer
	cut bool
}

func (l *limited) Write(b []byte) (int, error) {
	n := len(b)
	if room := MaxBody - l.Len(); len(b) > room {
		b, l.cut = b[:room], true
	}
	l.Buffer.Write(b)
	return n, nil
}

// tee keeps what is read of a body. Its end is told when the reader closes it.
type tee struct {
	io.ReadCloser
	keep *limited
	done func()
}

func (t *tee) Read(b []byte) (int, error) {
	n, err := t.ReadCloser.Read(b)
	_, _ = t.keep.Write(b[:n]) // a buffer
	return n, err
}

func (t *tee) Close() error {
	if t.done != nil {
		t.done()
	}
	return t.ReadCloser.Close()
}
