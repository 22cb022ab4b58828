package measure

import (
	"fmt"
	"strings"
)

// Exited is the name of the check that the target lived as long as the load:
// what follows from its end comes after it.
const Exited = "target's process"

// exited tells of a target that ended by itself while this strategy loaded it,
// with its last words. A kill by a fault is no exit. Only a run that saw one
// has this check.
func (c *Collector) exited(strategy int) []Check {
	var list []Check
	for _, x := range c.exits {
		b := c.blockAt(x.Ended)
		if b == nil || b.Strategy != strategy {
			continue
		}
		ch := Check{Name: Exited, Value: figure(1), Unit: "exits", Limit: "= 0", State: Bad}
		ch.Note = fmt.Sprintf("the target ended by itself (%s) after %.1f s of the run", x.How, float64(x.Ended)/1e9)
		if len(x.Output) == 0 {
			ch.Note += "; it printed nothing"
		} else {
			ch.Note += "; its last words: " + strings.Join(x.Output, " | ")
		}
		list = append(list, ch)
	}
	return list
}

// blockAt returns the block that was under way, or else the last one that
// began before.
func (c *Collector) blockAt(at int64) *block {
	var last *block
	for _, b := range c.blocks {
		if b != nil && (last == nil || b.Start <= at) {
			last = b
		}
	}
	return last
}
