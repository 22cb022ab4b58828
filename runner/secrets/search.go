package secrets

import (
	"cmp"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// needle is one text to look for.
type needle struct {
	text string
	name string
	wide bool // base64: the characters beside it hold bits of it too
	part bool // of a secret, which is one only where parts are asked for
}

// span is where something was found, in bytes.
type span struct {
	from, to int
	name     string
}

// index finds many needles in one pass: a bit for a hash of the first four
// bytes decides most often.
type index struct {
	bits [1 << 16 / 64]uint64
	by   map[uint32][]needle // by their first four bytes
}

// head is the first four bytes of s from i on, as a number and a bit's place.
func head(s string, i int) (key, word uint32, bit uint64) {
	_ = s[i+3]
	key = uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
	h := key * 0x9e3779b1 >> 16 // multiplicative hashing, Knuth, TAOCP 3, 6.4
	return key, h >> 6, 1 << (h & 63)
}

func (x *index) add(n needle) {
	if len(n.text) < shortest {
		return
	}
	key, word, bit := head(n.text, 0)
	x.bits[word] |= bit
	for _, have := range x.by[key] {
		if have.text == n.text && have.part == n.part {
			return
		}
	}
	if x.by == nil {
		x.by = map[uint32][]needle{}
	}
	x.by[key] = append(x.by[key], n)
}

// search returns every place of every needle, in no order; with parts those
// of parts too.
func (x *index) search(s string, parts bool) (found []span) {
	for i := 0; i+shortest <= len(s); i++ {
		key, word, bit := head(s, i)
		if x.bits[word]&bit == 0 {
			continue
		}
		for _, n := range x.by[key] {
			if n.part && !parts || !strings.HasPrefix(s[i:], n.text) {
				continue
			}
			f := span{i, i + len(n.text), n.name}
			if n.wide {
				if f.from > 0 && base64Byte(s[f.from-1]) {
					f.from--
				}
				if f.to < len(s) && base64Byte(s[f.to]) {
					f.to++
				}
			}
			found = append(found, f)
		}
	}
	return found
}

func base64Byte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("+/-_", b) >= 0
}

// layers is how many codings on top of each other are undone: JSON in JSON, in
// a URL.
const layers = 3

// find returns where s holds secrets, in no order.
func (t *table) find(s string, parts bool) []span {
	found := t.needles.search(s, parts)
	if escaped(s) {
		text, at := s, []int(nil)
		for range layers {
			var changed bool
			if text, at, changed = unfold(text, at); !changed {
				break
			}
			for _, f := range t.needles.search(text, parts) {
				to := f.to
				for to < len(text) && at[to] == at[to-1] {
					to++ // the rest of what one escape stands for
				}
				found = append(found, span{at[f.from], at[to], f.name})
			}
		}
	}
	return found
}

// clean sorts what was found, joins what overlaps, and leaves out what stands
// in for secrets already.
func (t *table) clean(s string, found []span) []span {
	if len(found) == 0 {
		return nil
	}
	return slices.DeleteFunc(merged(found), func(f span) bool {
		open := strings.LastIndexByte(s[:f.from], '<')
		if open < 0 {
			return false
		}
		for _, name := range t.names {
			rest, ok := strings.CutPrefix(s[open+1:], name)
			if !ok || f.to > open+1+len(name) {
				continue
			}
			if strings.HasPrefix(rest, ">") || len(rest) > hashLength+1 && rest[0] == '~' && rest[hashLength+1] == '>' {
				return true
			}
		}
		return false
	})
}

// merged sorts what was found and joins what overlaps, under the name of what
// begins first.
func merged(found []span) []span {
	slices.SortFunc(found, func(a, b span) int {
		return cmp.Or(a.from-b.from, b.to-a.to, strings.Compare(a.name, b.name))
	})
	out := found[:0]
	for _, f := range found {
		if n := len(out); n > 0 && f.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, f.to)
			continue
		}
		out = append(out, f)
	}
	return out
}

// unfold undoes the escapes of URLs, JSON, JavaScript, HTML and XML, whatever
// stands where: %2F, \u002f, \/, \x2f, &#47;, &amp;. at says where each byte
// of s came from, nil when s is the source; the result has one more, for the end.
func unfold(s string, at []int) (text string, from []int, changed bool) {
	if !escaped(s) {
		return s, at, false
	}
	place := func(i int) int {
		if at == nil {
			return i
		}
		return at[i]
	}
	var b []byte
	for i := 0; i < len(s); {
		unit, n := escape(s[i:])
		if n == 0 {
			b, from = append(b, s[i]), append(from, place(i))
			i++
			continue
		}
		changed = true
		for range len(unit) {
			from = append(from, place(i))
		}
		b = append(b, unit...)
		i += n
	}
	return string(b), append(from, place(len(s))), changed
}

// escaped reports whether s may hold an escape.
func escaped(s string) bool {
	return strings.IndexByte(s, '%') >= 0 || strings.IndexByte(s, '\\') >= 0 || strings.IndexByte(s, '&') >= 0
}

// escape reads one escape at the start of s; n is its length, 0 when there is none.
func escape(s string) (unit string, n int) {
	switch {
	case len(s) < 2:
	case s[0] == '%':
		return hexByte(s, 1)
	case s[0] == '\\' && s[1] == 'x':
		return hexByte(s, 2)
	case s[0] == '\\' && s[1] == 'u':
		return unicodeEscape(s)
	case s[0] == '\\':
		if i := strings.IndexByte(`"\/bfnrt'`, s[1]); i >= 0 {
			return "\"\\/\b\f\n\r\t'"[i : i+1], 2
		}
	case s[0] == '&':
		if end := strings.IndexByte(s[:min(len(s), 12)], ';'); end > 0 {
			if unit = html.UnescapeString(s[:end+1]); unit != s[:end+1] {
				return unit, end + 1
			}
		}
	}
	return "", 0
}

func hexByte(s string, from int) (string, int) {
	if len(s) < from+2 {
		return "", 0
	}
	v, err := strconv.ParseUint(s[from:from+2], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(v)}), from + 2
}

func unicodeEscape(s string) (string, int) {
	one := func(s string) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		v, err := strconv.ParseUint(s[2:6], 16, 16)
		return rune(v), err == nil
	}
	r, ok := one(s)
	if !ok {
		return "", 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := one(s[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return string(pair), 12
			}
		}
	}
	return string(r), 6
}
