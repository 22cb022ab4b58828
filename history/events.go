package history

import "strconv"

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
