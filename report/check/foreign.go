package check

import "tussle/history"

// notes are what a judge takes down of a history without a plan, to make one.
type notes struct {
	seen    [setup + 1]bool // steps
	tags    bool            // writes that tell one
	saw     bool            // reads that tell one
	shown   bool            // reads of something
	version bool
	expects bool
}

func (f *notes) note(q *request) {
	f.seen[q.step] = true
	f.tags = f.tags || q.tag != 0
	f.saw = f.saw || q.ref != 0 && !q.writes() && q.step != own
	f.shown = f.shown || (q.step == read || q.step == list) && q.good()
	f.version = f.version || q.version != 0
	f.expects = f.expects || q.expect != 0
}

// header is the plan of a history that has none: one strategy that promises
// whatever its records let us judge. mix says why that is nothing.
func (f *notes) header() (h history.Header, mix string) {
	kind, mix := f.kind()
	s := history.PlanStrategy{Name: "recorded", Locking: "none", Dialect: "foreign", Identify: f.identify(kind)}
	switch kind {
	case kindRegister:
		s.Promises = []string{register}
		if f.expects {
			s.Locking, s.Promises = "optimistic", []string{noLostUpdate, register}
		}
	case kindCounter:
		s.Locking, s.Promises = "server-side", []string{noLostUpdate, counterBounds}
	case kindAppend:
		s.Locking, s.Promises = "server-side", []string{appendOnly}
	case kindCreateOnce:
		s.Locking, s.Promises = "server-side", []string{createOnce}
	case kindLifecycle:
		s.Promises = []string{lifecycle}
		if f.expects {
			s.Locking, s.Promises = "optimistic", []string{noLostUpdate, lifecycle}
		}
	case kindTransfer:
		s.Locking, s.Promises = "server-side", []string{noLostUpdate, conservation}
	}
	if f.seen[lock] {
		s.Locking, s.Promises = "pessimistic", append(s.Promises, mutualExclusion)
		if kind == kindRegister { // what is written under locks is not conditional
			kind, s.Promises = kindLease, []string{mutualExclusion}
		}
	}
	if named := kind == kindRegister || kind == kindLifecycle || kind == kindCreateOnce; named && mix == "" && s.Identify == "none" {
		mix = "the writes have tags, but no read tells which one it found; add saw to the reads"
	}
	return history.Header{Schema: history.Schema, Plan: history.Plan{Scenario: "foreign history",
		Workload: history.PlanWorkload{Kind: kind}, Strategies: []history.PlanStrategy{s}}}, mix
}

// identify is how states are told apart: by what the reads tell of them.
func (f *notes) identify(kind string) string {
	switch {
	case f.saw, f.tags && !f.shown:
		return "tag"
	case f.version:
		return "version"
	case f.tags, kind == kindAppend, kind == kindCounter, kind == kindTransfer:
		return "none"
	}
	return "value"
}

// kind tells the workload of a history without a plan from its steps. Steps of
// two models on the same resources leave what no checker knows.
func (f *notes) kind() (kind, mix string) {
	var models []string
	kind = kindRegister
	for _, m := range []struct {
		steps []stepCode
		kind  string
	}{
		{[]stepCode{remove, create, write}, kindLifecycle},
		{[]stepCode{appendStep}, kindAppend},
		{[]stepCode{add}, kindCounter},
		{[]stepCode{transfer}, kindTransfer},
	} {
		for _, step := range m.steps {
			if f.seen[step] {
				models = append(models, string(steps[step]))
				kind = m.kind
				break
			}
		}
	}
	switch {
	case len(models) > 1:
		return kind, "the steps " + listed(models...) + " stand beside each other, and no checker knows what they leave together; put each kind of resource into a file of its own"
	case kind == kindLifecycle && !f.seen[remove] && !f.seen[create], kind == kindRegister:
		return kindRegister, ""
	case kind == kindLifecycle && !f.seen[remove] && !f.seen[write]:
		return kindCreateOnce, ""
	}
	return kind, ""
}
