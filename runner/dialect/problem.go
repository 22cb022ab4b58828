package dialect

import (
	"bytes"
	"encoding/xml"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// problemPaths lists where JSON refusals say what the problem is: RFC 9457's
// type first, then what common APIs have instead (AWS' __type, the type or
// code of an error, CouchDB's error, Kubernetes' reason).
var problemPaths = []string{"type", "__type", "error.type", "error.code", "code", "errorCode", "0.errorCode", "errors.0.code", "error", "reason"}

// maxProblem bounds what is taken for the name of a problem.
const maxProblem = 128

// problem names the problem of a refusal, "" when the body does not.
func problem(r *answer) string {
	name := ""
	switch {
	case r.json():
		for _, path := range problemPaths {
			v := gjson.Get(view(r.body), path)
			if v.Type == gjson.String && v.Str != "" && v.Str != "about:blank" {
				name = v.Str
				break
			}
		}
	case len(r.body) > 0 && bytes.IndexByte(r.body, '<') >= 0:
		name = xmlProblem(r.body)
	}
	if len(name) > maxProblem || strings.ContainsAny(name, "\r\n") {
		return ""
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// xmlProblem is the text of <Code>, as S3 has it, or the name of the first
// element in <error>, as WebDAV has it (RFC 4918, 16).
func xmlProblem(b []byte) string {
	code := ""
	elements(b, "Code", func(text string) bool { code = text; return false })
	if code != "" {
		return code
	}
	dec := xml.NewDecoder(bytes.NewReader(b))
	for inError := false; ; {
		tok, err := dec.RawToken()
		if err != nil {
			return ""
		}
		if e, ok := tok.(xml.StartElement); ok {
			if inError {
				return e.Name.Local
			}
			if inError = e.Name.Local == "error"; !inError {
				return ""
			}
		}
	}
}

// millis is the member retry_after_ms of a problem, finer than a header's
// whole seconds.
func millis(r *answer) (time.Duration, bool) {
	v := gjson.Get(view(r.body), "retry_after_ms")
	if v.Type != gjson.Number || !(v.Num >= 0 && v.Num < 1e12) {
		return 0, false
	}
	return time.Duration(v.Num * float64(time.Millisecond)), true
}
