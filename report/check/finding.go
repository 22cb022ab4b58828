package check

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// maxRequests is the most that a reader takes in at once.
const maxRequests = 6

// exhibit is a request that goes into a finding, with the role it plays there;
// an empty role is filled in from what the request did.
type exhibit struct {
	key     *keyView
	at      int32
	role    string
	offends bool
}

// finding builds a finding from its exhibits, in order of their calls. An
// exhibit that is none is left out, one that stands twice stands once.
func (k *keyView) finding(strategy *history.PlanStrategy, sentence string, exhibits ...exhibit) Finding {
	f := Finding{Key: k.key, Sentence: sentence}
	var kept []exhibit
	for _, e := range exhibits {
		if e.at < 0 || len(kept) == maxRequests {
			continue
		}
		if e.key == nil {
			e.key = k
		}
		if same := slices.IndexFunc(kept, func(o exhibit) bool { return o.key == e.key && o.at == e.at }); same >= 0 {
			kept[same].offends = kept[same].offends || e.offends
			if kept[same].role == "" {
				kept[same].role = e.role
			}
			continue
		}
		kept = append(kept, e)
	}
	slices.SortStableFunc(kept, func(a, b exhibit) int {
		x, y := &a.key.requests[a.at], &b.key.requests[b.at]
		return cmp.Or(cmp.Compare(x.call, y.call), cmp.Compare(x.ret, y.ret), cmp.Compare(x.line, y.line))
	})
	for _, e := range kept {
		q := &e.key.requests[e.at]
		first := &kept[0].key.requests[kept[0].at]
		r := e.key.request(e.at)
		role := e.role
		if role == "" {
			role = e.key.did(e.at)
		}
		f.Requests = append(f.Requests, FindingRequest{
			Line: int64(q.line), Lane: strings.TrimPrefix(who(q.client), "the "), Role: role,
			Call: float64(q.call-first.call) / 1e6, Return: float64(q.ret-first.call) / 1e6,
			Request: r, Step: string(r.Step), Status: r.Status, Class: string(r.Class), Value: short(r.Value), Version: r.Version,
			Expect: r.Expect, Tag: r.Tag, Curl: curl(strategy, &r), Offends: e.offends,
		})
	}
	return f
}

// curl is the request as a command line: the strategy's own line for the step
// with its variables filled in, or a line that says as much as the record does.
func curl(s *history.PlanStrategy, r *history.Request) string {
	line, known := s.Curl[string(r.Step)]
	if !known {
		line = "curl -X " + methods[r.Step] + " \"$TARGET/" + url.PathEscape(r.Key) + "\""
		if r.Expect != "" {
			line += " -H 'If-Match: {version}'"
		}
		if r.Lock != "" && r.Step != history.StepLock {
			line += " -H 'Lock-Token: {lock}'"
		}
		if r.Value != "" && r.Step.Writes() {
			line += " -d '{value}'"
		}
	}
	version := r.Expect
	// A variable right behind a colon is a member of a JSON body.
	for name, text := range map[string]string{"tag": r.Tag, "value": short(r.Value), "version": version, "lock": r.Lock, "fence": r.Fence} {
		if text != "" {
			line = strings.ReplaceAll(line, ":{"+name+"}", ":"+shell(jsonText(text)))
		}
	}
	return strings.NewReplacer("{key}", url.PathEscape(r.Key), "{version}", shell(version), "{tag}", shell(r.Tag), "{value}", shell(short(r.Value)),
		"{amount}", shell(r.Value), "{lock}", shell(r.Lock), "{fence}", shell(r.Fence), "{client}", strconv.Itoa(r.Client),
		"{from}", url.PathEscape(r.Key)).Replace(line)
}

// jsonText is a recorded text as it stands in a JSON body: a number or a list
// as it is, anything else as a string.
func jsonText(s string) string {
	if json.Valid([]byte(s)) {
		return s
	}
	b, _ := json.Marshal(s) // a string always encodes
	return string(b)
}

// shell keeps a recorded text from ending the quotes that it stands in.
func shell(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

var methods = map[history.Step]string{history.StepRead: "GET", history.StepList: "GET", history.StepWrite: "PUT", history.StepCreate: "PUT",
	history.StepSetup: "PUT", history.StepReset: "PUT", history.StepDelete: "DELETE", history.StepUnlock: "DELETE", history.StepAdd: "POST",
	history.StepAppend: "POST", history.StepTransfer: "POST", history.StepLock: "POST", history.StepRefresh: "PUT"}

// maxValue is as much of a value as a finding shows; a list may be long.
const maxValue = 200

func short(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "..."
}
