package sign

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/history/wire"
	"tussle/scenarios"
)

// keyed is a signature of a text that the scenario puts together.
type keyed struct {
	make         func() hash.Hash
	encode       func([]byte) string
	date         func(time.Time) string
	key          string // its name, which is no secret
	secret       []byte
	host         string
	text, value  wire.Template
	header, when string
}

var hashes = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

var dates = map[string]func(time.Time) string{
	"http":   func(t time.Time) string { return t.UTC().Format(http.TimeFormat) },
	"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"unix":   func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) },
	"millis": func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) },
}

func newHMAC(t scenarios.Sign, base Base, text func(scenarios.Text) string) (Signer, error) {
	k := &keyed{make: hashes[t.Algorithm], encode: base64.StdEncoding.EncodeToString, date: dates[t.Date], key: text(t.Key),
		secret: []byte(text(t.Secret)), host: base.Host, header: textproto.CanonicalMIMEHeaderKey(t.Header), when: textproto.CanonicalMIMEHeaderKey(t.DateHeader)}
	if t.Encoding == "hex" {
		k.encode = hex.EncodeToString
	}
	if k.make == nil || k.date == nil {
		return nil, fmt.Errorf("algorithm %q, date %q", t.Algorithm, t.Date)
	}
	var err1, err2 error
	k.text, err1 = wire.ParseTemplate(t.Text)
	k.value, err2 = wire.ParseTemplate(t.Value)
	return k, errors.Join(needed("secret", string(k.secret)), needed("text", t.Text), err1, err2)
}

func (k *keyed) Sign(r Request, now time.Time) error {
	date := k.date(now)
	r.SetHeader(k.when, []byte(date))
	path, query, _ := strings.Cut(string(r.Target()), "?")
	known := map[string]string{"method": r.Method(), "target": string(r.Target()), "path": path, "query": query, "host": k.host,
		"date": date, "key": k.key, "content_type": string(r.Header("Content-Type")), "body": string(r.Body())}
	text, err := fill(k.text, known, r)
	if err != nil {
		return err
	}
	mac := hmac.New(k.make, k.secret)
	mac.Write([]byte(text))
	known["signature"] = k.encode(mac.Sum(nil))
	value, err := fill(k.value, known, r)
	r.SetHeader(k.header, []byte(value))
	return err
}

// fill puts the request's parts into a template; {header.NAME} is a header of it.
func fill(t wire.Template, known map[string]string, r Request) (string, error) {
	var b strings.Builder
	for _, s := range t.Segments {
		if s.Var == "" {
			b.WriteString(s.Literal)
			continue
		}
		text, ok := known[s.Var]
		switch name, header := strings.CutPrefix(s.Var, "header."); {
		case header:
			text = string(r.Header(textproto.CanonicalMIMEHeaderKey(name)))
		case s.Var == "body_sha256":
			h := sha256.Sum256(r.Body())
			text = hex.EncodeToString(h[:])
		case s.Var == "body_md5":
			h := md5.Sum(r.Body())
			text = base64.StdEncoding.EncodeToString(h[:])
		case !ok:
			return "", fmt.Errorf("there is no {%s} to sign; there are %s", s.Var, strings.Join(scenarios.SignVariables, ", "))
		}
		if slices.Contains(s.Filters, "base64") {
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
