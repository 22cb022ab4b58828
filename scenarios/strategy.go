package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history"
)

// maxStrategies is how many columns a comparison may have.
const maxStrategies = 64

// needs lists the steps that a strategy cannot do without: the union of what
// its locking kind and the workload walk through.
func needs(locking, workload string) []string {
	changes := map[string][]string{
		"create-once":  {"create"},
		"lifecycle":    {"create", "write", "delete"},
		"parent-child": {"create", "delete"},
	}[workload]
	if changes == nil {
		changes = []string{"write"}
	}
	switch locking {
	case "pessimistic":
		return append([]string{"read", "lock", "unlock"}, changes...)
	case "server-side":
		one := serverSide[workload]
		if one == nil {
			return []string{"read"}
		}
		return append([]string{"read"}, one...)
	}
	return append([]string{"read"}, changes...)
}

// serverSide lists the steps by which a server does a workload all by itself.
var serverSide = map[string][]string{
	"counter":      {"add"},
	"append":       {"append"},
	"create-once":  {"create"},
	"transfer":     {"transfer"},
	"parent-child": {"create", "delete"},
}

func (c *checker) checkStrategies() {
	first := map[string]int{}
	for i := range c.s.Strategies {
		st := &c.s.Strategies[i]
		at := element("strategy", i)
		if n, twice := first[st.Name]; twice && st.Name != "" {
			where := at + ".name"
			c.say(where, fmt.Sprintf("strategy %q is there twice", clip(st.Name)), "a name of its own for each strategy",
				fmt.Sprintf("the first one is [[strategy]] number %d", n+1))
		} else {
			first[st.Name] = i
		}
		if hasControl(st.Name) || len(st.Name) > 80 {
			c.say(at+".name", "the name of a strategy must print, and have at most 80 bytes", "", "")
		}
		if !c.doc.has(at + ".locking") {
			f, _ := fieldNamed[Strategy]("locking")
			c.say(at, "the strategy has no locking", strings.Join(f.enum(), ", "), "")
			continue
		}
		if c.broken(at + ".locking") {
			continue
		}
		if st.Inside != "" && st.Locking != "server-side" && !c.broken(at+".inside") {
			c.sayKey(at+".inside", fmt.Sprintf("inside means nothing to locking %s", st.Locking), `locking = "server-side"`, "remove it")
		}
		c.checkRetry(at+".retry", &st.Retry)
		c.checkPromises(at+".promises", st)
		if st.Target != nil && c.s.Target.Use == "" && c.doc.has(at+".target") {
			c.sayKey(at+".target", "options of a strategy are for built-in targets", "", "override steps instead, for example write = { headers = { ... } }")
		}
		if scheme := st.Target["scheme"]; scheme != "" && c.doc.has(at+".target.scheme") {
			c.checkSchemeName(at+".target.scheme", c.s.Target.Use, scheme)
		}
		if _, ok := loadDialects()[st.Dialect]; !ok && st.Dialect != "custom" {
			hint := suggest(st.Dialect, Dialects(), "dialects")
			if strings.ContainsAny(st.Dialect, `/\.`) {
				hint = "there are no dialect files: leave dialect out and put the steps into [target], see docs/your-own-api.md"
			}
			c.say(at+".dialect", fmt.Sprintf("unknown dialect %q", clip(st.Dialect)), "", hint)
			continue
		}
		if c.s.Workload.Kind != "" && (c.s.Target.Use != "" || c.s.Target.URL != "") {
			c.checkSpeaks(at, st)
		}
	}
}

func (c *checker) checkPromises(at string, st *Strategy) {
	if !c.doc.has(at) {
		return
	}
	for n, p := range st.Promises {
		where := element(at, n)
		switch {
		case c.broken(where):
		case slices.ContainsFunc(c.s.Invariants, func(v Invariant) bool { return v.Name == p }):
		case !slices.Contains(history.Properties, p):
			c.say(where, fmt.Sprintf("unknown property %q", clip(p)), strings.Join(history.Properties, ", "), didYouMean(p, history.Properties))
		case (p == "fencing" || p == "mutual-exclusion") && st.Locking != "pessimistic":
			c.say(where, fmt.Sprintf("%s needs locks, and locking %s takes none", p, st.Locking), `locking = "pessimistic"`, "")
		case p == "fencing" && !fencing(st):
			c.say(where, "fencing needs a lock step that captures fence, and a write that presents {fence}", "", "")
		}
	}
}

// checkSpeaks wants the steps that the strategy needs, and that they carry
// what its locking and its identification rest on.
func (c *checker) checkSpeaks(at string, st *Strategy) {
	kind := c.s.Workload.Kind
	if kind == "lease" && st.Locking != "pessimistic" {
		c.say(at+".locking", fmt.Sprintf("workload lease needs locks, and locking %s takes none", st.Locking), `locking = "pessimistic"`, "")
		return
	}
	if kind == OwnWorkload {
		if st.Locking == "pessimistic" && (st.Speaks["lock"].Request == "" || st.Speaks["unlock"].Request == "") {
			c.lacks(at, st, []string{"lock", "unlock"})
		}
		return
	}
	if st.Locking == "server-side" && serverSide[kind] == nil {
		c.say(at+".locking", fmt.Sprintf("no server-side step does workload %s in one request", kind),
			"a workload of "+strings.Join(sortedNames(serverSide), ", "), "")
		return
	}
	var missing []string
	lacks := func(name string) {
		if st.Speaks[name].Request == "" && !c.brokenWithin(c.stepPath(at, name)) {
			missing = append(missing, name)
		}
	}
	for _, name := range needs(st.Locking, kind) {
		lacks(name)
	}
	whole := len(missing) == 0
	if kind != "create-once" && kind != "lifecycle" && st.Speaks["reset"].Request == "" {
		lacks("setup")
	}
	if len(missing) > 0 {
		c.lacks(at, st, missing)
	}
	if !whole {
		return
	}
	c.checkLocking(at, st)
	c.checkIdentify(at, st)
}

// lacks names the steps that are needed and not described.
func (c *checker) lacks(at string, st *Strategy, missing []string) {
	what := "the step " + missing[0]
	if len(missing) > 1 {
		what = "the steps " + strings.Join(missing[:len(missing)-1], ", ") + " and " + missing[len(missing)-1]
	}
	hint := fmt.Sprintf("describe [target.%s]", missing[0])
	where := at + ".locking"
	if st.Dialect != "custom" {
		what += fmt.Sprintf(", which dialect %q does not have", st.Dialect)
		if other := defaultDialect(c.s.Target.Use, st.Locking); other != st.Dialect && other != "custom" {
			hint = fmt.Sprintf("dialect = %q", other)
		}
		if c.doc.has(at + ".dialect") {
			where = at + ".dialect"
		}
	}
	c.say(where, fmt.Sprintf("locking %s of workload %s needs %s", st.Locking, c.s.Workload.Kind, what), "", hint)
}

// checkLocking wants preconditions and lock tokens to be read before they are
// presented, and to be presented at all.
func (c *checker) checkLocking(at string, st *Strategy) {
	kind := c.s.Workload.Kind
	read, lock := st.Speaks["read"], st.Speaks["lock"]
	for _, name := range needs(st.Locking, kind) {
		step := st.Speaks[name]
		if c.brokenWithin(c.stepPath(at, name)) {
			continue // what follows from a slip is no second problem
		}
		if st.Locking == "optimistic" && (name == "write" || name == "delete") {
			switch {
			case !step.uses("version") && !step.uses("read.body"):
				c.say(c.stepPath(at, name), fmt.Sprintf("locking optimistic: %s presents no {version}, so it is a blind write", name),
					`for example headers = { If-Match = "{version}" }`, `locking = "none" if that is meant`)
			case step.uses("version") && read.Version == "":
				c.say(c.stepPath(at, "read"), fmt.Sprintf("%s presents {version}, and read captures none", name), `for example version = "header:ETag"`, "")
			}
		}
		if step.uses("read.body") && name == "create" {
			c.say(c.stepPath(at, name), "create sends {read.body}, and there is nothing to read before it", "a body of its own", "")
		}
		if st.Locking != "pessimistic" {
			continue
		}
		if step.uses("lock") && lock.Token == "" && lock.Choose == "" {
			c.say(c.stepPath(at, name), fmt.Sprintf("%s presents {lock}, and the lock step captures no token", name), `for example token = "json:token"`, "")
		}
		if step.uses("fence") && lock.Fence == "" && c.stepPath(at, name) != at+".locking" {
			c.say(c.stepPath(at, name), fmt.Sprintf("%s presents {fence}, and the lock step captures none", name), `for example fence = "json:fence"`, "")
		}
	}
	if st.Locking == "pessimistic" && lock.uses("ttl") && lock.TTL == 0 {
		c.say(c.stepPath(at, "lock"), "the lock step sends {ttl}, and has no ttl", `for example ttl = "10s"`, "")
	}
	if kind == "counter" && st.Locking == "server-side" && !st.Speaks["add"].usesAny("amount", "value") {
		c.say(c.stepPath(at, "add"), "add sends no {amount}", `for example body = { amount = "{amount}" }`, "")
	}
	if kind == "transfer" && st.Locking == "server-side" {
		for _, v := range []string{"from", "to", "amount"} {
			if step := st.Speaks["transfer"]; !step.uses(v) {
				c.say(c.stepPath(at, "transfer"), fmt.Sprintf("transfer sends no {%s}", v), "", "")
			}
		}
	}
	if read.Value == "" && kind != "create-once" && kind != "lifecycle" && kind != "parent-child" {
		c.say(c.stepPath(at, "read"), "read captures no value", `for example value = "json:stock"`, "")
	}
}

// stepPath is where a step is described: by the strategy, by the target, or
// nowhere in the file, which leaves the strategy's locking to point at.
func (c *checker) stepPath(at, name string) string {
	for _, path := range []string{join(at, name), join("target", name)} {
		if c.doc.has(path) {
			return path
		}
	}
	return at + ".locking"
}

// checkIdentify wants the means by which a read tells which write it saw.
func (c *checker) checkIdentify(at string, st *Strategy) {
	id := st.Identify
	where := "target.identify.by"
	if !c.doc.has(where) {
		where = c.stepPath(at, "read")
	}
	switch id.By {
	case "tag":
		if id.Tag == "" {
			c.say(where, "identify.by = \"tag\" needs to know where a read shows the tag", `tag = "json:editor"`, "")
		}
	case "value":
		if c.s.Workload.Kind != "register" {
			c.say(where, fmt.Sprintf("identify.by = \"value\" needs values that no two writes share, and workload %s writes the same ones again", c.s.Workload.Kind),
				`workload.kind = "register", or by = "tag"`, "")
		}
	case "version":
		if st.Speaks["read"].Version == "" {
			c.say(where, "identify.by = \"version\" needs a read that captures the version", `for example version = "header:ETag" in [target.read]`, "")
		}
	}
	for _, name := range needs(st.Locking, c.s.Workload.Kind) {
		step := st.Speaks[name]
		if !slices.Contains([]string{"write", "create", "add", "append"}, name) || c.brokenWithin(c.stepPath(at, name)) {
			continue
		}
		unique := c.s.Workload.Kind == "register" || name == "append" // the value holds the tag
		if id.By == "tag" && !step.uses("tag") && !(unique && step.uses("value")) {
			c.say(c.stepPath(at, name), fmt.Sprintf("identify.by = \"tag\": %s stores no {tag}", name), `for example set = { editor = "{tag}" }`, "")
		}
		if id.By == "version" && step.Version == "" {
			c.say(c.stepPath(at, name), fmt.Sprintf("identify.by = \"version\" needs the version in the answer of %s", name),
				`for example version = "header:ETag"`, `by = "tag" if the answer does not tell it`)
		}
	}
}

// usesAny reports whether a template of the step has one of the variables.
func (s Step) usesAny(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return s.uses(n) })
}
