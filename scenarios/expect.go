package scenarios

import (
	"fmt"
	"strings"

	"tussle/history/wire"
)

// Expectation is what an accepted answer must say: a capture, and what the
// text that it finds is compared with.
type Expectation struct {
	Text    string // as written
	Capture string // "json:discount"
	Op      string // ==, !=, <, <=, >, >=; "" wants the text to be there
	Value   string // a number is compared as one, anything else as a text
}

// comparisons are the operators, those first that others begin with.
var comparisons = []string{"==", "!=", "<=", ">=", "<", ">"}

const wantExpectation = `a condition, such as "json:discount > 0"`

// parseExpectation reads "CAPTURE", or "CAPTURE OP VALUE" with blanks around the operator.
func parseExpectation(s string) (Expectation, error) {
	e := Expectation{Text: s, Capture: strings.TrimSpace(s)}
	for _, op := range comparisons {
		if capture, value, ok := strings.Cut(s, " "+op+" "); ok {
			e.Capture, e.Op, e.Value = strings.TrimSpace(capture), op, strings.Trim(strings.TrimSpace(value), `'"`)
			break
		}
	}
	if _, err := wire.ParseCapture(e.Capture); err != nil {
		return e, err
	}
	if e.Op == "" && strings.ContainsAny(e.Capture, "<>=") && !strings.HasPrefix(e.Capture, "regex:") {
		return e, &mistake{message: fmt.Sprintf("%q is no condition", clip(s)), expected: wantExpectation, hint: "blanks around the operator"}
	}
	return e, nil
}
