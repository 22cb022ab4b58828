package intake

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// postmanItem is a folder or a request of a collection
// (https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html).
type postmanItem struct {
	Name     string          `json:"name"`
	Item     []postmanItem   `json:"item"`
	Request  json.RawMessage `json:"request"`
	Response []struct {
		Code   int    `json:"code"`
		Header []pair `json:"header"`
		Body   string `json:"body"`
	} `json:"response"`
}

type postmanRequest struct {
	Method string          `json:"method"`
	URL    json.RawMessage `json:"url"`
	Header []pair          `json:"header"`
	Auth   *postmanAuth    `json:"auth"`
	Body   *struct {
		Mode       string `json:"mode"`
		Raw        string `json:"raw"`
		URLEncoded []pair `json:"urlencoded"`
	} `json:"body"`
}

type postmanAuth struct {
	Type string `json:"type"`
}

func readPostman(name string, text []byte) (*Source, error) {
	type collection struct {
		Item     []postmanItem `json:"item"`
		Variable []pair        `json:"variable"`
		Auth     *postmanAuth  `json:"auth"`
	}
	var f struct {
		collection
		Collection *collection `json:"collection"` // as the API of Postman wraps it
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, failed("export it as Collection v2.1", "%s is no Postman collection: %v", name, err)
	}
	if f.Collection != nil {
		f.collection = *f.Collection
	}
	p := &postman{name: name, vars: map[string]string{}, source: &Source{Format: "Postman collection"}, auth: f.Auth}
	for _, v := range f.Variable {
		p.vars[v.Name+v.Key] = v.Value
	}
	p.items(f.Item, 0)
	p.source.keepBusiestHost()
	return p.source, nil
}

type postman struct {
	name   string
	vars   map[string]string
	auth   *postmanAuth
	source *Source
}

func (p *postman) items(items []postmanItem, depth int) {
	for _, it := range items {
		if depth < 32 {
			p.items(it.Item, depth+1)
		}
		if len(it.Request) == 0 {
			continue
		}
		var r postmanRequest
		if json.Unmarshal(it.Request, &r) != nil {
			var line string // v2.0 allows a bare URL
			if json.Unmarshal(it.Request, &line) != nil {
				continue
			}
			r.Method, r.URL = "GET", it.Request
		}
		if x, ok := p.exchange(it, r); ok {
			p.source.Exchanges = append(p.source.Exchanges, x)
		} else {
			p.source.Notes = append(p.source.Notes, fmt.Sprintf("the address of %q cannot be read", it.Name))
		}
	}
}

func (p *postman) exchange(it postmanItem, r postmanRequest) (Exchange, bool) {
	var raw string
	if json.Unmarshal(r.URL, &raw) != nil {
		var parts struct {
			Raw string `json:"raw"`
		}
		if json.Unmarshal(r.URL, &parts) != nil {
			return Exchange{}, false
		}
		raw = parts.Raw
	}
	u, described, ok := p.address(raw)
	if !ok {
		return Exchange{}, false
	}
	x := Exchange{Method: strings.ToUpper(r.Method), URL: u, Header: headers(r.Header), Described: described, Where: fmt.Sprintf("%s, %q", p.name, it.Name)}
	for name, values := range x.Header {
		for i, v := range values {
			x.Header[name][i] = p.fill(v)
		}
	}
	auth := r.Auth
	if auth == nil {
		auth = p.auth
	}
	if auth != nil && x.Header.Get("Authorization") == "" {
		switch auth.Type {
		case "bearer", "oauth2", "jwt":
			x.Header.Set("Authorization", "Bearer ?")
		case "basic":
			x.Header.Set("Authorization", "Basic ?")
		case "apikey":
			x.Header.Set("X-API-Key", "?")
		}
	}
	if r.Body != nil {
		x.Body = p.fill(r.Body.Raw)
		if r.Body.Mode == "urlencoded" {
			form := url.Values{}
			for _, q := range r.Body.URLEncoded {
				form.Add(q.Key, p.fill(q.Value))
			}
			x.Body = form.Encode()
		}
	}
	for _, a := range it.Response {
		if a.Code/100 == 2 || x.Status == 0 {
			x.Status, x.AnswerHeader, x.Answer = a.Code, headers(a.Header), a.Body
		}
	}
	return x, true
}

var (
	postmanVar = regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	pathParam  = regexp.MustCompile(`/:([A-Za-z_][\w-]*)`)
)

func (p *postman) fill(text string) string {
	return postmanVar.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := p.vars[m[2:len(m)-2]]; ok {
			return v
		}
		return m
	})
}

// address is a URL with the collection's variables filled in. What is left of
// variables in the path, and :names, are places of ids.
func (p *postman) address(raw string) (*url.URL, bool, bool) {
	raw = p.fill(raw)
	if m := postmanVar.FindString(raw); m != "" && strings.HasPrefix(raw, m) {
		raw = "http://127.0.0.1:8080" + strings.TrimPrefix(raw, m) // {{baseUrl}} of an environment
	}
	raw = postmanVar.ReplaceAllString(raw, "{$1}")
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, false, false
	}
	path := pathParam.ReplaceAllString(u.Path, "/{$1}")
	described := strings.Contains(path, "{")
	u.Path, u.RawPath = path, ""
	return u, described, true
}
