package dialect

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/tidwall/gjson"
)

// filter changes a value on its way into a request. It may use the scratch
// memory of v.
type filter func(t Text, v *Vars) (Text, error)

// filters lists what templates may apply; scenarios.Filters says what each
// one is for. "raw" is not among them: it changes the escaping.
var filters = map[string]filter{
	"base64":    func(t Text, v *Vars) (Text, error) { return v.encode(t, base64.StdEncoding), nil },
	"base64url": func(t Text, v *Vars) (Text, error) { return v.encode(t, base64.RawURLEncoding), nil },
	"json":      toJSON,
	"number":    toNumber,
	"text":      func(t Text, v *Vars) (Text, error) { return Text{S: t.S}, nil },
	"seconds":   func(t Text, v *Vars) (Text, error) { return v.duration(t, time.Second) },
	"ms":        func(t Text, v *Vars) (Text, error) { return v.duration(t, time.Millisecond) },
	"quote":     wrapped(`"`, `"`),
	"if":        wrapped("(<", ">)"),
	"coded":     wrapped("<", ">"),
	"unquote":   func(t Text, v *Vars) (Text, error) { return Text{S: unquote(t.S)}, nil },
	"strong":    func(t Text, v *Vars) (Text, error) { return Text{S: strong(t.S)}, nil },
}

// captured lists what captures may apply. They return false when the text
// has not the form that they undo.
var captured = map[string]func(s string) (string, bool){
	"base64": func(s string) (string, bool) {
		b, err := base64.StdEncoding.DecodeString(s)
		return string(b), err == nil
	},
	"base64url": func(s string) (string, bool) {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
		return string(b), err == nil
	},
	"unquote": func(s string) (string, bool) { return unquote(s), true },
	"strong":  func(s string) (string, bool) { return strong(s), true },
	"last":    lastSegment,
	"ms":      func(s string) (string, bool) { return s + "ms", isNumber(s) },
	"seconds": seconds,
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// seconds makes a duration of a number of seconds, also as a WebDAV Timeout
// writes it (RFC 4918, 10.7), of which the first one counts.
func seconds(s string) (string, bool) {
	first, _, _ := strings.Cut(s, ",")
	first = strings.TrimSpace(first)
	if first == "Infinite" {
		return first, true
	}
	first = strings.TrimPrefix(first, "Second-")
	return first + "s", isNumber(first)
}

// forGood is what a lock that does not expire is granted for.
const forGood = 100 * 365 * 24 * time.Hour

// granted is the time for which a lock was granted; false when the text does
// not say one.
func granted(s string) (time.Duration, bool) {
	if d, err := time.ParseDuration(s); err == nil {
		return min(d, forGood), d > 0
	}
	s, ok := seconds(s)
	if s == "Infinite" {
		return forGood, true
	}
	d, err := time.ParseDuration(s)
	return min(d, forGood), ok && err == nil && d > 0
}

// scratch makes a text in the client's scratch memory, valid until the next
// rendering.
func (v *Vars) scratch(add func([]byte) []byte) Text {
	from := len(v.tmp)
	v.tmp = add(v.tmp)
	return Text{S: view(v.tmp[from:])}
}

func (v *Vars) encode(t Text, enc *base64.Encoding) Text {
	return v.scratch(func(b []byte) []byte { return enc.AppendEncode(b, []byte(t.S)) })
}

func wrapped(open, end string) filter {
	return func(t Text, v *Vars) (Text, error) {
		return v.scratch(func(b []byte) []byte { return wrap(b, open, t.S, end) }), nil
	}
}

func toJSON(t Text, v *Vars) (Text, error) {
	if t.Raw {
		return t, nil
	}
	t = v.scratch(func(b []byte) []byte { return gjson.AppendJSONString(b, t.S) })
	t.Raw = true
	return t, nil
}

var errNumber = errors.New("is not a number")

func toNumber(t Text, v *Vars) (Text, error) {
	if t.S == "" || t.S[0] != '-' && (t.S[0] < '0' || t.S[0] > '9') || !gjson.Valid(t.S) {
		return t, errNumber
	}
	return Text{S: t.S, Raw: true}, nil
}

// duration writes a duration as a whole number of units, rounded up, so that
// a lock is never asked for shorter than meant.
func (v *Vars) duration(t Text, unit time.Duration) (Text, error) {
	d, err := time.ParseDuration(t.S)
	if err != nil {
		return t, fmt.Errorf("is %q, expected a duration such as \"30s\"", t.S)
	}
	n := int64(d / unit)
	if d%unit > 0 {
		n++
	}
	t = v.scratch(func(b []byte) []byte { return strconv.AppendInt(b, n, 10) })
	t.Raw = true
	return t, nil
}

// lastSegment is the last segment of the path of a URL, unescaped, as a
// Location names what was created.
func lastSegment(s string) (string, bool) {
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimRight(s, "/")
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	if s == "" {
		return "", false
	}
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	return unescape(s), true
}

// unescape undoes percent-encoding and leaves what is not well-formed as it is.
func unescape(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// view is the bytes as a string, without a copy: valid as long as the bytes
// are not changed.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
