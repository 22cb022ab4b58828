package history

import (
	"strconv"
	"strings"
)

// EventEnd is the name of the last event of a run that was not killed.
const EventEnd = "end"

// EventQuestion is the name of the event that ends a block of a probe: what was
// asked, and which part each of the block's requests has in it.
const EventQuestion = "question"

// ModeProbe is the mode of a history whose requests were sent one at a time.
const ModeProbe = "probe"

// EventLivelock is the name of the event that tells of a block in which
// operations gave up because what they had just read was refused as stale,
// again and again.
const EventLivelock = "livelock"

// eventExited is the name of the event that tells of a target which ended by
// itself, under load: no fault ended it, and the run was not over.
const eventExited = "exited"

// NewExit says at the end of a run that the target's process ended at the
// given time, how, and what it had printed last.
func NewExit(ended, now int64, how string, output []string) *Event {
	e := &Event{At: now, Block: -1, Name: eventExited, Note: "the target ended by itself: " + how, Attrs: map[string]string{
		"ended": strconv.FormatInt(ended, 10), "how": how}}
	if len(output) > 0 {
		e.Attrs["output"] = strings.Join(output, "\n")
	}
	return e
}

// Exit is what [NewExit] was told.
type Exit struct {
	Ended  int64    // ns since the run's start
	How    string   // "exit status 1", "signal: killed"
	Output []string // the last lines that it printed
}

// Exit returns it, and whether e is such an event.
func (e *Event) Exit() (x Exit, ok bool) {
	if e.Name != eventExited {
		return x, false
	}
	at, err := strconv.ParseInt(e.Attrs["ended"], 10, 64)
	if text := e.Attrs["output"]; text != "" {
		x.Output = strings.Split(text, "\n")
	}
	x.Ended, x.How = at, e.Attrs["how"]
	return x, err == nil
}

// eventBurst is the name of the event that tells how a block's bursts arrived.
const eventBurst = "burst"

// NewBurst says at the end of a block how far apart, in ns, the writes of its
// largest releases arrived at the target: the median of so many releases.
func NewBurst(at int64, block int, kind string, clients int, median int64, releases int) *Event {
	return &Event{At: at, Block: block, Name: eventBurst, Attrs: map[string]string{
		"kind": kind, "clients": strconv.Itoa(clients), "releases": strconv.Itoa(releases), "median_spread_ns": strconv.FormatInt(median, 10)}}
}

// Burst returns what [NewBurst] was told, and whether e is such an event.
func (e *Event) Burst() (median, releases int64, ok bool) {
	if e.Name != eventBurst {
		return 0, 0, false
	}
	median, err := strconv.ParseInt(e.Attrs["median_spread_ns"], 10, 64)
	if err != nil {
		return 0, 0, false
	}
	releases, err = strconv.ParseInt(e.Attrs["releases"], 10, 64)
	return median, releases, err == nil
}
