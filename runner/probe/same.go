package probe

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner"
	"tussle/runner/dialect"
)

// found is a resource that is not ours, as it was before the probe: its whole
// representation.
type found struct {
	body    []byte
	kind    string // its content type
	version string
}

// look reads the resource twice and refuses to go on where what is read need
// not be what may be written: a page made anew for each reader, one of several
// languages, a compressed form, the rendering of something else.
func (p *prober) look(ctx context.Context) (*found, error) {
	line, err := p.session.Line(ctx, p.index, 0)
	if err != nil {
		return nil, err
	}
	defer line.Close()
	var seen [2]found
	for i := range seen {
		var v dialect.Vars
		a, err := line.Ask(ctx, history.StepRead, &v, 0)
		if err != nil {
			return nil, err
		}
		cannot := func(what, hint string) error {
			return &runner.CannotRun{What: what, Hint: hint, Curl: line.Curl(history.StepRead, &v)}
		}
		const mine = "describe the resource in a scenario, where tussle makes resources of its own: docs/your-own-api.md"
		if a.Status != 200 {
			return nil, cannot("the resource was answered with "+status(a.Status)+", so there is nothing to write back", "probe a resource that is there")
		}
		if why := other(line, p.where()); why != "" {
			return nil, cannot("what is read need not be what may be written: "+why+"; nothing was written", mine)
		}
		if !a.HasVersion {
			return nil, cannot("the resource has no ETag, so nothing can be written under If-Match; nothing was written", mine)
		}
		seen[i] = found{body: bytes.Clone(line.Body()), kind: line.Header("Content-Type"), version: strings.Clone(a.Version.S)}
		if i == 1 && !bytes.Equal(seen[0].body, seen[1].body) {
			return nil, cannot("two reads show different bytes: it is made anew for each reader, or somebody else writes it; nothing was written", mine)
		}
	}
	if err := p.may(ctx, line); err != nil {
		return nil, err
	}
	return &seen[0], nil
}

// where is the resource's URL.
func (p *prober) where() string {
	_, path, _ := strings.Cut(p.strategy.Speaks[string(history.StepRead)].Request, " ")
	return strings.TrimSuffix(p.session.URL(), "/") + path
}

func status(n int) string {
	if n == 0 {
		return "no answer"
	}
	return strings.Trim(number(int64(n)).S, `"`)
}

// other says why the representation that was read may be another than the one
// that a PUT replaces.
func other(line *runner.Line, at string) string {
	if e := line.Header("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return "it came as Content-Encoding: " + e
	}
	for _, name := range strings.Split(line.Header("Vary"), ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains([]string{"", "accept-encoding", "origin", "authorization"}, name) {
			return "it varies with " + name + " (Vary)"
		}
	}
	if l := line.Header("Content-Location"); l != "" {
		asked, err1 := url.Parse(at)
		told, err2 := url.Parse(l)
		if err1 != nil || err2 != nil || asked.ResolveReference(told).EscapedPath() != asked.EscapedPath() {
			return "it is the representation of " + l + " (Content-Location)"
		}
	}
	if w := line.Header("Warning"); strings.HasPrefix(w, "214") {
		return "something on the way transformed it (Warning: 214)"
	}
	return ""
}

// may asks whether the resource takes a PUT at all, where it says.
func (p *prober) may(ctx context.Context, line *runner.Line) error {
	allow, err := line.Allow(ctx)
	if err != nil || allow == "" || strings.Contains(","+strings.ReplaceAll(strings.ToUpper(allow), " ", "")+",", ",PUT,") {
		return err
	}
	return &runner.CannotRun{What: "the resource takes no PUT (Allow: " + allow + "); nothing was written", Hint: "probe a resource that may be written"}
}

// changed ends the questions about a resource that is not ours as soon as it
// is not what was found: then it was transformed, or somebody else writes it.
func (p *prober) changed(q *asking, _ *thing, s state) bool {
	if p.found == nil || s.body.S == string(p.found.body) {
		return false
	}
	q.attrs["changed"] = "true"
	stop(&runner.CannotRun{What: "what was written back is not what is read now: the target changes it, or somebody else writes it; the probe stopped",
		Hint: "look at the resource: what was found is written back once more at the end"})
	return true
}

// giveBack writes what was found back, where it is not there byte for byte.
func (p *prober) giveBack(ctx context.Context) {
	q := p.begin("give back")
	defer q.end()
	a := p.parties[0]
	r := a.read(ctx, q, "found", &thing{record: "found"})
	if r.ok() && r.state.body.S == string(p.found.body) {
		return
	}
	on := r.state
	on.body = dialect.Text{S: string(p.found.body), Raw: true}
	a.write(ctx, q, "given back", &thing{record: "found"}, on, held{})
	rest(ctx, 10*time.Millisecond)
	a.read(ctx, q, "left", &thing{record: "found"})
}
