package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tussle/scenarios"
)

// sharedKey is the Shared Key of Azure Storage for blobs, queues and files
// (learn.microsoft.com, "Authorize with Shared Key", version 2015-02-21 on).
type sharedKey struct {
	account string
	key     []byte
}

func newSharedKey(t scenarios.Sign, _ Base, text func(scenarios.Text) string) (Signer, error) {
	key, err := base64.StdEncoding.DecodeString(text(t.Secret))
	if err != nil || len(key) == 0 {
		err = errors.New("the secret is no base64, as the keys of Azure accounts are")
	}
	return &sharedKey{t.Account, key}, errors.Join(needed("account", t.Account), err)
}

func (s *sharedKey) Sign(r Request, now time.Time) error {
	r.SetHeader("X-Ms-Date", []byte(now.UTC().Format(http.TimeFormat)))
	text, err := s.text(r)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	r.SetHeader("Authorization", []byte("SharedKey "+s.account+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil))))
	return nil
}

// text is what is signed.
func (s *sharedKey) text(r Request) (string, error) {
	length := ""
	if n := len(r.Body()); n > 0 {
		length = strconv.Itoa(n)
	}
	lines := []string{r.Method()}
	for _, name := range []string{"Content-Encoding", "Content-Language", "", "Content-Md5", "Content-Type", "Date",
		"If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"} {
		value := length
		if name != "" {
			value = string(r.Header(name))
		}
		lines = append(lines, value)
	}
	own := map[string]string{}
	r.EachHeader(func(name, value []byte) {
		if n := strings.ToLower(string(name)); strings.HasPrefix(n, "x-ms-") {
			own[n] = strings.TrimSpace(string(value))
		}
	})
	for _, name := range slices.Sorted(maps.Keys(own)) {
		lines = append(lines, name+":"+own[name])
	}
	at, err := url.ParseRequestURI(string(r.Target()))
	if err != nil {
		return "", fmt.Errorf("the request target: %w", err)
	}
	resource := "/" + s.account + at.EscapedPath()
	query := map[string][]string{}
	for name, values := range at.Query() {
		query[strings.ToLower(name)] = append(query[strings.ToLower(name)], values...)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		slices.Sort(query[name])
		resource += "\n" + name + ":" + strings.Join(query[name], ",")
	}
	return strings.Join(append(lines, resource), "\n"), nil
}
