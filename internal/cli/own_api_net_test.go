package cli

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// guardedItems is a counter API that checks If-Match and writes under one lock.
func guardedItems() http.Handler {
	type item struct{ N, Version int }
	var mu sync.Mutex
	items := map[string]item{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent item
		_ = json.NewDecoder(r.Body).Decode(&sent)
		mu.Lock()
		defer mu.Unlock()
		now, there := items[r.URL.Path]
		switch tag := r.Header.Get("If-Match"); {
		case r.Method == "GET" && !there:
			w.WriteHeader(404)
			return
		case r.Method == "PUT" && there && tag != fmt.Sprintf(`"%d"`, now.Version):
			w.WriteHeader(412)
			return
		case r.Method == "PUT":
			now = item{sent.N, now.Version + 1}
			items[r.URL.Path] = now
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, now.Version))
		_ = json.NewEncoder(w).Encode(now)
	})
}

const guardedScenario = `
[target]
url   = %q
setup = { request = "PUT /{key}", body = { N = "{value}" } }
read  = { request = "GET /{key}", value = "json:N", version = "header:ETag" }
write = { request = "PUT /{key}", headers = { If-Match = "{version}" }, body = { N = "{value}" }, version = "header:ETag" }

[workload]
kind  = "counter"
think = "1ms"

[load]
clients  = 4
duration = "300ms"
repeat   = 1

[[strategy]]
locking = "optimistic"
`

// authority makes certificates for one test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	a.cert, a.key = a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "an authority of its own"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) issue(c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.next++
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(a.next), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := c, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	if err == nil {
		var der []byte
		if der, err = x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer); err == nil {
			c, err = x509.ParseCertificate(der)
		}
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return c, key
}

// server is a certificate for names and addresses; client one to present.
func (a *authority) server(names []string, ips ...net.IP) tls.Certificate {
	c, key := a.issue(&x509.Certificate{DNSNames: names, IPAddresses: ips, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key}
}

// write puts PEM files for a client into a folder: ca.pem, client.pem, client.key.
func (a *authority) write(dir string) {
	a.t.Helper()
	c, key := a.issue(&x509.Certificate{Subject: pkix.Name{CommonName: "tussle"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	for name, b := range map[string]*pem.Block{"ca.pem": {Type: "CERTIFICATE", Bytes: a.cert.Raw},
		"client.pem": {Type: "CERTIFICATE", Bytes: c.Raw}, "client.key": {Type: "PRIVATE KEY", Bytes: der}} {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600)
		}
	}
	if err != nil {
		a.t.Fatal(err)
	}
}

// tussleIn runs the program in a folder and returns its code and both streams.
func tussleIn(t *testing.T, dir string, env []string, args ...string) (int, string) {
	t.Helper()
	self, err := exec.LookPath("tussle") // the test binary itself; see TestMain
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func inFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// quiet keeps refused handshakes out of the test's output.
var quiet = log.New(io.Discard, "", 0)

// wants looks for texts in an output.
func wants(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("%q is missing in\n%s", text, out)
		}
	}
}

// A target with an authority of its own that demands a client certificate:
// the keys of [target.tls] are all it takes, relative to the scenario's file.
// Without one of them the run says what is wrong and which key is missing.
func TestTLSThatDemandsACertificate(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			a := newAuthority(t)
			pool := x509.NewCertPool()
			pool.AddCert(a.cert)
			s := httptest.NewUnstartedServer(guardedItems())
			s.TLS = &tls.Config{Certificates: []tls.Certificate{a.server(nil, net.IPv4(127, 0, 0, 1))}, MaxVersion: version,
				ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
			s.Config.ErrorLog = quiet
			s.StartTLS()
			defer s.Close()
			dir := t.TempDir()
			folder := filepath.Join(dir, "shop") // the files are beside the scenario, not where tussle starts
			scenario := fmt.Sprintf(guardedScenario, s.URL)
			const ca, pair = "\nca = 'ca.pem'", "\ncert = 'client.pem'\nkey = 'client.key'"
			for name, tls := range map[string]string{"all": "[target.tls]" + ca + pair, "no-ca": "[target.tls]" + pair, "no-pair": "[target.tls]" + ca,
				"none": "", "name": "[target.tls]" + ca + pair + "\nserver_name = 'shop.example'", "ready": "[target.ready]\nrequest = 'GET /'\n[target.tls]" + ca,
				"absent": "[target.tls]\nca = 'nowhere.pem'\nkey = 'client.key'"} {
				inFile(t, filepath.Join(folder, name+".toml"), scenario+tls+"\n")
			}
			a.write(folder)

			code, out := tussleIn(t, dir, nil, "run", "shop/all.toml", "-o", "all")
			if code != exitOK {
				t.Fatalf("exit %d\n%s", code, out)
			}
			text, err := os.ReadFile(filepath.Join(dir, "all", jsonFile))
			if err != nil || gjson.GetBytes(text, "strategies.0.verdict").String() != "holds" || gjson.GetBytes(text, "strategies.0.by_class.transport").Int() != 0 {
				t.Errorf("%v, %.300s", err, text)
			}
			const certificate = ` a client certificate`
			const files = `name its PEM files as cert = "..." and key = "..." in [target.tls]`
			for name, say := range map[string][]string{
				"no-ca": {"preflight of strategy optimistic: cannot connect to the target: ", "certificate signed by unknown authority",
					`tussle: hint: the target's certificate comes from an authority that this machine does not trust: name its PEM file as ca = "..." in [target.tls]`},
				"none":    {"certificate signed by unknown authority", `ca = "..." in [target.tls]`},
				"no-pair": {"preflight of strategy optimistic: ", "remote error: tls: ", certificate, files},
				"ready":   {"GET " + s.URL + "/ got no answer: remote error: tls: ", certificate, files},
				"name":    {"shop.example", `server_name = "..." in [target.tls]`},
			} {
				begun := time.Now()
				code, out := tussleIn(t, dir, nil, "run", "shop/"+name+".toml", "-o", name)
				if code != exitCannotRun || time.Since(begun) > 20*time.Second {
					t.Errorf("%s: exit %d after %v", name, code, time.Since(begun))
				}
				wants(t, out, say...)
				if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
					t.Errorf("%s: it left a folder of a run that never began", name)
				}
			}
			code, out = tussleIn(t, dir, nil, "validate", "shop/absent.toml")
			if code != exitUsage {
				t.Errorf("exit %d", code)
			}
			wants(t, out, `"nowhere.pem" cannot be read: no such file or directory`, "a client certificate needs both cert and key", "absent.toml:")
		})
	}
}

// proxy forwards to one place, whatever host it is asked for, and counts.
type proxy struct {
	to                 string // host:port of the API
	forwarded, tunnels atomic.Int64
	user               atomic.Value // the last Proxy-Authorization
}

func (p *proxy) start(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(c)
		}
	}()
	return l.Addr().String()
}

func (p *proxy) talk(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	api, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer api.Close()
	answers := bufio.NewReader(api)
	for br := bufio.NewReader(c); ; {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		p.user.Store(r.Header.Get("Proxy-Authorization"))
		if r.Method == http.MethodConnect {
			p.tunnels.Add(1)
			_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
			go func() { _, _ = io.Copy(api, br); api.Close() }()
			_, _ = io.Copy(c, answers)
			return
		}
		p.forwarded.Add(1)
		if !r.URL.IsAbs() { // a proxy has to be told the whole URL
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			return
		}
		r.Header.Del("Proxy-Authorization")
		if err := r.Write(api); err != nil {
			return
		}
		resp, err := http.ReadResponse(answers, r)
		if err != nil || resp.Write(c) != nil {
			return
		}
	}
}

// The environment's proxy is used for hosts outside this machine, with its
// user, for http by whole URLs and for https by a tunnel; it is never used for
// loopback, and one that cannot be spoken to is refused. Its password is in no
// output.
func TestProxyFromTheEnvironment(t *testing.T) {
	const host, password = "shop.invalid", "planted-proxy-s3cret"
	a := newAuthority(t)
	plain := httptest.NewServer(guardedItems())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(guardedItems())
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{a.server([]string{host})}}
	secure.StartTLS()
	defer secure.Close()
	for name, tc := range map[string]struct {
		url    string // of the target
		api    *httptest.Server
		env    func(address string) []string
		code   int
		say    []string
		used   func(p *proxy) bool
		secret bool // the proxy must have been shown the password
	}{
		"http": {"http://" + host, plain, func(at string) []string { return []string{"HTTP_PROXY=http://ada:" + password + "@" + at} }, exitOK, nil,
			func(p *proxy) bool { return p.forwarded.Load() > 20 && p.tunnels.Load() == 0 }, true},
		"https": {"https://" + host, secure, func(at string) []string { return []string{"HTTPS_PROXY=http://ada:" + password + "@" + at} }, exitOK, nil,
			func(p *proxy) bool { return p.tunnels.Load() >= 4 && p.forwarded.Load() == 0 }, true},
		"loopback": {plain.URL, plain, func(at string) []string { return []string{"HTTP_PROXY=http://" + at, "HTTPS_PROXY=http://" + at} }, exitOK, nil,
			func(p *proxy) bool { return p.forwarded.Load()+p.tunnels.Load() == 0 }, false},
		"exempted": {"http://" + host, plain, func(at string) []string { return []string{"HTTP_PROXY=http://" + at, "NO_PROXY=" + host} }, exitCannotRun,
			[]string{"cannot connect to the target: ", host},
			func(p *proxy) bool { return p.forwarded.Load()+p.tunnels.Load() == 0 }, false},
		"not there": {"http://" + host, plain, func(string) []string { return []string{"HTTP_PROXY=http://ada:" + password + "@127.0.0.1:1"} }, exitCannotRun,
			[]string{"through the proxy 127.0.0.1:1: dial: ", "refused", "a host that is named in NO_PROXY is asked directly"}, func(p *proxy) bool { return true }, false},
		"of another kind": {"http://" + host, plain, func(at string) []string { return []string{"HTTP_PROXY=socks5://ada:" + password + "@" + at} }, exitCannotRun,
			[]string{"unsupported proxy scheme \"socks5\"", "use http://HOST:PORT, or set NO_PROXY=" + host}, func(p *proxy) bool { return true }, false},
		"no URL": {"http://" + host, plain, func(at string) []string { return []string{"HTTP_PROXY=http://ada:" + password + "@%zz"} }, exitCannotRun,
			[]string{"the proxy in HTTP_PROXY or HTTPS_PROXY is no URL"}, func(p *proxy) bool { return true }, false},
		"no URL, exempted": {"http://" + host, plain, func(at string) []string {
			return []string{"HTTP_PROXY=http://ada:" + password + "@%zz", "NO_PROXY=" + host}
		}, exitCannotRun,
			[]string{"cannot connect to the target: ", host}, func(p *proxy) bool { return true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := &proxy{to: tc.api.Listener.Addr().String()}
			at := p.start(t)
			dir := t.TempDir()
			a.write(dir)
			scenario := fmt.Sprintf(guardedScenario, tc.url)
			if strings.HasPrefix(tc.url, "https:") {
				scenario += "[target.tls]\nca = 'ca.pem'\n"
			}
			inFile(t, filepath.Join(dir, "s.toml"), scenario)
			env := append([]string{"HTTP_PROXY=", "HTTPS_PROXY=", "NO_PROXY=", "http_proxy=", "https_proxy=", "no_proxy="}, tc.env(at)...)
			code, out := tussleIn(t, dir, env, "run", "s.toml", "-o", "out", "--allow-host", host)
			if code != tc.code || !tc.used(p) {
				t.Errorf("exit %d, want %d; %d forwarded, %d tunnels\n%s", code, tc.code, p.forwarded.Load(), p.tunnels.Load(), out)
			}
			wants(t, out, tc.say...)
			if user, _ := p.user.Load().(string); tc.secret && !strings.HasPrefix(user, "Basic ") {
				t.Errorf("the proxy was shown %q", user)
			}
			if strings.Contains(out, password) {
				t.Errorf("the proxy's password is shown:\n%s", out)
			}
			huntIn(t, filepath.Join(dir, "out"), map[string]string{"proxy": password, "proxy's user": "ada:" + password})
		})
	}
}
