package talk

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/transport"
)

// Jar keeps a client's cookies and sends them where they belong (RFC 6265). Its
// nil value keeps none. On loopback what is only for TLS is sent without, as
// browsers do.
type Jar struct {
	in   *cookiejar.Jar
	base url.URL
	some bool
	set  []Cookies         // as they came, to be given to others
	last map[string]string // what each was set to last
}

// Cookies are those of one answer.
type Cookies struct {
	at   *url.URL
	list []*http.Cookie
}

// NewJar makes an empty jar for a target.
func NewJar(end *transport.Endpoint) *Jar {
	in, _ := cookiejar.New(nil) // never fails
	j := &Jar{in: in, base: *end.URL, last: map[string]string{}}
	if transport.Loopback(j.base.Hostname()) {
		j.base.Scheme = "https"
	}
	return j
}

// at is the URL of a request target.
func (j *Jar) at(target []byte) *url.URL {
	u := j.base
	path, query, _ := strings.Cut(string(target), "?")
	u.Path, u.RawQuery = path, query
	return &u
}

// Present adds the cookies to a request that states none.
func (j *Jar) Present(req *transport.Request) {
	if j == nil || !j.some || len(req.Header("Cookie")) > 0 {
		return
	}
	var text []string
	for _, c := range j.in.Cookies(j.at(req.Target())) {
		text = append(text, c.Name+"="+c.Value)
	}
	if text != nil {
		req.SetHeader("Cookie", []byte(strings.Join(text, "; ")))
	}
}

// Take keeps the cookies that an answer sets.
func (j *Jar) Take(target []byte, resp *transport.Response) {
	if j == nil {
		return
	}
	var list []*http.Cookie
	resp.EachCookie(func(line []byte) {
		if c, err := http.ParseSetCookie(string(line)); err == nil {
			list = append(list, c)
		}
	})
	if list != nil {
		j.add(Cookies{j.at(target), list})
	}
}

func (j *Jar) add(c Cookies) {
	j.some = true
	j.in.SetCookies(c.at, c.list)
	for _, one := range c.list {
		j.last[one.Name] = one.Value
	}
	if len(j.set) < 64 { // those of a login; a client gives none away
		j.set = append(j.set, c)
	}
}

// Give puts the cookies of another jar into this one.
func (j *Jar) Give(list []Cookies) {
	if j == nil {
		return
	}
	for _, c := range list {
		j.add(c)
	}
}

// Received are the cookies as they came.
func (j *Jar) Received() []Cookies {
	if j == nil {
		return nil
	}
	return slices.Clone(j.set)
}

// Fill sets those of the variables that are cookies.
func (j *Jar) Fill(v *dialect.Vars, names []string) {
	for _, name := range names {
		cookie, ok := strings.CutPrefix(name, wire.CookieVar)
		if !ok || j == nil || !j.some {
			continue
		}
		if value, ok := j.Latest(cookie); ok {
			v.SetNamed(name, dialect.Text{S: value})
		}
	}
}

// Latest is what a cookie was set to last, on whichever page.
func (j *Jar) Latest(name string) (value string, ok bool) {
	if j == nil {
		return "", false
	}
	value = j.last[name]
	return value, value != ""
}
