package measure

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"tussle/history"
)

// answers gathers what the answers themselves say about a run: server errors
// that nobody asked for, and operations that ended with a refusal which is no
// conflict as the scenario knows them.
type answers struct {
	errors   map[int32]int64 // 5xx of the class server-error, without an injected fault, by status
	requests int64
	rejected map[int32]int64 // operations that failed with an answer of the class rejected, by its status
	expected int64           // of them, those whose status the scenario itself calls rejected
	changes  int64
}

func (a *answers) operation(c *Collector, op *operation, own []request) {
	if a.errors == nil {
		a.errors, a.rejected = map[int32]int64{}, map[int32]int64{}
	}
	a.requests += int64(len(own))
	spoilt := false
	for i := range own {
		spoilt = spoilt || own[i].disabled
		if !own[i].disabled && own[i].status >= 500 && c.words.texts[own[i].class] == string(history.ServerError) {
			a.errors[own[i].status]++
		}
	}
	if op.plain {
		return
	}
	a.changes++
	if n := len(own); n > 0 && op.outcome == failed && !op.known && !spoilt && c.words.texts[own[n-1].class] == string(history.Rejected) {
		a.rejected[own[n-1].status]++
	}
}

// rejectedBad is the part of the operations that may end as rejected: a few
// are an accident, more are a status that the scenario does not know.
const rejectedBad = 0.01

func (a *answers) checks(c *Collector, strategy int) []Check {
	errors := Check{Name: "server errors", Unit: "answers", Limit: "= 0"}
	refused := Check{Name: "rejected operations", Unit: "of the operations", Limit: fmt.Sprintf("< %.0f %%", rejectedBad*100)}
	if a.requests == 0 {
		errors.State, errors.Note = Thin, "nothing was measured"
		refused.State, refused.Note = Thin, "nothing was measured"
		return []Check{errors, refused}
	}
	status, n := most(a.errors)
	errors.Value, errors.State = figure(float64(n)), Good
	switch {
	case n == 0:
	case len(c.plan.Faults) > 0:
		errors.State = Note
		errors.Note = fmt.Sprintf("%s of %s requests were answered 5xx, most of them %d, while faults were injected", grouped(n), grouped(a.requests), status)
	default:
		errors.State = Bad
		errors.Note = fmt.Sprintf("%s of %s requests were answered 5xx, most of them %d, without any fault: look at the target's log, or add a [[target.outcome]] if it means something else", grouped(n), grouped(a.requests), status)
	}
	if a.changes == 0 {
		refused.State, refused.Note = Thin, "no operation was measured"
		return []Check{errors, refused}
	}
	known := c.plan.Strategies[strategy].Rejects
	maps.DeleteFunc(a.rejected, func(status int32, n int64) bool {
		asTold := slices.ContainsFunc(known, func(r [2]int) bool { return int(status) >= r[0] && int(status) <= r[1] })
		if asTold {
			a.expected += n
		}
		return asTold
	})
	status, n = most(a.rejected)
	part := float64(n) / float64(a.changes)
	refused.Value, refused.State = figure(part), Good
	if a.expected > 0 {
		refused.Note = fmt.Sprintf("%s of %s operations were rejected as an outcome of the scenario expects", grouped(a.expected), grouped(a.changes))
	}
	if n > 0 {
		refused.State = Note
		refused.Note = fmt.Sprintf("%s of %s operations ended with %d", grouped(n), grouped(a.changes), status)
		if text := c.bodies[strategy].sample(int(status)); text != "" {
			refused.Note += fmt.Sprintf(" %q", text)
		}
		refused.Note += ": is it a conflict? add a [[target.outcome]]"
		if part >= rejectedBad {
			refused.State = Bad
		}
	}
	return []Check{errors, refused}
}

// most returns the sum of all counts, and the status with the largest one.
func most(by map[int32]int64) (status int32, sum int64) {
	for _, s := range slices.Sorted(maps.Keys(by)) {
		sum += by[s]
		if by[s] > by[status] {
			status = s
		}
	}
	return status, sum
}

// sample is what the most frequent refusal with that status said, in a few
// words: the message of a JSON body, or its beginning.
func (b *bodies) sample(status int) string {
	var top *Problem
	for _, p := range b.groups {
		if p.Status == status && (top == nil || cmp.Or(cmp.Compare(p.N, top.N), cmp.Compare(top.Sample, p.Sample)) > 0) {
			top = p
		}
	}
	if top == nil {
		return ""
	}
	text := top.Sample
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) == nil {
		for _, name := range []string{"detail", "message", "error", "title", "reason"} {
			if s, ok := fields[name].(string); ok && s != "" {
				text = s
				break
			}
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	for i := range text {
		if utf8.RuneCountInString(text[:i]) == 60 {
			return text[:i] + "…"
		}
	}
	return text
}
