package transport

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// Endpoint is where connections lead: one scheme, host and port.
type Endpoint struct {
	URL   *url.URL    // base URL; its path is not used here
	TLS   *tls.Config // of https
	proxy *url.URL    // from HTTP_PROXY, HTTPS_PROXY, NO_PROXY; never for loopback
}

// Files names the PEM files of a TLS set-up; empty ones are not used.
type Files struct{ CA, Cert, Key, ServerName string }

// NewEndpoint checks a base URL and reads its TLS files.
func NewEndpoint(base string, files Files) (*Endpoint, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("target url: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("target url %q: http://HOST[:PORT] or https://HOST[:PORT] was expected", base)
	}
	e := &Endpoint{URL: u}
	if u.Scheme == "https" {
		if e.TLS, err = tlsConfig(u.Hostname(), files); err != nil {
			return nil, err
		}
	}
	if e.proxy, err = proxyOf(u); err != nil {
		return nil, errors.New("the proxy in HTTP_PROXY or HTTPS_PROXY is no URL: http://HOST:PORT was expected")
	}
	if e.proxy != nil && e.proxy.Scheme != "http" {
		return nil, fmt.Errorf("unsupported proxy scheme %q in HTTP_PROXY or HTTPS_PROXY: use http://HOST:PORT, or set NO_PROXY=%s to bypass the proxy",
			e.proxy.Scheme, u.Hostname())
	}
	return e, nil
}

// proxyOf is the proxy that the environment names for a URL, nil when it names
// none, as always for loopback. The rules are the standard library's, which goes
// without a proxy whose URL it cannot read; here that is an error, since who
// wrote one means it. Errors may show the proxy's password: they are for nobody.
func proxyOf(u *url.URL) (*url.URL, error) {
	c := httpproxy.FromEnvironment()
	proxy, err := c.ProxyFunc()(u)
	if proxy != nil || err != nil {
		return proxy, err
	}
	for _, text := range []*string{&c.HTTPProxy, &c.HTTPSProxy} {
		if *text != "" {
			*text = "http://proxy"
		}
	}
	if wanted, _ := c.ProxyFunc()(u); wanted != nil { // what was put in can be read
		return nil, errors.New("not a URL")
	}
	return nil, nil
}

// ProxyPassword is the password that a proxy's URL in the environment holds,
// as it stands and as it is sent; "" when there is none.
func (e *Endpoint) ProxyPassword() (plain, sent string) {
	if e.proxy == nil || e.proxy.User == nil {
		return "", ""
	}
	plain, _ = e.proxy.User.Password()
	return plain, base64.StdEncoding.EncodeToString([]byte(e.proxy.User.Username() + ":" + plain))
}

// proxyAuthorization is the header that presents the proxy URL's user, "" when
// it names none (RFC 9110, 11.7.2; RFC 7617).
func (e *Endpoint) proxyAuthorization() string {
	if e.proxy == nil || e.proxy.User == nil {
		return ""
	}
	_, sent := e.ProxyPassword()
	return "Basic " + sent
}

func tlsConfig(host string, f Files) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if f.ServerName != "" {
		c.ServerName = f.ServerName
	}
	if f.CA != "" {
		pem, err := readPEM(f.CA)
		if err != nil {
			return nil, fmt.Errorf("tls ca: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls ca %s: no PEM certificate in it", f.CA)
		}
	}
	if f.Cert != "" || f.Key != "" {
		cert, err := readPEM(f.Cert)
		if err != nil {
			return nil, fmt.Errorf("tls client certificate: %w", err)
		}
		key, err := readPEM(f.Key)
		if err != nil {
			return nil, fmt.Errorf("tls client certificate: %w", err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("tls client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// maxPEM is the largest file of certificates that is read: some 500 of them.
const maxPEM = 1 << 20

// readPEM reads a file that may neither wait, as a pipe does, nor be endless,
// as a device is.
func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case info.Size() > maxPEM:
		return nil, fmt.Errorf("%s is larger than %d KiB", path, maxPEM>>10)
	}
	return os.ReadFile(path)
}

// addr returns host:port with the scheme's default port.
func addr(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	if u.Scheme == "https" {
		return net.JoinHostPort(u.Hostname(), "443")
	}
	return net.JoinHostPort(u.Hostname(), "80")
}

// Loopback reports whether the endpoint's host is this machine by name or address.
func (e *Endpoint) Loopback() bool { return Loopback(e.URL.Hostname()) }

// Loopback reports whether a host is this machine by name or address.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// dial opens a connection; what goes wrong at a proxy is said to be there.
func (e *Endpoint) dial(ctx context.Context, deadline time.Time) (net.Conn, error) {
	c, err := e.dialPlainly(ctx, deadline)
	if err != nil && e.proxy != nil {
		return nil, &plainError{"through the proxy " + e.proxy.Host + ": " + plain(err).Error(), err}
	}
	return c, err
}

func (e *Endpoint) dialPlainly(ctx context.Context, deadline time.Time) (net.Conn, error) {
	d := net.Dialer{Deadline: deadline, KeepAlive: -1}
	to := addr(e.URL)
	if e.proxy != nil {
		to = addr(e.proxy)
	}
	c, err := d.DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, err
	}
	if e.TLS == nil && e.proxy == nil {
		return c, nil
	}
	_ = c.SetDeadline(deadline)
	if e.proxy != nil && e.TLS != nil {
		if err := connect(c, addr(e.URL), e.proxyAuthorization()); err != nil {
			c.Close()
			return nil, err
		}
	}
	if e.TLS != nil {
		t := tls.Client(c, e.TLS)
		if err := t.HandshakeContext(ctx); err != nil {
			c.Close()
			return nil, err
		}
		return t, nil
	}
	return c, nil
}

// connect asks a proxy for a tunnel.
func connect(c net.Conn, to, authorization string) error {
	if authorization != "" {
		authorization = "Proxy-Authorization: " + authorization + "\r\n"
	}
	if _, err := fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", to, to, authorization); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(c, 1), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return &plainError{"it refused a tunnel: " + resp.Status, nil}
	}
	return nil
}
