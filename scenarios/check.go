package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// check looks for what no single value shows: pairs that cannot be, names that
// nothing has, steps that a locking kind lacks.
func (c *checker) check(opt Options) {
	c.checkHead()
	c.checkTarget()
	c.checkWorkload()
	c.checkOwn()
	c.checkLoad()
	c.checkVariables()
	c.checkStrategies()
	c.checkOutcomes()
	c.checkSweep(opt)
	c.checkFaults()
	c.checkBackground()
	c.checkThresholds()
	for i := range c.s.Strategies {
		c.checkSpoken(element("strategy", i), &c.s.Strategies[i])
	}
	for _, name := range opt.Only {
		if !slices.Contains(c.strategyNames(), name) {
			c.problems = append(c.problems, Problem{File: "--strategy " + name, Message: "no strategy has this name",
				Hint: suggest(name, c.strategyNames(), "strategies")})
		}
	}
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

func (c *checker) checkHead() {
	if c.doc.has("name") && !c.broken("name") && !namePattern.MatchString(c.s.Name) {
		c.say("name", fmt.Sprintf("%q is no name", clip(c.s.Name)), "letters, digits, '-', '_' and '.', as it names a directory", "")
	}
	if !c.doc.has("name") && !namePattern.MatchString(c.s.Name) {
		c.s.Name = "scenario" // a file name that is no name of ours
	}
	if !c.doc.has("target") {
		c.say("", "the scenario has no [target]", `use = "memory" or url = "http://127.0.0.1:8080"`, "")
	}
	if !c.doc.has("workload") && len(c.s.Operations) == 0 {
		c.say("", "the scenario has no [workload]", `kind = "counter" or another`, "")
	}
	if len(c.s.Strategies) == 0 && !c.doc.has("strategy") {
		c.say("", "the scenario has no [[strategy]]", "at least one", "docs/scenario.md shows how to write one")
	}
}

func (c *checker) checkTarget() {
	t := &c.s.Target
	has := c.doc.has
	switch {
	case t.Use != "" && t.URL != "":
		c.sayKey("target.url", "target.use and target.url exclude each other", "a built-in target, or your own API", "")
	case has("target") && !c.broken("target") && !has("target.use") && !has("target.url"):
		c.say("target", "the target is not named", `use = "memory" or url = "http://127.0.0.1:8080"`, "")
	}
	if t.Use != "" {
		for _, key := range []string{"command", "ready", "dir", "env"} {
			if has("target." + key) {
				c.sayKey("target."+key, fmt.Sprintf("target.%s is for your own API; a built-in target is started by tussle", key), "", "remove it, or write url instead of use")
			}
		}
		if scheme := t.Options["scheme"]; scheme != "" {
			c.checkSchemeName("target.options.scheme", t.Use, scheme)
		}
	}
	if has("target.options") && t.Use == "" {
		c.sayKey("target.options", "target.options is for built-in targets", "", `remove it, or write use = "memory"`)
	}
	for i, w := range t.Command {
		if w == "" && i == 0 {
			c.say(element("target.command", i), "the command is empty", `command = ["./api", "--port", "8080"]`, "")
		}
	}
	if has("target.command") && len(t.Command) == 0 && !c.broken("target.command") {
		c.say("target.command", "the command is empty", `command = ["./api", "--port", "8080"]`, "")
	}
	if has("target.ready") && t.Ready.Request == "" {
		c.say("target.ready", "target.ready has no request", `ready = { request = "GET /healthz" }`, "")
	}
	if has("target.login") {
		for _, key := range []string{"request", "token"} {
			if !has("target.login." + key) {
				c.say("target.login", "target.login has no "+key, map[string]string{"request": `request = "POST /login"`, "token": `token = "json:access_token"`}[key], "")
			}
		}
	}
	if has("target.tls") && strings.HasPrefix(t.URL, "http://") {
		c.sayKey("target.tls", "target.tls is of no use with an http URL", "https in target.url", "")
	}
	if (t.TLS.Cert == "") != (t.TLS.Key == "") {
		c.say("target.tls", "a client certificate needs both cert and key", "", "")
	}
	c.checkStore()
	c.checkFile("target.tls.ca", t.TLS.CA)
	c.checkFile("target.tls.cert", t.TLS.Cert)
	c.checkFile("target.tls.key", t.TLS.Key)
	c.checkFile("target.dir", t.Dir)
	for i, id := range t.Identity {
		if len(id.Headers) == 0 && len(id.Vars) == 0 {
			c.say(element("target.identity", i), "the identity has neither headers nor vars", `headers = { Authorization = { env = "TOKEN" } }`, "")
		}
	}
}

// checkFile wants a file that the scenario names to be there.
func (c *checker) checkFile(path, name string) {
	if name == "" {
		return
	}
	info, err := os.Stat(c.beside(name))
	switch {
	case err != nil:
		c.say(path, fmt.Sprintf("%q cannot be read: %s", clip(name), reason(err)), "a path relative to the scenario", "")
	case strings.HasPrefix(path, "target.tls.") && !info.Mode().IsRegular():
		c.say(path, fmt.Sprintf("%q is no file", clip(name)), "a PEM file: no folder, device or pipe", "")
	case strings.HasPrefix(path, "target.tls.") && info.Size() > MaxSize:
		c.say(path, fmt.Sprintf("%q is larger than %d KiB", clip(name), MaxSize>>10), "a PEM file", "")
	}
}

// locate makes the paths of a checked scenario those that the process can open.
func (c *checker) locate() {
	t := &c.s.Target
	for _, name := range []*string{&t.Dir, &t.TLS.CA, &t.TLS.Cert, &t.TLS.Key} {
		*name = c.beside(*name)
	}
	if len(t.Sign.Command) > 0 && c.s.File != "-" {
		t.Sign.Dir = filepath.Dir(c.s.File)
	}
	if _, embedded := galleryText(c.s.File); t.Dir == "" && len(t.Command) > 0 && c.s.File != "-" && !embedded {
		t.Dir = filepath.Dir(c.s.File)
	}
}

func (c *checker) checkSchemeName(path, use, scheme string) {
	if b := builtins[use]; b.schemes != nil && !slices.Contains(b.schemes, scheme) {
		c.say(path, fmt.Sprintf("the target %q has no scheme %q", use, clip(scheme)), strings.Join(b.schemes, ", "), didYouMean(scheme, b.schemes))
	}
}

func (c *checker) checkWorkload() {
	w := &c.s.Workload
	if c.doc.has("workload") && w.Kind != OwnWorkload && !c.doc.has("workload.kind") && !c.broken("workload") {
		f, _ := fieldNamed[Workload]("kind")
		c.say("workload", "workload.kind is not given", strings.Join(f.enum(), ", "), "")
		return
	}
	if c.broken("workload.kind") {
		return
	}
	c.checkKeys("workload.keys", w.Keys)
	if w.Floor != nil && w.Ceiling != nil && *w.Floor > *w.Ceiling {
		c.say("workload.floor", fmt.Sprintf("floor %d is above ceiling %d", *w.Floor, *w.Ceiling), "", "")
	} else if w.Floor != nil && w.Initial < *w.Floor || w.Ceiling != nil && w.Initial > *w.Ceiling {
		c.say("workload.initial", fmt.Sprintf("the initial value %d is outside the bounds", w.Initial), "floor <= initial <= ceiling", "")
	}
	only := map[string][]string{
		"amount": {"counter", "transfer", "lease"}, "initial": {"counter", "transfer", "lease"},
		"floor": {"counter", "transfer", "lease"}, "ceiling": {"counter", "transfer", "lease"}, "hold": {"lease"},
	}
	for _, key := range sortedNames(only) {
		if c.doc.has("workload."+key) && w.Kind != "" && !slices.Contains(only[key], w.Kind) {
			c.sayKey("workload."+key, fmt.Sprintf("%s means nothing to workload %s", key, w.Kind), key+" is for "+strings.Join(only[key], ", "), "remove it")
		}
	}
	if w.Kind == "transfer" && w.Amount < 1 {
		c.say("workload.amount", fmt.Sprintf("a transfer of %d moves nothing", w.Amount), "at least 1", "")
	}
	if w.Kind == "counter" && c.doc.has("workload.amount") && w.Amount == 0 && !c.broken("workload.amount") {
		c.say("workload.amount", "an amount of 0 changes nothing", "any other whole number", "")
	}
}

// checkKeys wants as many keys as the workload needs.
func (c *checker) checkKeys(path string, n int) {
	switch kind := c.s.Workload.Kind; {
	case c.broken(path):
	case (kind == "transfer" || kind == "pair") && n < 2:
		c.say(path, fmt.Sprintf("workload %s needs two keys", kind), "keys = 2 or more", "")
	case kind == "pair" && n%2 == 1:
		c.say(path, "workload pair takes its keys two by two", "an even number", "")
	}
}

// hasControl reports whether a text has characters that do not print.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (c *checker) checkThresholds() {
	for i, t := range c.s.Thresholds {
		at := element("threshold", i)
		for _, key := range []string{"metric", "limit"} {
			if !c.doc.has(join(at, key)) {
				c.say(at, "the threshold has no "+key, map[string]string{"metric": `metric = "abandon_rate"`, "limit": `limit = "< 1%"`}[key], "")
			}
		}
		if t.Strategy != "" && !slices.Contains(c.strategyNames(), t.Strategy) {
			c.say(at+".strategy", fmt.Sprintf("no strategy has the name %q", clip(t.Strategy)), strings.Join(c.strategyNames(), ", "), didYouMean(t.Strategy, c.strategyNames()))
		}
		if t.Metric == "" {
			continue
		}
		if _, ok := metricUnit(t.Metric); !ok {
			c.say(at+".metric", fmt.Sprintf("unknown metric %q", clip(t.Metric)), "a figure of report.json such as abandon_rate, goodput_per_s or time_to_commit_ms.p99",
				didYouMean(t.Metric, metricNames()))
			continue
		}
		if t.Limit != "" && !c.broken(at+".limit") {
			if _, err := ParseLimit(t.Metric, t.Limit); err != nil {
				c.add(at+".limit", asMistake(err))
			}
		}
	}
}
