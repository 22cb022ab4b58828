package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/tidwall/gjson"
)

// filter changes a value on its way into a request. It may use the scratch
// memory of v.
type filter func(t Text, v *Vars) (Text, error)

// filters lists what templates may apply, with what it does. "raw" changes the
// escaping and nothing else.
var filters = map[string]struct {
	what  string
	apply filter
}{
	"base64":    {"standard base64", func(t Text, v *Vars) (Text, error) { return v.encode(t, base64.StdEncoding), nil }},
	"base64url": {"base64 with the URL alphabet, without padding", func(t Text, v *Vars) (Text, error) { return v.encode(t, base64.RawURLEncoding), nil }},
	"json":      {"JSON text: a text gets quotes and escapes", toJSON},
	"number":    {"a JSON number, whatever it was captured from", toNumber},
	"text":      {"a JSON string, whatever it was captured from", func(t Text, v *Vars) (Text, error) { return Text{S: t.S}, nil }},
	"seconds":   {"a duration in whole seconds, rounded up", func(t Text, v *Vars) (Text, error) { return v.duration(t, time.Second) }},
	"ms":        {"a duration in milliseconds", func(t Text, v *Vars) (Text, error) { return v.duration(t, time.Millisecond) }},
	"quote":     {"in double quotes, as an entity tag", wrapped(`"`, `"`)},
	"unquote":   {"without W/ and the double quotes of an entity tag", func(t Text, v *Vars) (Text, error) { return Text{S: Unquote(t.S)}, nil }},
	"strong":    {"an entity tag without its weak mark W/", func(t Text, v *Vars) (Text, error) { return Text{S: Strong(t.S)}, nil }},
	"if":        {"a WebDAV If list: (<token>), angle brackets added where missing", wrapped("(<", ">)")},
	"coded":     {"a WebDAV coded URL: <token>, angle brackets added where missing", wrapped("<", ">")},
	"raw":       {"not escaped for its place", nil},
}

// Filters lists what may follow a variable's name, with what it does.
func Filters() map[string]string {
	out := map[string]string{}
	for name, f := range filters {
		out[name] = f.what
	}
	return out
}

// CaptureFilter undoes a form that a captured text has; ok is false when the
// text has not that form.
type CaptureFilter func(s string) (text string, ok bool)

// captured lists what captures may apply, with what it does.
var captured = map[string]struct {
	what  string
	apply CaptureFilter
}{
	"base64": {"decode standard base64", func(s string) (string, bool) {
		b, err := base64.StdEncoding.DecodeString(s)
		return string(b), err == nil
	}},
	"base64url": {"decode base64 with the URL alphabet", func(s string) (string, bool) {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
		return string(b), err == nil
	}},
	"unquote": {"without W/ and the double quotes of an entity tag", func(s string) (string, bool) { return Unquote(s), true }},
	"strong":  {"an entity tag without its weak mark W/", func(s string) (string, bool) { return Strong(s), true }},
	"last":    {"the last segment of a URL's path, as in Location", lastSegment},
	"ms":      {"a number of milliseconds as a duration", func(s string) (string, bool) { return s + "ms", isNumber(s) }},
	"seconds": {"a number of seconds, or Second-30 as in RFC 4918, as a duration", seconds},
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

// Granted is the time for which a lock was granted; false when the text does
// not say one.
func Granted(s string) (time.Duration, bool) {
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

// CaptureFilters lists what may follow a capture, with what it does.
func CaptureFilters() map[string]string {
	out := map[string]string{}
	for name, f := range captured {
		out[name] = f.what
	}
	return out
}

// Undo returns the functions of a capture's filters, in order.
func (c Capture) Undo() []CaptureFilter {
	var out []CaptureFilter
	for _, name := range c.Filters {
		out = append(out, captured[name].apply)
	}
	return out
}

// scratch makes a text in the client's scratch memory, valid until the next
// rendering.
func (v *Vars) scratch(add func([]byte) []byte) Text {
	from := len(v.tmp)
	v.tmp = add(v.tmp)
	return Text{S: View(v.tmp[from:])}
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

// apply is the sum as a filter; other is its operand where that is a variable.
// Whole numbers stay exact, however long; a quotient that does not come out even
// has as many digits as a float64.
func (s *Sum) apply(other *ref) filter {
	return func(t Text, v *Vars) (Text, error) {
		operand := s.Operand
		if other != nil {
			o, set := v.lookup(*other)
			if !set {
				return t, fmt.Errorf("the variable {%s} has no value yet; a step before this one has to capture it", other.name)
			}
			operand = o.S
		}
		a, err := decimal(t.S)
		if err != nil {
			return t, err
		}
		b, err := decimal(operand)
		if err != nil {
			return t, err
		}
		switch s.Op {
		case "+":
			a.Add(a, b)
		case "-":
			a.Sub(a, b)
		case "*":
			a.Mul(a, b)
		default:
			if b.Sign() == 0 {
				return t, fmt.Errorf("%s divided by 0", t.S)
			}
			a.Quo(a, b)
		}
		return Text{S: digits(a), Raw: true}, nil
	}
}

// decimal reads a number as JSON writes it.
func decimal(s string) (*big.Rat, error) {
	r, ok := new(big.Rat), false
	switch {
	case len(s) > 100 || strings.ContainsAny(s, "/_xXpPbBoO"):
	case strings.ContainsAny(s, "eE"): // an exponent could ask for any number of digits
		f, err := strconv.ParseFloat(s, 64)
		ok = err == nil && r.SetFloat64(f) != nil
	default:
		_, ok = r.SetString(s)
	}
	if !ok {
		return nil, fmt.Errorf("%q is not a number", clip(s))
	}
	return r, nil
}

func digits(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if n, exact := r.FloatPrec(); exact && n < 30 {
		return r.FloatString(n)
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// View is the bytes as a string, without a copy: valid as long as the bytes
// are not changed.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
