package check

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tussle/history"
)

// spoken is a strategy with what its curl lines need besides a request.
type spoken struct {
	*history.PlanStrategy
	run   string // the run's id
	named bool   // keys are known to the target with the run's id before them
	lists bool   // a write sends the whole list, the record has the element
	// partner is the second key of the operation that a request belongs to.
	partner func(block, client, op int) string
}

func newSpoken(s *history.PlanStrategy, run string, ops map[int][]history.Operation) *spoken {
	type opAt struct{ block, client, op int }
	partners := sync.OnceValue(func() map[opAt]string {
		out := map[opAt]string{}
		for block, list := range ops {
			for i := range list {
				out[opAt{block, list[i].Client, list[i].Op}] = list[i].Key2
			}
		}
		return out
	})
	out := &spoken{PlanStrategy: s, run: run, partner: func(block, client, op int) string { return partners()[opAt{block, client, op}] }}
	for _, line := range s.Curl {
		out.named = out.named || run != "" && strings.Contains(line, run+"-{key}")
	}
	return out
}

// maxSent is as long as a value may be in a command that can be run; a longer
// one is cut, and the line only shows what it was.
const maxSent = 1500

// curl is the request as a command line: the strategy's own line for the step
// with its variables filled in, or a line that says as much as the record does.
func (s *spoken) curl(r *history.Request) string {
	line, known := s.Curl[string(r.Step)]
	if known {
		return s.fill(line, r)
	}
	line = "curl -X " + methods[r.Step] + " \"$TARGET/" + strings.ReplaceAll(url.PathEscape(r.Key), "%2F", "/") + "\""
	if r.Expect != "" {
		line += " -H 'If-Match: {version}'"
	}
	if r.Step != history.StepLock {
		if r.Lock != "" {
			line += " -H 'Lock-Token: {lock}'"
		}
		if r.Fence != "" {
			line += " -H 'Fence: {fence}'"
		}
	}
	if r.Value != "" && r.Step.Writes() {
		line += " -d '{value}'"
	}
	return s.fill(line, r)
}

var variable = regexp.MustCompile(`\{([a-z_]+)((?::[a-z0-9]+)*)\}`)

// fill puts the recorded values into a line, each escaped for its place. What
// was not recorded stays as it is written.
func (s *spoken) fill(line string, r *history.Request) string {
	head := len(line) // the URL ends here
	body := len(line)
	for _, end := range []string{" -H ", " -d '", " --data-binary '"} {
		if at := strings.Index(line, end); at >= 0 {
			head = min(head, at)
			if end != " -H " {
				body = min(body, at)
			}
		}
	}
	query := strings.IndexByte(line[:head], '?')
	var b strings.Builder
	last := 0
	for _, m := range variable.FindAllStringSubmatchIndex(line, -1) {
		text, isText, known := s.value(line[m[2]:m[3]], r)
		if !known {
			continue
		}
		var filters []string
		if m[5] > m[4] {
			filters = strings.Split(line[m[4]+1:m[5]], ":")
		}
		text, isText, known = filtered(text, isText, filters)
		if !known {
			continue
		}
		switch {
		case m[0] >= body:
			member := strings.IndexByte(":[,", line[m[0]-1]) >= 0 && m[1] < len(line) && strings.IndexByte(",]}", line[m[1]]) >= 0
			if member && (isText || !json.Valid([]byte(text))) {
				text = quoted(text)
			}
			text = shell(text)
		case m[0] >= head || slices.Contains(filters, "raw"):
			text = shell(text)
		case query >= 0 && m[0] > query:
			text = url.QueryEscape(text)
		default:
			text = url.PathEscape(text)
		}
		b.WriteString(line[last:m[0]])
		b.WriteString(text)
		last = m[1]
	}
	return b.String() + line[last:]
}

// value is what a variable stood for in a request; isText tells that it is a
// text also where it looks like a number.
func (s *spoken) value(name string, r *history.Request) (text string, isText, known bool) {
	parent, child, family := strings.Cut(r.Key, "/")
	family = family && r.Step == history.StepCreate
	full := func(key string) string { // as the target knows it
		if s.named && key != "" {
			return s.run + "-" + key
		}
		return key
	}
	switch name {
	case "key":
		text, isText = r.Key, true // a run's id stands in the line
		if family {
			text = parent
		}
	case "parent":
		text, isText = full(parent), true
	case "name":
		text, isText = full(r.Key), true
		if family {
			text = child
		}
	case "from":
		text, isText = full(r.Key), true
	case "to":
		text, isText = full(s.partner(r.Block, r.Client, r.Op)), true
	case "tag":
		text, isText = r.Tag, true
	case "lock":
		text, isText = r.Lock, true
	case "idempotency_key":
		text, isText = s.run+"-"+strconv.Itoa(r.Block)+"-"+strconv.Itoa(r.Client)+"-"+strconv.Itoa(r.Op), true
	case "run":
		text, isText = s.run, true
	case "version":
		text = r.Expect
		isText = strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "W/")
	case "value", "amount":
		if text = r.Value; len(text) > maxSent {
			text = short(text)
		}
	case "fence":
		text = r.Fence
	case "client":
		text = strconv.Itoa(r.Client)
	case "op", "n":
		text = strconv.Itoa(r.Op)
	case "attempt":
		text = strconv.Itoa(r.Attempt)
	case "block":
		text = strconv.Itoa(r.Block)
	}
	return text, isText, text != ""
}

// filtered applies the filters of a template; it knows those that change a
// recorded text.
func filtered(text string, isText bool, filters []string) (string, bool, bool) {
	for _, f := range filters {
		switch f {
		case "base64":
			text, isText = base64.StdEncoding.EncodeToString([]byte(text)), true
		case "base64url":
			text, isText = base64.RawURLEncoding.EncodeToString([]byte(text)), true
		case "quote":
			text, isText = `"`+strings.Trim(text, `"`)+`"`, true
		case "if":
			text, isText = "(<"+strings.Trim(text, "<>")+">)", true
		case "coded":
			text, isText = "<"+strings.Trim(text, "<>")+">", true
		case "unquote":
			text = strings.Trim(strings.TrimPrefix(text, "W/"), `"`)
		case "strong":
			text = strings.TrimPrefix(text, "W/")
		case "text":
			isText = true
		case "number":
			isText = false
		case "json":
			if isText || !json.Valid([]byte(text)) {
				text = quoted(text)
			}
			isText = false
		case "raw":
		default:
			return text, isText, false
		}
	}
	return text, isText, true
}

// quoted is a text as a JSON string.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// shell keeps a recorded text from ending the quotes that it stands in.
func shell(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

var methods = map[history.Step]string{history.StepRead: "GET", history.StepList: "GET", history.StepWrite: "PUT", history.StepCreate: "PUT",
	history.StepSetup: "PUT", history.StepReset: "PUT", history.StepDelete: "DELETE", history.StepUnlock: "DELETE", history.StepAdd: "POST",
	history.StepAppend: "POST", history.StepTransfer: "POST", history.StepLock: "POST", history.StepRefresh: "PUT"}
