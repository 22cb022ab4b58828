package sound

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"
)

// opaque is a text without order, different for each number.
func opaque(rev int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(rev))
	sum := sha256.Sum256(b[:])
	return sum[:]
}

// tagged makes a documents server whose states have other names.
func tagged(etag func(d doc) string) func(bool) http.Handler {
	return func(broken bool) http.Handler {
		s := newDocuments(broken)
		s.etag = etag
		return s
	}
}

var names = []Server{
	{Name: "decimal-hash", Tempts: "digits that go up and down", Breaks: "no-lost-update", Scenario: describe("decimal-hash"),
		New: tagged(func(d doc) string { return `"` + new(big.Int).SetBytes(opaque(d.rev)[:7]).String() + `"` })},
	{Name: "high-bytes", Tempts: "tags of bytes beyond ASCII, which are no UTF-8", Breaks: "no-lost-update", Scenario: describe("high-bytes"),
		New: tagged(func(d doc) string {
			b := opaque(d.rev)[:6]
			for i := range b {
				b[i] |= 0x80
			}
			return `"` + string(b) + `"`
		})},
	{Name: "long-tags", Tempts: "tags of 900 characters that differ at the end", Breaks: "no-lost-update", Scenario: describe("long-tags"),
		New: tagged(func(d doc) string { return fmt.Sprintf(`"%s%d"`, strings.Repeat("a", 900), d.rev) })},
	{Name: "tags-with-commas", Tempts: "commas, spaces and backslashes within the quotes", Breaks: "no-lost-update", Scenario: describe("tags-with-commas"),
		New: tagged(func(d doc) string { return fmt.Sprintf(`"a, W/b\ %d;c=,"`, d.rev) })},
	{Name: "weak-tags", Tempts: "weak tags, compared weakly", Breaks: "no-lost-update", Scenario: describe("weak-tags"),
		New: tagged(func(d doc) string { return fmt.Sprintf(`W/"%d"`, d.rev) })},
	{Name: "content-hash", Tempts: "the same content has the same tag", Breaks: "no-lost-update", Scenario: describe("content-hash"),
		New: tagged(func(d doc) string {
			sum := sha256.Sum256([]byte(jsonText(d.fields)))
			return `"` + hex.EncodeToString(sum[:8]) + `"`
		})},
	{Name: "unquoted", Tempts: "a tag without quotes", Breaks: "no-lost-update", Scenario: describe("unquoted"),
		New: tagged(func(d doc) string { return fmt.Sprintf("rev-%d", d.rev) })},
	{Name: "big-versions", Tempts: "versions in the body beyond what a float holds", Breaks: "no-lost-update",
		Scenario: describe("big-versions", `"header:ETag"`, `"json:version"`, `headers = { If-Match = "{version}" }`, `query = { version = "{version}" }`),
		New: func(broken bool) http.Handler {
			return versioned(broken, func(d doc) any { return 9007199254740992 + d.rev })
		}},
	{Name: "instants", Tempts: "versions that are instants of nanoseconds", Breaks: "no-lost-update",
		Scenario: describe("instants", `"header:ETag"`, `"json:version"`, `headers = { If-Match = "{version}" }`, `query = { version = "{version}" }`),
		New: func(broken bool) http.Handler {
			epoch := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			return versioned(broken, func(d doc) any { return epoch.Add(time.Duration(d.rev)).Format(time.RFC3339Nano) })
		}},
}

// versioned has its version in the body of a read and takes it in the query.
func versioned(broken bool, version func(doc) any) http.Handler {
	s := newDocuments(broken)
	s.etag = func(d doc) string { return "" }
	s.render = func(d doc) reply {
		return reply{status: 200, body: jsonText(merged(d, map[string]any{"version": version(d)}))}
	}
	s.wrote = func(d doc, _ string) reply { return s.render(d) }
	s.stale = reply{status: 409, body: `{"error":"edit conflict"}`}
	s.match = func(sent string, d doc, _ string) bool { return sent == fmt.Sprint(version(d)) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := r.URL.Query().Get("version"); v != "" {
			r.Header.Set("If-Match", v)
		}
		s.ServeHTTP(w, r)
	})
}
