package check

import (
	"slices"
	"strings"

	"tussle/history"
)

// sentenceOf says why an invariant cannot be true.
func sentenceOf(v *history.PlanInvariant, k *ownKey, against, seen []*history.Operation) string {
	names := map[string]int64{}
	var order []string
	for _, o := range against {
		if names[o.Name] == 0 {
			order = append(order, o.Name)
		}
		names[o.Name]++
	}
	var parts []string
	for _, name := range order {
		accepted := int64(0)
		for _, o := range against {
			if o.Name == name && o.Outcome == history.Committed {
				accepted++
			}
		}
		if accepted > 0 {
			parts = append(parts, count(accepted, name)+" "+wasWere(accepted)+" accepted")
		}
		if rest := names[name] - accepted; rest > 0 {
			parts = append(parts, count(rest, name)+" "+wasWere(rest)+" refused")
		}
	}
	for _, o := range seen {
		parts = append(parts, o.Name+" showed "+short(o.Captured))
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing that happened explains it")
	}
	return strings.Join(parts, ", ") + ": no order, and nothing that unanswered operations may have done, makes this true: " + v.Expr
}

func wasWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// ownFinding shows operations by their last request, and observations.
func (c *Case) ownFinding(block int, key, sentence string, ops, seen []*history.Operation) Finding {
	f := Finding{Key: key, Sentence: sentence}
	all := append(slices.Clip(ops), seen...)
	if len(all) > maxRequests {
		all = append(slices.Clip(ops[:min(len(ops), maxRequests-len(seen))]), seen[:min(len(seen), maxRequests)]...)
	}
	slices.SortStableFunc(all, func(a, b *history.Operation) int { return int(a.Call - b.Call) })
	for _, o := range all {
		r := c.lastRequest(block, o)
		role := o.Name
		switch {
		case o.Intent == history.IntentObserve:
			role = "observed " + short(o.Captured)
		case o.Captured != "":
			role += " " + short(o.Captured)
		}
		f.Requests = append(f.Requests, FindingRequest{
			Line: r.line, Lane: strings.TrimPrefix(who(int32(o.Client)), "the "), Role: role,
			Call: float64(o.Call-all[0].Call) / 1e6, Return: float64(o.Return-all[0].Call) / 1e6,
			Request: r.Request, Step: string(r.Step), Status: r.Status, Class: string(r.Class), Curl: r.curl, Offends: o.Outcome == history.Committed,
		})
	}
	return f
}

// shown is a request of an operation, as a finding shows it.
type shown struct {
	history.Request
	line int64
	curl string
}

// lastRequest is the last request of an operation that is in the record, with
// the lines for all requests of its last attempt.
func (c *Case) lastRequest(block int, o *history.Operation) shown {
	for _, k := range c.keys {
		if k.block != block || k.key != o.Key {
			continue
		}
		var sent []int32
		for i := range k.requests {
			q := &k.requests[i]
			if int(q.client) != o.Client || int(q.op) != o.Op || q.call < o.Call || q.ret > o.Return || q.step != own || q.class == throttled || strings.HasSuffix(string(k.request(int32(i)).Step), "/follow") {
				continue
			}
			if len(sent) > 0 && k.requests[sent[0]].attempt != q.attempt || o.Intent == history.IntentObserve {
				sent = sent[:0]
			}
			sent = append(sent, int32(i))
		}
		if len(sent) == 0 {
			continue
		}
		last := sent[len(sent)-1]
		return shown{k.request(last), int64(k.requests[last].line), c.ownLines(k, sent)}
	}
	return shown{}
}

// ownLines are the commands for the requests of an operation or observation,
// one after the other.
func (c *Case) ownLines(k *keyView, sent []int32) string {
	var lines []string
	for _, i := range sent {
		r := k.request(i)
		line := c.strategy.curl(&r)
		if line == "" {
			return "" // half of an operation would be another one
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, " && ")
}
