package scenarios

import (
	"fmt"
	"reflect"
	"strings"
)

func (c *checker) checkLoad() {
	l := &c.s.Load
	if l.Rate != "" && l.Burst != "" {
		c.sayKey("load.burst", "load.rate and load.burst exclude each other", "an open model, or bursts", "")
	}
	if l.Duration < 1e6 && !c.broken("load.duration") {
		c.say("load.duration", fmt.Sprintf("a block of %s is too short", l.Duration), "at least 1ms", "")
	}
	if l.Drain <= 0 && c.doc.has("load.drain") && !c.broken("load.drain") {
		c.say("load.drain", "running operations need time to end", `drain = "10s"`, "")
	}
}

func (c *checker) checkSweep(opt Options) {
	var given []string
	for _, name := range fieldNames(reflect.TypeFor[Sweep]()) {
		if c.doc.has("sweep." + name) {
			given = append(given, name)
		}
	}
	if len(given) > 1 {
		for _, name := range given[1:] {
			c.sayKey("sweep."+name, fmt.Sprintf("a sweep has one parameter, and this is another beside %s", given[0]), "one of "+strings.Join(given, ", "), "write a scenario for each")
		}
	}
	if opt.Sweep && len(given) == 0 {
		c.problems = append(c.problems, Problem{File: "--sweep", Message: "the scenario has no [sweep]", Expected: "[sweep] with clients = [1, 2, 4, 8]"})
	}
	for _, name := range given {
		if list, ok := c.doc.tree["sweep"].(map[string]any)[name].([]any); ok && len(list) == 0 {
			c.say("sweep."+name, "the sweep has no values", "two or more", "")
		}
	}
	for i, n := range c.s.Sweep.Clients {
		c.atLeast(element("sweep.clients", i), n, 1)
	}
	for i, n := range c.s.Sweep.Keys {
		c.atLeast(element("sweep.keys", i), n, 1)
	}
	for i, r := range c.s.Sweep.Rate {
		if at := element("sweep.rate", i); !c.broken(at) {
			if _, err := ParseRate(r); err != nil {
				c.add(at, asMistake(err))
			}
		}
	}
}

func (c *checker) atLeast(path string, n, least int) {
	if n < least && !c.broken(path) {
		c.say(path, fmt.Sprintf("the value is %d", n), fmt.Sprintf("a whole number of at least %d", least), "")
	}
}

func (c *checker) checkBackground() {
	for i, b := range c.s.Background {
		at := element("background", i)
		for _, key := range []string{"rate", "request"} {
			if !c.doc.has(join(at, key)) {
				c.say(at, "the background traffic has no "+key, map[string]string{"rate": `rate = "50/s"`, "request": `request = "GET /articles"`}[key], "")
			}
		}
		if method, _, _ := strings.Cut(b.Request, " "); b.Request != "" && method != "GET" && method != "HEAD" && !c.broken(at+".request") {
			c.say(at+".request", "background traffic only reads", "a GET or HEAD request", "writes belong to the workload")
		}
	}
}
