package scenarios

import (
	"maps"
	"strings"

	"tussle/history"
	"tussle/history/wire"
)

// Plan is the step's request as the history tells it; base is the URL before
// its path, and contentType what the target's headers give to bodies.
func (s Step) Plan(base, contentType string) history.PlanRequest {
	method, path, _ := strings.Cut(strings.TrimSpace(s.Request), " ")
	r := history.PlanRequest{Method: method, Base: base, Path: strings.TrimSpace(path), Query: PlanFields(s.Query), Headers: PlanFields(s.Headers),
		ContentType: contentType,
		Body:        s.Body, Form: s.Form, Multipart: s.Parts, Set: s.Set, Unset: s.Unset, Choose: s.Choose, TTL: int64(s.TTL), Wait: int64(s.Wait), Captures: maps.Clone(s.Capture)}
	for name, text := range map[string]string{"value": s.Value, "version": s.Version, "tag": s.Tag, "token": s.Token, "fence": s.Fence, "key": s.Key, "granted": s.Granted} {
		if text == "" {
			continue
		}
		if r.Captures == nil {
			r.Captures = map[string]string{}
		}
		r.Captures[name] = text
	}
	return r
}

// PlanFields are headers or query parameters as the history tells them, by name.
func PlanFields(m map[string]Text) []history.PlanField {
	var out []history.PlanField
	for _, name := range sortedNames(m) {
		t := m[name]
		out = append(out, history.PlanField{Name: name, Value: t.Template, Env: t.Env, Prefix: t.Prefix})
	}
	return out
}

// checkSpoken makes every step that a strategy comes to, its own over the
// target's over the dialect's, so that what cannot be made is told here.
func (c *checker) checkSpoken(at string, st *Strategy) {
	if len(c.problems) > 0 {
		return // what follows from a slip is no second problem
	}
	for _, name := range sortedNames(st.Speaks) {
		if history.Step(name).Own() {
			continue
		}
		plan := map[string]history.PlanRequest{name: st.Speaks[name].Plan(c.s.Target.URL, "")}
		if _, err := wire.Compile(plan, wire.Options{Getenv: c.env}); err != nil {
			c.say(c.stepPath(at, name), strings.TrimPrefix(err.Error(), "step "+name+": "), "", "strategy "+st.Name+" takes the step from its own table, then from target."+name+", then from its dialect")
		}
	}
}
