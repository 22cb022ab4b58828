package webdav

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

const lockinfo = `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>`

// ask sends one request and returns status, header and body.
func ask(t *testing.T, h http.Handler, method, path, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, w.Result().Header, string(b)
}

// What makes this target worth having: a stale If-Match is taken, a lock is not passed.
func TestLockIsHonouredAndIfMatchIsNot(t *testing.T) {
	for _, store := range []string{"memory", "directory"} {
		t.Run(store, func(t *testing.T) {
			o, err := Parse(map[string]string{"store": store})
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			if code, _, _ := ask(t, s, "PUT", "/a.json", "1"); code != 201 {
				t.Errorf("PUT: %d", code)
			}
			if code, _, _ := ask(t, s, "PUT", "/a.json", "2", "If-Match", `"stale"`); code/100 != 2 {
				t.Errorf("PUT with a stale If-Match: %d, known to be ignored", code)
			}
			code, h, _ := ask(t, s, "LOCK", "/a.json", lockinfo, "Timeout", "Second-30", "Depth", "0")
			token := h.Get("Lock-Token")
			if code != 200 || token == "" {
				t.Fatalf("LOCK: %d, token %q", code, token)
			}
			if code, _, _ := ask(t, s, "LOCK", "/a.json", lockinfo); code != 423 {
				t.Errorf("second LOCK: %d", code)
			}
			if code, _, _ := ask(t, s, "PUT", "/a.json", "3"); code != 423 {
				t.Errorf("PUT without the token: %d", code)
			}
			if code, _, _ := ask(t, s, "PUT", "/a.json", "4", "If", "("+token+")"); code/100 != 2 {
				t.Errorf("PUT with the token: %d", code)
			}
			if code, _, _ := ask(t, s, "UNLOCK", "/a.json", "", "Lock-Token", token); code != 204 {
				t.Errorf("UNLOCK: %d", code)
			}
			if _, _, body := ask(t, s, "GET", "/-/stats", ""); strings.TrimSpace(body) != `{"requests":7}` {
				t.Errorf("stats: %s", body)
			}
			if _, _, body := ask(t, s, "GET", "/-/healthz", ""); body != "ok" {
				t.Errorf("healthz: %q", body)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(s.dir); s.dir != "" && !os.IsNotExist(err) {
				t.Errorf("%s is left", s.dir)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []map[string]string{{"store": "tape"}, {"shop": "memory"}} {
		if _, err := Parse(o); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%v: %v", o, err)
		}
	}
}
