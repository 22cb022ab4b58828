package measure

import (
	"cmp"
	"slices"
	"strings"

	"tussle/history"
)

// bodies groups the bodies of one strategy's refusals and scores what they
// tell. Refusals of the warm-up are left out.
type bodies struct {
	groups map[group]*Problem
	other  int64 // refusals beyond maxGroups

	n, resource, version, advice, problem int64 // of conflicts that were looked at
}

type group struct {
	status int
	kind   string
}

const (
	maxProblems = 10 // that are listed
	maxGroups   = 1000
	// maxLooked bounds the refusals whose text is searched: what a target
	// says in its first 20,000 conflicts it says in the rest.
	maxLooked = 20_000
)

func (b *bodies) add(r *history.Request) {
	if b.groups == nil {
		b.groups = map[group]*Problem{}
	}
	kind := r.Problem
	if kind == "" {
		kind = pattern(r.Detail)
	}
	p := b.groups[group{r.Status, kind}]
	switch {
	case p != nil:
		p.N++
	case len(b.groups) < maxGroups:
		b.groups[group{r.Status, kind}] = &Problem{Status: r.Status, Type: r.Problem, Sample: r.Detail, N: 1}
	default:
		b.other++
	}
	if r.Class.Conflict() && b.n < maxLooked {
		b.diagnose(r)
	}
}

// pattern folds the numbers of a body, so that bodies which differ in a
// version, a time or an id only are one group.
func pattern(body string) string {
	var out strings.Builder
	digits := false
	for i := 0; i < len(body); i++ {
		isDigit := body[i] >= '0' && body[i] <= '9'
		if !isDigit {
			out.WriteByte(body[i])
		} else if !digits {
			out.WriteByte('#')
		}
		digits = isDigit
	}
	return out.String()
}

// noVersions takes out what speaks of a version and names none of the resource:
// a Kubernetes Status' apiVersion, the prolog of an XML document.
var noVersions = strings.NewReplacer(`"apiversion"`, "", `<?xml version`, "")

// diagnose asks of a refusal what RFC 9110 15.5.10 asks of a 409: enough
// information for the user to recognise the source of the conflict, and as
// RFC 9457 puts it, in a form that a client can read.
func (b *bodies) diagnose(r *history.Request) {
	b.n++
	text := noVersions.Replace(strings.ToLower(r.Detail))
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	if r.Key != "" && strings.Contains(r.Detail, r.Key) || says(`"instance"`) {
		b.resource++
	}
	// Of a lock, the holder and the time say what a version says of a state.
	if r.Version != "" || says("version", "etag", "revision", `"rev"`, "_rev", "generation", "modifyindex") ||
		r.Class == history.Locked && says("holder", "held by", "owner", "expires", "retry_after") {
		b.version++
	}
	if says("again", "retry", "re-read", "reread", "reload", "refresh", "fetch", "merge", "wait", "resolve", "choose", "delete the", "create the") {
		b.advice++
	}
	if r.Problem != "" || says(`"type"`) && says(`"title"`) {
		b.problem++
	}
}

func (b *bodies) finish() ([]Problem, *Diagnosis) {
	list := []Problem{}
	for _, p := range b.groups {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(y.N, x.N), cmp.Compare(x.Status, y.Status), cmp.Compare(x.Type, y.Type), cmp.Compare(x.Sample, y.Sample))
	})
	list = slices.Clone(list[:min(len(list), maxProblems)])
	if b.n == 0 {
		return list, nil
	}
	n := float64(b.n)
	d := &Diagnosis{N: b.n}
	for _, part := range []struct {
		to *float64
		of int64
	}{{&d.Resource, b.resource}, {&d.Version, b.version}, {&d.Advice, b.advice}, {&d.Problem, b.problem}} {
		*part.to = *figure(float64(part.of) / n)
	}
	d.Score = int((float64(b.resource+b.version+b.advice+b.problem)/n*25 + 0.5))
	return list, d
}
