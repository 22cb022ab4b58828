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

func (k *readable) block(c *Collector, b *block) {
	if b.detail == nil {
		for i := range b.requests {
			if step := c.words.texts[b.requests[i].step]; step == string(history.StepRead) || step == string(history.StepList) {
				k.reads++
			}
		}
		return
	}
	good := map[int32]int64{} // by key: when the last read that could be read began
	for pass := range 2 {
		late := map[int32]*lasting{}
		for i := range b.requests {
			r := &b.requests[i]
			if step := c.words.texts[r.step]; step != string(history.StepRead) && step != string(history.StepList) {
				continue
			}
			last, known := good[r.key]
			switch class := c.words.texts[r.class]; {
			case pass == 0:
				k.reads++
				if class == string(history.Unreadable) {
					k.blurred++
				} else if class == string(history.OK) {
					good[r.key] = max(last, r.call)
				}
			case class == string(history.Unreadable) && (!known || r.call > last):
				l := late[r.key]
				if l == nil {
					l = &lasting{key: c.keys.texts[r.key], since: r.call - b.Start, detail: b.detail[r.key]}
					late[r.key] = l
				}
				l.n, l.since = l.n+1, min(l.since, r.call-b.Start)
			}
		}
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
