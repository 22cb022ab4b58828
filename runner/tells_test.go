package runner

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tussle/runner/transport"
)

func TestAnswersTellWhatTheyAre(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header map[string]string
		body   string
		why    string
		hint   string
	}{
		"a redirect":       {302, map[string]string{"Location": "/other/"}, "", "which redirects to /other/", "follows no redirect"},
		"to https":         {301, map[string]string{"Location": "https://x.example/"}, "", "which redirects to https://x.example/", "write https://"},
		"to a login":       {303, map[string]string{"Location": "/login?next=/x"}, "", "which redirects to /login", "[target.login]"},
		"a page":           {200, map[string]string{"Content-Type": "text/html"}, "<html><title>Sign in</title>", `an HTML page ("Sign in")`, "is it a login page?"},
		"a page, no type":  {200, nil, "<!DOCTYPE html><p>hello", "an HTML page", "is it a login page?"},
		"TLS is expected":  {400, nil, "Client sent an HTTP request to an HTTPS server.\n", "the port speaks TLS", "write https://"},
		"an API's refusal": {400, map[string]string{"Content-Type": "application/json"}, `{"error":"bad"}`, "", "see it"},
	} {
		var resp transport.Response
		resp.Set(tc.status, tc.header, tc.body)
		why, hint := tells(&resp, "read was answered", "see it")
		if !strings.Contains(why, tc.why) || !strings.Contains(hint, tc.hint) || tc.why == "" && why != "read was answered" {
			t.Errorf("%s: %q, %q", name, why, hint)
		}
	}
}

func TestOldTLSIsNamed(t *testing.T) {
	s := httptest.NewUnstartedServer(nil)
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.StartTLS()
	defer s.Close()
	end, err := transport.NewEndpoint(s.URL, transport.Files{})
	if err != nil {
		t.Fatal(err)
	}
	c := transport.NewConn(end, nil, func() int64 { return 0 })
	defer c.Close()
	var req transport.Request
	var resp transport.Response
	req.SetMethod("GET")
	req.SetTarget([]byte("/"))
	res := c.Do(t.Context(), &req, &resp, time.Now().Add(10*time.Second))
	if hint := tlsAdvice(res.Err); !strings.Contains(hint, "TLS 1.1 or older") {
		t.Errorf("%v: %q", res.Err, hint)
	}
}
