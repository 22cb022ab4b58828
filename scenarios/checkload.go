package scenarios

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

func (c *checker) checkLoad() {
	l := &c.s.Load
	if l.Rate.Text != "" && l.Burst != "" {
		c.sayKey("load.burst", "load.rate and load.burst exclude each other", "an open model, or bursts", "")
	}
	if l.Duration < 1e6 && !c.broken("load.duration") {
		c.say("load.duration", fmt.Sprintf("a block of %s is too short", l.Duration), "at least 1ms", "")
	}
	if l.Drain <= 0 && c.doc.has("load.drain") && !c.broken("load.drain") {
		c.say("load.drain", "running operations need time to end", `drain = "10s"`, "")
	}
	c.checkArrivals("load.rate", l.Rate)
}

// maxArrivals bounds the schedule of one block, which is made before the block
// begins.
const maxArrivals = 5_000_000

func (c *checker) checkArrivals(path string, r Rate) {
	block := c.s.Load.Warmup + c.s.Load.Duration
	if n := r.Arrivals(time.Duration(block)); n > maxArrivals && !c.broken(path) {
		c.say(path, fmt.Sprintf("%q makes %.0f arrivals in a block of %s", clip(r.Text), n, block), fmt.Sprintf("at most %d", maxArrivals), "lower the rate or load.duration")
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
	clients, _ := fieldNamed[LoadPlan]("clients")
	for i, n := range c.s.Sweep.Clients {
		c.within(element("sweep.clients", i), n, clients)
	}
	keys, _ := fieldNamed[Workload]("keys")
	for i, n := range c.s.Sweep.Keys {
		at := element("sweep.keys", i)
		c.within(at, n, keys)
		c.checkKeys(at, n)
	}
	if len(c.s.Sweep.Rate) > 0 && c.s.Load.Burst != "" {
		c.sayKey("load.burst", "sweep.rate and load.burst exclude each other", "an open model, or bursts", "")
	}
	for i, r := range c.s.Sweep.Rate {
		c.checkArrivals(element("sweep.rate", i), r)
	}
}

// within wants a swept value inside the bounds of the field that it replaces.
func (c *checker) within(path string, n int, f field) {
	if lo, hi, ok := f.bounds(); ok && (int64(n) < lo || int64(n) > hi) && !c.broken(path) {
		c.say(path, fmt.Sprintf("the value is %d", n), fmt.Sprintf("a whole number from %d to %d", lo, hi), "")
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
