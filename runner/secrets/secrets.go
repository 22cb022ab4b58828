// Package secrets knows every secret value of a run and blanks it in any text
// that is about to be written: plain, URL-escaped, base64 and JSON-escaped.
package secrets

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
)

// shortest is the length below which a value is not masked: it would blank
// half of every text. The loader warns about such values.
const shortest = 4

// Registry holds secret values with the name that stands in for each.
type Registry struct {
	mu       sync.RWMutex
	names    map[string]string // form of a value -> what is written instead
	replacer *strings.Replacer
}

// Add registers a value under a name, such as the environment variable's.
func (r *Registry) Add(name, value string) {
	if len(value) < shortest {
		return
	}
	instead := "<" + name + ">"
	quoted, plain := jsonForms(value)
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value)),
		quoted, plain}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names == nil {
		r.names = map[string]string{}
	}
	for _, f := range forms {
		if _, known := r.names[f]; !known {
			r.names[f] = instead
		}
	}
	r.rebuild()
}

// Getenv looks a variable of the environment up and registers its value.
func (r *Registry) Getenv(name string) (value string, ok bool) {
	value, ok = os.LookupEnv(name)
	r.Add(name, value)
	return value, ok
}

// rebuild orders the forms longest first, so that no part of a longer secret
// is left behind by a shorter one.
func (r *Registry) rebuild() {
	forms := make([]string, 0, len(r.names))
	for f := range r.names {
		forms = append(forms, f)
	}
	sort.Slice(forms, func(i, j int) bool {
		if len(forms[i]) != len(forms[j]) {
			return len(forms[i]) > len(forms[j])
		}
		return forms[i] < forms[j]
	})
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, r.names[f])
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// Empty reports whether there is nothing to mask.
func (r *Registry) Empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.names) == 0
}

// Mask returns s with every secret blanked.
func (r *Registry) Mask(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// jsonForms returns the inside of value as a JSON string, with and without
// the HTML escapes that some encoders add.
func jsonForms(value string) (escaped, plain string) {
	for i, html := range []bool{true, false} {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(html)
		_ = enc.Encode(value) // a string always encodes
		text := strings.TrimSuffix(b.String(), "\n")
		if text = text[1 : len(text)-1]; i == 0 {
			escaped = text
		} else {
			plain = text
		}
	}
	return escaped, plain
}
