package measure

import (
	"fmt"
	"strings"

	"tussle/history"
)

// Readable is the name of the check that answers could be read: a 2xx that
// lacks what its step must yield tells nothing, so the more of them, the less
// was judged. Where they last, nothing is known of how it ended.
const Readable = "answers that can be read"

// readable adds up the unreadable answers of one strategy.
type readable struct {
	reads, blurred int64
	keys           int64 // that could not be read any more at the end of their block
	first          lasting
}

// lasting is a key that could not be read any more.
type lasting struct {
	key    string
	since  int64 // ns from the block's start
	n      int64
	detail string
}

// lastingAfter is how many reads in a row make it last.
const lastingAfter = 3

// client counts the reads of one client in a block.
func (k *readable) client(c *Collector, requests []request) {
	for i := range requests {
		if c.reads(&requests[i]) {
			k.reads++
		}
	}
}

func (c *Collector) reads(r *request) bool {
	step := c.words.texts[r.step]
	return step == string(history.StepRead) || step == string(history.StepList)
}

// end looks for keys of a block that could not be read any more.
func (k *readable) end(c *Collector, b *block) {
	if b.detail == nil {
		return
	}
	good := map[int32]int64{} // by key: when the last read that could be read began
	b.each(func(requests []request) {
		for i := range requests {
			r := &requests[i]
			if !c.reads(r) {
				continue
			}
			switch c.words.texts[r.class] {
			case string(history.Unreadable):
				k.blurred++
			case string(history.OK):
				good[r.key] = max(good[r.key], r.call)
			}
		}
	})
	late := map[int32]*lasting{}
	b.each(func(requests []request) {
		for i := range requests {
			r := &requests[i]
			if !c.reads(r) || c.words.texts[r.class] != string(history.Unreadable) {
				continue
			}
			if last, known := good[r.key]; known && r.call <= last {
				continue
			}
			l := late[r.key]
			if l == nil {
				l = &lasting{key: c.keys.texts[r.key], since: r.call - b.Start, detail: b.detail[r.key]}
				late[r.key] = l
			}
			l.n, l.since = l.n+1, min(l.since, r.call-b.Start)
		}
	})
	for _, l := range late {
		if l.n < lastingAfter {
			continue
		}
		k.keys++
		if k.first.n == 0 || l.since < k.first.since || l.since == k.first.since && l.key < k.first.key {
			k.first = *l
		}
	}
}

func (k *readable) check() Check {
	ch := Check{Name: Readable, Value: figure(float64(k.blurred)), Unit: "reads that could not be read", Limit: "none at the end of a block", State: Good}
	switch {
	case k.reads == 0:
		ch.Value, ch.State, ch.Note = nil, Thin, "nothing was read"
	case k.keys > 0:
		ch.State = Bad
		ch.Note = fmt.Sprintf("the document %s cannot be read any more since %.1f s (%s reads", k.first.key, float64(k.first.since)/1e9, grouped(k.first.n))
		if k.keys > 1 {
			ch.Note += fmt.Sprintf(", and %s other documents", grouped(k.keys-1))
		}
		ch.Note += "): " + said(k.first.detail) + "; if that is how the target says that there is none, see absent in docs/scenario.md"
	case k.blurred > 0:
		ch.State = Note
		ch.Note = fmt.Sprintf("%s of %s reads were answered with 2xx and lacked their value, tag or version; they were read again, and nothing was concluded from them", grouped(k.blurred), grouped(k.reads))
	default:
		ch.Note = fmt.Sprintf("%s reads", grouped(k.reads))
	}
	return ch
}

// said quotes the head of a body on one line.
func said(detail string) string {
	detail = strings.Join(strings.Fields(detail), " ")
	if detail == "" {
		return "its answer has no body"
	}
	if r := []rune(detail); len(r) > 80 {
		detail = string(r[:80]) + "..."
	}
	return fmt.Sprintf("its answer is %q", detail)
}
