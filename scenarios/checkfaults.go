package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

func (c *checker) checkFaults() {
	for i := range c.s.Faults {
		f := &c.s.Faults[i]
		at := element("fault", i)
		for n, name := range f.Strategies {
			if !slices.Contains(c.strategyNames(), name) {
				c.say(element(at+".strategies", n), fmt.Sprintf("no strategy has the name %q", clip(name)), strings.Join(c.strategyNames(), ", "), didYouMean(name, c.strategyNames()))
			}
		}
		if f.Step != "" && !slices.Contains(StepNames(), f.Step) {
			c.say(at+".step", fmt.Sprintf("unknown step %q", clip(f.Step)), strings.Join(StepNames(), ", "), didYouMean(f.Step, StepNames()))
		}
		if f.Every > 0 && f.For >= f.Every {
			c.say(at+".for", fmt.Sprintf("a window of %s does not fit into every %s", f.For, f.Every), "for below every", "")
		}
		if f.From > 0 && f.From >= c.s.Load.Duration+c.s.Load.Warmup && !c.broken(at+".from") {
			c.say(at+".from", fmt.Sprintf("the fault begins at %s, and a block ends after %s", f.From, c.s.Load.Duration+c.s.Load.Warmup), "a time within the block", "")
		}
		if !c.doc.has(at + ".kind") {
			c.say(at, "the fault has no kind", strings.Join(FaultKinds(), ", "), "")
			continue
		}
		k := slices.IndexFunc(faultKinds, func(k faultKind) bool { return k.name == f.Kind })
		if k < 0 {
			if !c.broken(at + ".kind") {
				c.say(at+".kind", fmt.Sprintf("unknown fault %q", clip(f.Kind)), strings.Join(FaultKinds(), ", "), didYouMean(f.Kind, FaultKinds()))
			}
			continue
		}
		c.checkFault(at, f, faultKinds[k])
	}
}

func (c *checker) checkFault(at string, f *Fault, k faultKind) {
	for _, key := range k.needs {
		if !c.doc.has(join(at, key)) {
			c.say(at, fmt.Sprintf("fault %s needs %s", f.Kind, key), map[string]string{"delay": `delay = "50ms"`, "code": `code = "40001"`, "for": `for = "200ms"`}[key], "")
		}
	}
	may := append(append([]string{"kind", "from", "for", "every", "strategies", "min_effective"}, k.needs...), k.may...)
	if !k.window {
		may = append(may, "share", "count")
	}
	for _, key := range fieldNames(reflect.TypeFor[Fault]()) {
		if c.doc.has(join(at, key)) && !slices.Contains(may, key) {
			c.sayKey(join(at, key), fmt.Sprintf("%s means nothing to fault %s", key, f.Kind), "", "remove it")
		}
	}
	if !k.window && !c.doc.has(at+".share") && !c.doc.has(at+".count") {
		c.say(at, fmt.Sprintf("fault %s says neither how often nor how many", f.Kind), "share = 0.02, or count = 5", "")
	}
	if f.Kind == "stale-replica" && f.Delay.Kind != "" && f.Delay.Kind != "fixed" {
		c.say(at+".delay", "a replica lags by one time, not by a spread", `delay = "20ms"`, "")
	}
	if _, err := regexp.Compile(f.Match); err != nil {
		c.say(at+".match", "the regular expression cannot be read: "+err.Error(), `match = "update items"`, "")
	}
	if k.store && c.s.Target.Store.Kind == "" && !(c.s.Target.Use == "sql" && c.s.Target.Options["engine"] == "postgres") {
		c.say(at+".kind", fmt.Sprintf("fault %s needs a store that a relay can stand before", f.Kind), `[target.store]; or use = "sql" with options = { engine = "postgres" }`, "")
	}
	if f.Kind == "stale-replica" && c.s.Target.ReadURL == "" && c.s.Target.Use == "" {
		c.say(at+".kind", "fault stale-replica needs target.read_url", "the URL of the replica", "")
	}
	if (f.Kind == "holder-crash" || f.Kind == "holder-pause") && !slices.ContainsFunc(c.s.Strategies, func(st Strategy) bool { return st.Locking == "pessimistic" }) {
		c.say(at+".kind", fmt.Sprintf("fault %s needs a strategy that takes locks", f.Kind), `locking = "pessimistic"`, "")
	}
	if (f.Kind == "kill" || f.Kind == "pause" || f.Kind == "herd") && c.s.Target.Use == "" && len(c.s.Target.Command) == 0 {
		c.say(at+".kind", fmt.Sprintf("fault %s needs a target that tussle has started", f.Kind), "target.use, or target.command", "")
	}
}
