package check

import "fmt"

// tally is what a checker found out about one key, or about all of them.
type tally struct {
	exercised  int64
	violations int64
	findings   []Finding
	undecided  int64  // keys that could not be decided
	why        string // of the first of them
	harm, noun string // what the first violation did, where the property's name does not tell; %s is how often
	writes     int64  // accepted
	refused    int64
	unknown    int64
	reads      int64
	extra      [3]int64 // what the checker's own evidence counts
}

const maxFindings = 3

// found counts n violations and keeps the finding while there is room.
func (t *tally) found(n int64, f func() Finding) {
	t.violations += n
	if len(t.findings) < maxFindings {
		t.findings = append(t.findings, f())
	}
}

func (t *tally) cannot(why string) {
	t.undecided++
	if t.why == "" {
		t.why = why
	}
}

func (t *tally) merge(o *tally) {
	t.exercised += o.exercised
	t.violations += o.violations
	t.writes += o.writes
	t.refused += o.refused
	t.unknown += o.unknown
	t.reads += o.reads
	for i := range o.extra {
		t.extra[i] += o.extra[i]
	}
	for _, f := range o.findings {
		if len(t.findings) < maxFindings {
			t.findings = append(t.findings, f)
		}
	}
	if t.harm == "" {
		t.harm, t.noun = o.harm, o.noun
	}
	t.undecided += o.undecided
	if t.why == "" {
		t.why = o.why
	}
}

// verdict is the common rule: a violation outweighs all; what could not be
// decided on any key outweighs a vacuous and a good result.
func (t *tally) verdict(evidence, idle string) Property {
	p := Property{Exercised: t.exercised, Violations: t.violations, Evidence: evidence, Findings: t.findings}
	switch {
	case t.violations > 0:
		p.Verdict = Violated
		if t.harm != "" {
			p.Harm = fmt.Sprintf(t.harm, count(t.violations, t.noun))
		}
	case t.undecided > 0:
		p.Verdict, p.Reason = Undecided, t.why
	case t.exercised < enough:
		p.Verdict, p.Reason = NotExercised, idle
	default:
		p.Verdict = Holds
	}
	return p
}

// enough is how often a property must have been put to the test before its
// verdict may be holds. One time is the least that is not vacuous; the number
// stands beside the verdict, so that readers can weigh it themselves.
const enough = 1

func (t *tally) countWrites(k *keyView) {
	for i := range k.requests {
		r := &k.requests[i]
		switch {
		case r.step == read && r.good():
			t.reads++
		case !r.writes():
		case r.effect == applied:
			t.writes++
		case r.effect == refused:
			t.refused++
		case r.effect == unknown:
			t.unknown++
		}
	}
}

// idle is the reason of not-exercised for properties that need overlap.
func (c *Case) idle() string {
	switch len(c.clients) {
	case 0:
		return "no client sent a request; lengthen load.duration"
	case 1:
		return "1 client sent every request; raise load.clients"
	}
	return "no two operations of different clients overlapped on a key; raise load.clients, lower workload.keys or lengthen workload.think"
}
