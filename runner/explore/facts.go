package explore

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// bounds of what is kept of a body.
const (
	maxFacts = 400
	maxText  = 400
)

// facts takes a body apart: by JSON pointer where it is JSON (RFC 6901), as
// one text otherwise. Names in keys are put as {key}, so that the same request
// on another key gives the same facts; mask hides secrets.
func facts(body []byte, keys []string, mask func(string) string) map[string]string {
	out := map[string]string{}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return out
	}
	clean := func(s string) string { return short(mask(unnamed(s, keys))) }
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.Decode(new(any)) != io.EOF {
		out["body"] = clean(string(body))
		return out
	}
	flatten(out, "", v, clean)
	return out
}

func flatten(out map[string]string, path string, v any, clean func(string) string) {
	if len(out) >= maxFacts {
		out["more"] = "there is more than is compared"
		return
	}
	put := func(s string) {
		if path == "" {
			path = "/"
		}
		out[path] = s
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			put("{}")
		}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sortTexts(names)
		for _, name := range names {
			flatten(out, path+"/"+clean(strings.NewReplacer("~", "~0", "/", "~1").Replace(name)), v[name], clean)
		}
	case []any:
		if len(v) == 0 {
			put("[]")
		}
		for i, item := range v {
			flatten(out, path+"/"+strconv.Itoa(i), item, clean)
		}
	case string:
		put(clean(v))
	case json.Number:
		put(clean(v.String()))
	case bool:
		put(strconv.FormatBool(v))
	case nil:
		put("null")
	}
}

// unnamed replaces the keys of this order. A short key is replaced only where
// it is the whole text: a number such as 7 may stand for anything.
func unnamed(s string, keys []string) string {
	for i, key := range keys {
		name := "{key}"
		if i > 0 {
			name = "{key" + strconv.Itoa(i+1) + "}"
		}
		switch {
		case key == "":
		case s == key:
			return name
		case len(key) >= 8:
			s = strings.ReplaceAll(s, key, name)
		}
	}
	return s
}

// short keeps a text of bounded length that still differs when the whole does.
func short(s string) string {
	if len(s) <= maxText {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return strings.ToValidUTF8(s[:maxText-40], "") + "... (" + strconv.Itoa(len(s)) + " bytes, " + hex.EncodeToString(sum[:8]) + ")"
}
