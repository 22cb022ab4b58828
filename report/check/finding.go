package check

import (
	"cmp"
	"encoding/json"
	"slices"
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
func (k *keyView) finding(strategy *spoken, sentence string, exhibits ...exhibit) Finding {
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
		sent := r
		if strategy.lists && r.Step == history.StepWrite {
			sent.Value = e.key.listSent(e.at)
		}
		role := e.role
		if role == "" {
			role = e.key.did(e.at)
		}
		f.Requests = append(f.Requests, FindingRequest{
			Line: int64(q.line), Lane: strings.TrimPrefix(who(q.client), "the "), Role: role,
			Call: float64(q.call-first.call) / 1e6, Return: float64(q.ret-first.call) / 1e6,
			Request: r, Step: string(r.Step), Status: r.Status, Class: string(r.Class), Value: short(r.Value), Version: r.Version,
			Expect: r.Expect, Tag: r.Tag, Curl: strategy.curl(&sent), Offends: e.offends,
		})
	}
	return f
}

// listSent is the list that a write sent: the one that it had read, with its
// element; nothing when that is not known.
func (k *keyView) listSent(i int32) string {
	if k.from[i] == none {
		return ""
	}
	list, err := listOf(k.texts.text(k.requests[k.from[i]].value))
	if err != nil {
		return ""
	}
	text, err := json.Marshal(append(list, k.texts.text(k.requests[i].value)))
	if err != nil {
		return ""
	}
	return string(text)
}

// maxValue is as much of a value as a finding shows; a list may be long.
const maxValue = 200

func short(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "..."
}
