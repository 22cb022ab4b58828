package intake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// pair is a header or a parameter as HAR and Postman write it.
type pair struct {
	Name     string `json:"name"`
	Key      string `json:"key"`
	Value    string `json:"value"`
	Disabled bool   `json:"disabled"`
}

func headers(pairs []pair) http.Header {
	h := http.Header{}
	for _, p := range pairs {
		if name := p.Name + p.Key; !p.Disabled && name != "" && !strings.HasPrefix(name, ":") {
			h.Add(name, p.Value)
		}
	}
	return h
}

// harFile is what is read of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
type harFile struct {
	Log struct {
		Entries []struct {
			Request struct {
				Method   string `json:"method"`
				URL      string `json:"url"`
				Headers  []pair `json:"headers"`
				PostData *struct {
					MimeType string `json:"mimeType"`
					Text     string `json:"text"`
					Encoding string `json:"encoding"`
					Params   []pair `json:"params"`
				} `json:"postData"`
			} `json:"request"`
			Response struct {
				Status  int    `json:"status"`
				Headers []pair `json:"headers"`
				Content struct {
					Text     string `json:"text"`
					Encoding string `json:"encoding"`
				} `json:"content"`
			} `json:"response"`
		} `json:"entries"`
	} `json:"log"`
}

func readHAR(name string, text []byte) (*Source, error) {
	var f harFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, failed("save it again from the browser's network panel", "%s is no HAR: %v", name, err)
	}
	s := &Source{Format: "HAR"}
	skipped := 0
	for i, e := range f.Log.Entries {
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			skipped++
			continue
		}
		x := Exchange{
			Method: strings.ToUpper(e.Request.Method), URL: u, Header: headers(e.Request.Headers), Status: e.Response.Status,
			AnswerHeader: headers(e.Response.Headers), Answer: decoded(e.Response.Content.Text, e.Response.Content.Encoding),
			Where: fmt.Sprintf("%s, entry %d", name, i+1),
		}
		if p := e.Request.PostData; p != nil {
			x.Body = decoded(p.Text, p.Encoding)
			if x.Body == "" && len(p.Params) > 0 {
				form := url.Values{}
				for _, q := range p.Params {
					form.Add(q.Name, q.Value)
				}
				x.Body = form.Encode()
			}
			if x.Header.Get("Content-Type") == "" && p.MimeType != "" {
				x.Header.Set("Content-Type", p.MimeType)
			}
		}
		s.Exchanges = append(s.Exchanges, x)
	}
	if skipped > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("left out what is no request over http or https: %d of %d", skipped, len(f.Log.Entries)))
	}
	s.keepBusiestHost()
	return s, nil
}

func decoded(text, encoding string) string {
	if encoding != "base64" {
		return text
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(raw)
}

// keepBusiestHost leaves the requests to one service: the one that is written
// to most, as fonts, metrics and other sites are in a browser's file as well.
func (s *Source) keepBusiestHost() {
	writes := map[string]int{}
	for _, x := range s.Exchanges {
		host := x.URL.Scheme + "://" + x.URL.Host
		writes[host]++
		if changes(x.Method) {
			writes[host] += 1000
		}
	}
	for host, n := range writes {
		if s.Base == "" || n > writes[s.Base] || n == writes[s.Base] && host < s.Base {
			s.Base = host
		}
	}
	kept := s.Exchanges[:0]
	for _, x := range s.Exchanges {
		if x.URL.Scheme+"://"+x.URL.Host == s.Base {
			kept = append(kept, x)
		}
	}
	if n := len(s.Exchanges) - len(kept); n > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("left out what went to other hosts than %s: %d of %d", s.Base, n, len(s.Exchanges)))
	}
	s.Exchanges = kept
}

func changes(method string) bool {
	switch method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	return false
}

func isMethod(word string) bool {
	switch word {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}
