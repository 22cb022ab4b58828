package cli

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// shop speaks as many web sites do: a login over a page with a token against
// forged requests, a session cookie, forms, a redirect after a write, jobs that
// are done later, lists in pages, locks whose token the client chooses. It
// answers 400 to whoever speaks another way, and says what was wrong.
type shop struct {
	mu       sync.Mutex
	racy     bool
	sessions map[string]string // cookie -> token against forged requests
	members  map[string]bool
	stock    map[string]int
	sold     map[string][]string // uuids of orders, by item
	locks    map[string]string
	jobs     map[string]string // job -> item
	wrong    []string          // what clients did wrong
}

func (s *shop) fault(w http.ResponseWriter, format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
	http.Error(w, fmt.Sprintf(format, args...), 400)
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := ""
	if r.Body != nil && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") && r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		b := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(b)
		body = string(b)
	}
	mac := hmac.New(sha256.New, []byte("the-signing-key"))
	fmt.Fprintf(mac, "%s\n%s\n%s", r.Method, r.URL.RequestURI(), r.Header.Get("X-Date"))
	if r.Header.Get("X-Signature") != "shop:"+hex.EncodeToString(mac.Sum(nil)) {
		s.fault(w, "%s %s is not signed: %q", r.Method, r.URL, r.Header.Get("X-Signature"))
		return
	}
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	session := ""
	if c, err := r.Cookie("sid"); err == nil {
		session = c.Value
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch path := r.URL.Path; {
	case path == "/login" && r.Method == "GET":
		session = fmt.Sprint("anon-", len(s.sessions))
		s.sessions[session] = "csrf-" + session
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: session, Path: "/", HttpOnly: true})
		w.WriteHeader(403) // with the form all the same
		fmt.Fprintf(w, `<html><body><form method=post><input name="other" value="x"><INPUT type='hidden' name='csrf' value='csrf-%s'></form>`, session)
		return
	case path == "/login":
		if r.FormValue("csrf") == "" || s.sessions[session] != r.FormValue("csrf") || r.FormValue("password") != "pa ss&word" || r.FormValue("user") != "ada" {
			s.fault(w, "login with %v for session %s", r.Form, session)
			return
		}
		delete(s.sessions, session)
		session = strings.Replace(session, "anon", "user", 1)
		s.sessions[session] = "csrf-" + session
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: session, Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: "csrf-" + session, Path: "/"})
		http.Redirect(w, r, "/home", http.StatusFound)
		return
	case path == "/home":
		answer(200, map[string]any{"home": true})
		return
	}
	if !strings.HasPrefix(session, "user-") || s.sessions[session] == "" {
		answer(401, map[string]any{"error": "who are you?"})
		return
	}
	if r.Method != "GET" && r.Header.Get("X-CSRFToken") != s.sessions[session] {
		s.fault(w, "%s %s without the token of the session: %q", r.Method, r.URL, r.Header.Get("X-CSRFToken"))
		return
	}
	member := r.Header.Get("X-Member")
	switch {
	case parts[0] == "members":
		s.members[fmt.Sprint("m", len(s.members)+1)] = true
		answer(201, map[string]any{"member": fmt.Sprint("m", len(s.members))})
	case parts[0] == "items" && r.Method == "PUT":
		s.stock[parts[1]] = 1
		answer(201, map[string]any{})
	case parts[0] == "orders" && r.Method == "POST":
		if !s.members[member] {
			s.fault(w, "an order by %q, who is no member", member)
			return
		}
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			s.fault(w, "an order that is no form in parts: %v", err)
			return
		}
		item, note := r.FormValue("item"), r.MultipartForm.File["note"]
		if r.FormValue("count") != "1" || len(note) != 1 || note[0].Filename != "note.txt" || r.MultipartForm.Value["unset"] != nil {
			s.fault(w, "an order with %v", r.MultipartForm)
			return
		}
		job := fmt.Sprint("j", len(s.jobs))
		s.jobs[job] = ""
		left := s.stock[item]
		if s.racy {
			s.mu.Unlock()
			time.Sleep(3 * time.Millisecond)
			s.mu.Lock()
		}
		if left < 1 {
			s.jobs[job] = "sold out"
		} else {
			s.stock[item] = left - 1
			s.jobs[job] = item
			s.sold[item] = append(s.sold[item], r.FormValue("id"))
		}
		w.Header().Set("Location", "/jobs/"+job)
		answer(202, map[string]any{"job": job, "polls": 0})
	case parts[0] == "jobs" && len(parts) == 2:
		state := "done"
		if s.jobs[parts[1]] == "sold out" {
			state = "refused"
		}
		if !strings.HasSuffix(s.jobs[parts[1]], "!") { // the first question is too early
			if state == "done" {
				s.jobs[parts[1]] += "!"
				state = "running"
			}
		}
		answer(200, map[string]any{"state": state})
	case parts[0] == "confirm":
		if strings.TrimSpace(body) != `[{"op":"replace","path":"/seen","value":2}]` || r.Header.Get("Content-Type") != "application/json-patch+json" {
			s.fault(w, "a patch of %q, %s", body, r.Header.Get("Content-Type"))
			return
		}
		http.Redirect(w, r, "/thanks", http.StatusSeeOther)
	case parts[0] == "thanks":
		answer(200, map[string]any{"thanks": true})
	case parts[0] == "sold": // in pages of one, by a cursor or by Link
		list := s.sold[parts[1]]
		at := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("after"), &at)
		page := map[string]any{"rows": []any{}}
		if at < len(list) {
			page["rows"] = []any{map[string]any{"id": list[at]}}
		}
		if at+1 < len(list) {
			if len(parts) == 3 {
				w.Header().Set("Link", fmt.Sprintf(`</sold/%s/linked?after=%d>; rel="next"`, parts[1], at+1))
			} else {
				page["next"] = fmt.Sprint(at + 1)
			}
		}
		answer(200, page)
	case parts[0] == "locks" && r.Method == "POST":
		var asked struct{ Token string }
		_ = json.Unmarshal([]byte(body), &asked)
		if len(asked.Token) != 36 {
			s.fault(w, "a lock with the token %q", asked.Token)
			return
		}
		if s.locks[parts[1]] != "" {
			answer(423, map[string]any{})
			return
		}
		s.locks[parts[1]] = asked.Token
		answer(200, map[string]any{})
	case parts[0] == "locks" && r.Method == "DELETE":
		if s.locks[parts[1]] != r.Header.Get("X-Lock") {
			s.fault(w, "an unlock with %q, held with %q", r.Header.Get("X-Lock"), s.locks[parts[1]])
			return
		}
		s.locks[parts[1]] = ""
		answer(200, map[string]any{})
	default:
		s.fault(w, "%s %s", r.Method, r.URL)
	}
}

const shopScenario = `
name = "shop"
[target]
url = "http://127.0.0.1:8080"
headers = { X-CSRFToken = "{cookie.csrftoken}", X-Member = "{member}" }

[target.sign]
kind = "hmac"
key = "shop"
secret = { env = "SHOP_KEY" }
text = "{method}\n{target}\n{date}"
value = "{key}:{signature}"
header = "X-Signature"
date_header = "X-Date"
encoding = "hex"

[[target.identity]]
vars = { user = "ada" }

[[target.login.step]]
request = "GET /login"
capture = { csrf = "input:csrf" }
[target.login]
request = "POST /login"
form = { user = "{user}", password = { env = "SHOP_PASSWORD" }, csrf = "{csrf}" }
follow = true
token = "cookie:csrftoken"

[target.join]
request = "POST /members"
capture = { member = "json:member" }

[target.setup]
request = "PUT /items/{key}"

[target.lock]
request = "POST /locks/{key}"
choose = "{uuid}"
body = { token = "{lock}" }
[target.unlock]
request = "DELETE /locks/{key}"
headers = { X-Lock = "{lock}" }

[[operation]]
name = "order"
[[operation.step]]
request = "POST /orders"
multipart = { id = "{uuid}", item = "{key}", count = 1, unset = "{read.body}", note = { file = "note.txt", content = "for {key}" } }
capture = { job = "json:job", polls = "json:polls" }
[[operation.step]]
request = "GET /jobs/{job}"
until = "json:state == done"
every = "1ms"
within = "5s"
[[operation.step]]
request = "PATCH /confirm/{job}"
headers = { Content-Type = "application/json-patch+json" }
body = [{ op = "replace", path = "/seen", value = "{polls + 2}" }]
follow = true
expect = "json:thanks == true"
[[operation.outcome]]
json = { path = "state", equals = "refused" }
class = "rejected"
action = "never"

[[observe]]
name = "sold"
request = "GET /sold/{key}"
query = { after = "{next}" }
next = "json:next"
items = "json:rows"
capture = { id = "json:id" }
[[observe]]
name = "linked"
request = "GET /sold/{key}/linked"
items = "json:rows"
capture = { id = "json:id" }

[[invariant]]
name = "sold-once"
expr = "accepted('order') <= 1 && sold == accepted('order') && linked == sold && unique(sold.id)"

[workload]
keys = 30
[load]
clients = 6
duration = "300ms"
repeat = 1

[[strategy]]
name = "as-it-is"
locking = "server-side"
[[strategy]]
name = "locked"
locking = "pessimistic"
promises = ["sold-once"]
`

// Forms, cookies, tokens against forged requests, signatures, polling,
// redirects, patches, pages and locks of the client's own naming: a sound shop
// that insists on all of them has no finding, and nothing was said wrongly; the
// same shop with a race has one, unless clients lock.
func TestProtocolsOfWebSites(t *testing.T) {
	t.Setenv("SHOP_KEY", "the-signing-key")
	t.Setenv("SHOP_PASSWORD", "pa ss&word")
	for _, racy := range []bool{false, true} {
		s := &shop{racy: racy, sessions: map[string]string{}, members: map[string]bool{}, stock: map[string]int{}, sold: map[string][]string{}, locks: map[string]string{}, jobs: map[string]string{}}
		server := httptest.NewServer(s)
		dir := t.TempDir()
		inFile(t, filepath.Join(dir, "shop.toml"), shopScenario)
		code, out := tussleIn(t, dir, nil, "run", "shop.toml", "-o", "out", "--set", "target.url="+server.URL, "--set", "load.duration=500ms")
		server.Close()
		for _, why := range s.wrong {
			t.Errorf("racy=%v: the shop was told: %s", racy, why)
			break
		}
		want := exitOK
		if racy {
			want = exitFail
		}
		if code != want {
			t.Fatalf("racy=%v: exit %d, want %d\n%s", racy, code, want, out)
		}
		if racy {
			if !strings.Contains(out, "as-it-is broke its promise of sold-once") || strings.Contains(out, "locked broke") {
				t.Errorf("the race was found elsewhere:\n%s", out)
			}
			html, _ := os.ReadFile(filepath.Join(dir, "out", "report.html"))
			for _, want := range []string{"application/json-patch+json", "$COOKIE", "# to be signed: hmac"} {
				if !strings.Contains(string(html), want) {
					t.Errorf("the report has no %q", want)
				}
			}
			if strings.Contains(string(html), "csrf-user-") || strings.Contains(string(html), "pa ss") {
				t.Error("the report tells secrets")
			}
		}
	}
}

// A strategy carries an operation out in steps of its own: the same counter,
// added to by the server, by a checked write and blindly, in one run. Only the
// blind form loses, and it is told by the same invariant.
func TestFormsOfOneIntentInOneRun(t *testing.T) {
	var mu sync.Mutex
	values := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		key := strings.Split(r.URL.Path, "/")[1]
		version := fmt.Sprintf("\"v%d\"", values[key])
		switch {
		case r.Method == "GET":
		case r.Method == "POST":
			values[key]++
		case r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != version:
			w.WriteHeader(412)
			return
		default:
			_ = r.ParseForm()
			n := 0
			_, _ = fmt.Sscan(r.PostForm.Get("n"), &n)
			values[key] = n
		}
		w.Header().Set("ETag", fmt.Sprintf("\"v%d\"", values[key]))
		fmt.Fprintf(w, `{"n": %d}`, values[key])
	}))
	defer server.Close()
	dir := t.TempDir()
	const reads = `
[[strategy.operation.step]]
request = "GET /{key}"
version = "header:ETag"
capture = { had = "json:n" }
[[strategy.operation.step]]
request = "PUT /{key}"
think = "1ms"
headers = { If-Match = "{version}" }
form = { n = "{had + 1}" }
`
	inFile(t, filepath.Join(dir, "count.toml"), `
name = "count"
[target]
url = "`+server.URL+`"
[[operation]]
name = "add"
[[operation.step]]
request = "POST /{key}"
[[observe]]
name = "seen"
request = "GET /{key}"
capture = { n = "json:n" }
[[invariant]]
name = "counts"
expr = "seen.n == accepted('add')"
[workload]
keys = 4
[load]
clients = 4
duration = "200ms"
repeat = 1
[[strategy]]
name = "server"
locking = "server-side"
[[strategy]]
name = "checked"
locking = "optimistic"
[[strategy.operation]]
name = "add"
`+reads+`
[[strategy]]
name = "blind"
locking = "none"
promises = ["counts"]
[[strategy.operation]]
name = "add"
`+reads)
	code, out := tussleIn(t, dir, nil, "run", "count.toml", "-o", "out")
	if code != exitFail || !strings.Contains(out, "blind broke its promise of counts") || strings.Contains(out, "server broke") || strings.Contains(out, "checked broke") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
