package scenarios

import (
	"fmt"
	"math"
	"time"
)

// DefaultRetry is what a policy takes for the fields that a scenario leaves
// out. client-go's figures are those of util/retry's DefaultRetry and
// DefaultBackoff, whose Steps count the first attempt.
func DefaultRetry(policy string) Retry {
	r := Retry{Policy: policy, Base: Duration(2 * time.Millisecond), Cap: Duration(200 * time.Millisecond), Factor: 2, Attempts: 100}
	switch policy {
	case "none":
		r.Base, r.Cap, r.Factor = 0, 0, 0
	case "fixed":
		r.Cap, r.Factor = 0, 0
	case "client-go-retry":
		r.Base, r.Factor, r.Attempts = Duration(10*time.Millisecond), 1, 5
	case "client-go-backoff":
		r.Base, r.Cap, r.Factor, r.Attempts = Duration(10*time.Millisecond), Duration(250*time.Millisecond), 5, 4
	case "budget":
		r.Ratio = 0.1
	}
	return r
}

// fillRetry sets what the file leaves out.
func (c *checker) fillRetry(at string, r *Retry) {
	d := DefaultRetry(r.Policy)
	absent := func(key string) bool { return !c.doc.has(join(at, key)) }
	if absent("base") {
		r.Base = d.Base
	}
	if absent("cap") && d.Cap > 0 {
		r.Cap = max(d.Cap, r.Base)
	}
	if absent("factor") {
		r.Factor = d.Factor
	}
	if absent("attempts") {
		r.Attempts = d.Attempts
	}
	if absent("ratio") {
		r.Ratio = d.Ratio
	}
	r.Default = absent("policy") && absent("base") && absent("cap") && absent("factor")
	if r.Respect == nil {
		yes := true
		r.Respect = &yes
	}
}

func (c *checker) checkRetry(at string, r *Retry) {
	if (r.Cap > 0 || c.doc.has(at+".cap")) && r.Cap < r.Base && !c.broken(at+".cap") && !c.broken(at+".base") {
		where := at + ".cap"
		if !c.doc.has(where) {
			where = at + ".base"
		}
		c.say(where, fmt.Sprintf("cap %s is below base %s", r.Cap, r.Base), "a cap of at least base", "")
	}
	if c.doc.has(at+".factor") && !c.broken(at+".factor") && (!(r.Factor >= 1) || math.IsInf(r.Factor, 0)) {
		c.say(at+".factor", fmt.Sprintf("factor is %g", r.Factor), "a number of at least 1", "")
	}
	if c.doc.has(at+".ratio") && r.Policy != "budget" && !c.broken(at+".policy") {
		c.sayKey(at+".ratio", fmt.Sprintf("ratio means nothing to policy %s", r.Policy), `policy = "budget"`, "")
	}
}
