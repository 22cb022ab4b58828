package intake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// readOpenAPI turns each operation of a document into an exchange whose
// values are made up from its schemas. References to other files or addresses
// are refused: nothing is fetched.
func readOpenAPI(name string, text []byte) (*Source, error) {
	doc, version, err := loadOpenAPI(text)
	if err != nil {
		hint := "mend it, or give the part of it that has the resource"
		if strings.Contains(err.Error(), "external reference") {
			hint = "bundle it into one file first: references to other files and addresses are not followed"
		}
		return nil, failed(hint, "%s cannot be read: %s", name, firstLine(err.Error()))
	}
	s := &Source{Format: version, Base: server(doc)}
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for method, op := range item.Operations() {
			o := &described{doc: doc, params: append(append(openapi3.Parameters{}, item.Parameters...), op.Parameters...)}
			if x, ok := o.exchange(s.Base, method, path, op); ok {
				x.Where = fmt.Sprintf("%s, %s %s", name, method, path)
				s.Exchanges = append(s.Exchanges, x)
			}
		}
	}
	return s, nil
}

func loadOpenAPI(text []byte) (*openapi3.T, string, error) {
	loader := openapi3.NewLoader() // external references stay forbidden
	var head struct {
		OpenAPI string `yaml:"openapi"`
		Swagger string `yaml:"swagger"`
	}
	if err := yaml.Unmarshal(text, &head); err != nil {
		return nil, "", err
	}
	if head.Swagger == "" {
		doc, err := loader.LoadFromData(text)
		return doc, "OpenAPI " + head.OpenAPI, err
	}
	var tree any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, "", err
	}
	plain, err := json.Marshal(textKeys(tree))
	if err != nil {
		return nil, "", err
	}
	var old openapi2.T
	if err := json.Unmarshal(plain, &old); err != nil {
		return nil, "", err
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		return nil, "", err
	}
	return doc, "Swagger " + head.Swagger, loader.ResolveRefsIn(doc, nil)
}

// textKeys makes the keys of YAML's tables texts, as statuses are numbers.
func textKeys(v any) any {
	switch v := v.(type) {
	case map[any]any:
		out := map[string]any{}
		for k, inner := range v {
			out[fmt.Sprint(k)] = textKeys(inner)
		}
		return out
	case map[string]any:
		for k, inner := range v {
			v[k] = textKeys(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = textKeys(inner)
		}
	}
	return v
}

func server(doc *openapi3.T) string {
	const unsaid = "http://127.0.0.1:8080"
	if len(doc.Servers) == 0 {
		return unsaid
	}
	base := doc.Servers[0].URL
	for name, v := range doc.Servers[0].Variables {
		base = strings.ReplaceAll(base, "{"+name+"}", v.Default)
	}
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return unsaid
	case u.Host == "":
		return unsaid + "/" + strings.Trim(u.Path, "/")
	}
	return strings.TrimRight(base, "/")
}

// described makes one exchange of an operation.
type described struct {
	doc    *openapi3.T
	params openapi3.Parameters
}

func (d *described) exchange(base, method, path string, op *openapi3.Operation) (Exchange, bool) {
	u, err := url.Parse(base)
	if err != nil {
		return Exchange{}, false
	}
	u.Path = strings.TrimRight(u.Path, "/") + path
	x := Exchange{Method: method, URL: u, Header: http.Header{}, AnswerHeader: http.Header{}, Described: true, Examples: true}
	query := url.Values{}
	for _, p := range d.params {
		if p.Value == nil {
			continue
		}
		switch {
		case p.Value.In == "header" && (p.Value.Required || strings.HasPrefix(strings.ToLower(p.Value.Name), "if-")):
			x.Header.Set(p.Value.Name, "?")
		case p.Value.In == "query" && p.Value.Required:
			query.Set(p.Value.Name, fmt.Sprint(example(p.Value.Schema, "")))
		}
	}
	u.RawQuery = query.Encode()
	d.credentials(&x, op)
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		for _, kind := range []string{"application/json", "application/merge-patch+json", "application/x-www-form-urlencoded"} {
			if m := mediaType(op.RequestBody.Value.Content, kind); m != nil && x.Body == "" {
				x.Header.Set("Content-Type", kind)
				x.Body = exampleBody(kind, m, true)
			}
		}
	}
	if op.Responses != nil {
		for code, r := range op.Responses.Map() {
			status, _ := strconv.Atoi(code)
			switch {
			case r.Value == nil:
			case status/100 == 2 && (x.Status == 0 || status < x.Status):
				x.Status = status
				for name := range r.Value.Headers {
					x.AnswerHeader.Set(name, "/described")
				}
				if m := mediaType(r.Value.Content, "application/json"); m != nil {
					x.Answer = exampleBody("application/json", m, false)
				}
			}
		}
	}
	return x, true
}

func mediaType(c openapi3.Content, kind string) *openapi3.MediaType {
	for name, m := range c {
		base, _, _ := strings.Cut(name, ";")
		if base == kind || kind == "application/json" && (strings.HasSuffix(base, "+json") && base != "application/merge-patch+json" || base == "*/*") {
			return m
		}
	}
	return nil
}

// credentials puts a header where the operation's security asks for one.
func (d *described) credentials(x *Exchange, op *openapi3.Operation) {
	needs := d.doc.Security
	if op.Security != nil {
		needs = *op.Security
	}
	if len(needs) == 0 || d.doc.Components == nil {
		return
	}
	for name := range needs[0] {
		scheme := d.doc.Components.SecuritySchemes[name]
		if scheme == nil || scheme.Value == nil {
			continue
		}
		switch s := scheme.Value; {
		case s.Type == "apiKey" && s.In == "header":
			x.Header.Set(s.Name, "?")
		case s.Type == "apiKey" && s.In == "cookie":
			x.Header.Set("Cookie", s.Name+"=?")
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			x.Header.Set("Authorization", "Basic ?")
		case s.Type == "http", s.Type == "oauth2", s.Type == "openIdConnect":
			x.Header.Set("Authorization", "Bearer ?")
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}
