package intake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// masked stands for a secret in a recording that is written.
const masked = "***"

// WriteHAR writes a recording for other tools and for tussle init --har, with
// secrets masked: credentials in headers, and fields of JSON and form bodies
// that are called like secrets.
func (s *Source) WriteHAR(w io.Writer) error {
	type named struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	list := func(h http.Header) []named {
		out := []named{}
		for _, name := range sortedHeaders(h) {
			for _, v := range h[name] {
				if secretHeader(name) {
					v = maskHeader(name, v)
				}
				out = append(out, named{name, v})
			}
		}
		return out
	}
	entries := []any{}
	for i := range s.Exchanges {
		x := &s.Exchanges[i]
		request := map[string]any{"method": x.Method, "url": x.URL.String(), "httpVersion": "HTTP/1.1", "headers": list(x.Header), "queryString": []any{},
			"cookies": []any{}, "headersSize": -1, "bodySize": len(x.Body)}
		if x.Body != "" {
			request["postData"] = map[string]any{"mimeType": x.Header.Get("Content-Type"), "text": maskBody(x.Header.Get("Content-Type"), x.Body)}
		}
		entries = append(entries, map[string]any{
			"startedDateTime": "1970-01-01T00:00:00Z", "time": 0, "cache": map[string]any{}, "timings": map[string]any{"send": 0, "wait": 0, "receive": 0},
			"request": request,
			"response": map[string]any{"status": x.Status, "statusText": http.StatusText(x.Status), "httpVersion": "HTTP/1.1", "headers": list(x.AnswerHeader),
				"cookies": []any{}, "redirectURL": "", "headersSize": -1, "bodySize": len(x.Answer),
				"content": map[string]any{"size": len(x.Answer), "mimeType": x.AnswerHeader.Get("Content-Type"), "text": maskBody(x.AnswerHeader.Get("Content-Type"), x.Answer)}},
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	if err := e.Encode(map[string]any{"log": map[string]any{"version": "1.2", "creator": map[string]string{"name": "tussle", "version": "1"}, "entries": entries}}); err != nil {
		return fmt.Errorf("writing the recording: %w", err)
	}
	return nil
}

// maskHeader leaves the scheme of an Authorization, which is no secret.
func maskHeader(name, value string) string {
	if scheme, _, ok := strings.Cut(value, " "); ok && strings.EqualFold(name, "Authorization") {
		return scheme + " " + masked
	}
	return masked
}

// maskBody blanks what is called like a secret.
func maskBody(kind, text string) string {
	x := &Exchange{Header: http.Header{"Content-Type": {kind}}, Body: text}
	if v, ok := parse(text); ok {
		if out, err := json.Marshal(maskValue(v)); err == nil && changed(v) {
			return string(out)
		}
		return text
	}
	if isForm(x) {
		for _, l := range bodyLeaves(x) {
			if secretField(l.name()) {
				return masked
			}
		}
	}
	if !utf8.ValidString(text) {
		return ""
	}
	return text
}

// changed tells whether a document holds anything that is called like a
// secret; others are kept as they were written.
func changed(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if secretField(k) || changed(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if changed(inner) {
				return true
			}
		}
	}
	return false
}

func maskValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			if secretField(k) {
				out[k] = masked
			} else {
				out[k] = maskValue(inner)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = maskValue(inner)
		}
		return out
	}
	return v
}
