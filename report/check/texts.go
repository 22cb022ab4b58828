package check

import (
	"hash/maphash"
	"slices"
)

// texts numbers the texts of one key from 1 (0 is the empty text), so that
// everything after reading compares whole numbers. It keeps a text once, in
// its own bytes: about 12 bytes and the text's length for each, and nothing
// of the record that it came from.
type texts struct {
	bytes []byte
	ends  []uint32 // end of text i in bytes
	slots []uint32 // open addressing; 0 is free

	recent [16]uint32 // numbers that were asked for last, by hash: most texts come back soon
}

var seed = maphash.MakeSeed()

// id returns the number of s, a new one the first time.
func (t *texts) id(s string) uint32 {
	if s == "" {
		return 0
	}
	if t.ends == nil {
		t.ends = make([]uint32, 1, 8)
		t.slots = make([]uint32, 16)
	}
	hash := maphash.String(seed, s)
	recent := &t.recent[hash>>60]
	if *recent != 0 && string(t.raw(*recent)) == s {
		return *recent
	}
	mask := uint64(len(t.slots) - 1)
	at := hash & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		if string(t.raw(t.slots[at])) == s {
			*recent = t.slots[at]
			return *recent
		}
	}
	n := uint32(len(t.ends))
	t.bytes = append(roomFor(t.bytes, len(s)), s...)
	t.ends = append(roomFor(t.ends, 1), uint32(len(t.bytes)))
	t.slots[at], *recent = n, n
	if len(t.ends)*3 > len(t.slots)*2 {
		t.grow()
	}
	return n
}

// roomFor returns list with room for n more. It grows by a half: what append
// adds is less, so that everything would be copied more often.
func roomFor[T any](list []T, n int) []T {
	if len(list)+n <= cap(list) {
		return list
	}
	return slices.Grow(list, max(n, len(list)/2, 16))
}

func (t *texts) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n := 1; n < len(t.ends); n++ {
		at := maphash.Bytes(seed, t.raw(uint32(n))) & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(n)
	}
}

// empty returns texts without any, with the room of t.
func (t *texts) empty() texts {
	if t.ends == nil {
		return texts{}
	}
	clear(t.slots)
	return texts{bytes: t.bytes[:0], ends: t.ends[:1], slots: t.slots}
}

func (t *texts) raw(n uint32) []byte { return t.bytes[t.ends[n-1]:t.ends[n]] }

// text returns text n.
func (t *texts) text(n uint32) string {
	if n == 0 || len(t.ends) == 0 {
		return ""
	}
	return string(t.raw(n))
}

// len returns one more than the largest number in use.
func (t *texts) len() int { return max(1, len(t.ends)) }

// find returns the number of a text that may not be there.
func (t *texts) find(s string) (uint32, bool) {
	if s == "" || t.ends == nil {
		return 0, false
	}
	mask := uint64(len(t.slots) - 1)
	for at := maphash.String(seed, s) & mask; t.slots[at] != 0; at = (at + 1) & mask {
		if string(t.raw(t.slots[at])) == s {
			return t.slots[at], true
		}
	}
	return 0, false
}
