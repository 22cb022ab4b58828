package measure

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// lane is what one client did in a block, packed: about 12 bytes a request, of
// which a block may have millions. It is unpacked when the block is measured,
// one client at a time.
type lane struct {
	client         int32
	requests, ops  []byte
	last           request   // that was packed
	lastOp         operation // likewise
	mixed, opMixed bool      // they did not come in the order in which they are measured
}

// Bits of a packed request, besides its effect, and of a packed operation,
// besides its outcome.
const (
	hasConflict = 1 << (iota + 2)
	isDisabled
	newKey
	newOp
	newAttempt
)

const (
	isPlain = 1 << (iota + 2)
	isKnown
	hasKey2
	hasCommit
)

// inOrder compares requests of one client.
func inOrder(x, y request) int {
	return cmp.Or(cmp.Compare(x.op, y.op), cmp.Compare(x.call, y.call), cmp.Compare(x.length, y.length), cmp.Compare(x.step, y.step))
}

func opsInOrder(x, y operation) int { return cmp.Compare(x.op, y.op) }

// request packs one.
func (l *lane) request(r *request) {
	last := &l.last
	bits := r.effect
	if r.conflict {
		bits |= hasConflict
	}
	if r.disabled {
		bits |= isDisabled
	}
	if r.key != last.key {
		bits |= newKey
	}
	if r.op != last.op {
		bits |= newOp
	}
	if r.attempt != last.attempt {
		bits |= newAttempt
	}
	to := append(l.requests, bits, r.step, r.class)
	to = binary.AppendVarint(to, int64(r.status))
	to = binary.AppendVarint(to, r.call-last.call-last.length)
	to = binary.AppendVarint(to, r.length)
	if bits&newKey != 0 {
		to = binary.AppendVarint(to, int64(r.key))
	}
	if bits&newOp != 0 {
		to = binary.AppendVarint(to, int64(r.op)-int64(last.op))
	}
	if bits&newAttempt != 0 {
		to = binary.AppendVarint(to, int64(r.attempt))
	}
	l.mixed = l.mixed || len(l.requests) > 0 && inOrder(*last, *r) > 0
	l.requests, l.last = to, *r
}

// operation packs one.
func (l *lane) operation(o *operation) {
	last := &l.lastOp
	bits := o.outcome
	if o.plain {
		bits |= isPlain
	}
	if o.known {
		bits |= isKnown
	}
	if o.key2 >= 0 {
		bits |= hasKey2
	}
	if o.commit != 0 {
		bits |= hasCommit
	}
	to := append(l.ops, bits)
	for _, v := range [...]int64{o.planned - last.ret, o.call - o.planned, o.ret - o.call, int64(o.op) - int64(last.op), int64(o.key), int64(o.attempts)} {
		to = binary.AppendVarint(to, v)
	}
	if o.key2 >= 0 {
		to = binary.AppendVarint(to, int64(o.key2))
	}
	if o.commit != 0 {
		to = binary.AppendVarint(to, o.ret-o.commit)
	}
	l.opMixed = l.opMixed || len(l.ops) > 0 && opsInOrder(*last, *o) > 0
	l.ops, l.lastOp = to, *o
}

// packed reads what a lane holds.
type packed []byte

func (p *packed) byte() byte {
	b := (*p)[0]
	*p = (*p)[1:]
	return b
}

func (p *packed) number() int64 {
	v, n := binary.Varint(*p)
	*p = (*p)[n:]
	return v
}

// unpack appends the client's requests to dst, in order.
func (l *lane) unpack(dst []request) []request {
	from, last := len(dst), request{}
	for p := packed(l.requests); len(p) > 0; {
		bits := p.byte()
		r := request{client: l.client, op: last.op, attempt: last.attempt, key: last.key, step: p.byte(), class: p.byte(), effect: bits & 3,
			conflict: bits&hasConflict != 0, disabled: bits&isDisabled != 0}
		r.status = int32(p.number())
		r.call = last.call + last.length + p.number()
		r.length = p.number()
		if bits&newKey != 0 {
			r.key = int32(p.number())
		}
		if bits&newOp != 0 {
			r.op += int32(p.number())
		}
		if bits&newAttempt != 0 {
			r.attempt = int32(p.number())
		}
		dst = append(dst, r)
		last = r
	}
	if l.mixed {
		slices.SortFunc(dst[from:], inOrder)
	}
	return dst
}

// unpackOps appends the client's operations to dst, in order.
func (l *lane) unpackOps(dst []operation) []operation {
	from, last := len(dst), operation{}
	for p := packed(l.ops); len(p) > 0; {
		bits := p.byte()
		o := operation{client: l.client, key2: -1, outcome: bits & 3, plain: bits&isPlain != 0, known: bits&isKnown != 0}
		o.planned = last.ret + p.number()
		o.call = o.planned + p.number()
		o.ret = o.call + p.number()
		o.op = last.op + int32(p.number())
		o.key, o.attempts = int32(p.number()), int32(p.number())
		if bits&hasKey2 != 0 {
			o.key2 = int32(p.number())
		}
		if bits&hasCommit != 0 {
			o.commit = o.ret - p.number()
		}
		dst = append(dst, o)
		last = o
	}
	if l.opMixed {
		slices.SortFunc(dst[from:], opsInOrder)
	}
	return dst
}

// lanes are those of a block, by client.
type lanes struct {
	all  []*lane
	low  []*lane         // of clients up to manyLanes, from -1
	high map[int32]*lane // of the others
}

const manyLanes = 1 << 12

// of returns the lane of a client, a new one the first time. Its room may be
// one that a lane of another block left.
func (s *lanes) of(client int32, spare *[]*lane) *lane {
	if at := int(client) + 1; at >= 0 && at < manyLanes {
		for len(s.low) <= at {
			s.low = append(s.low, nil)
		}
		if s.low[at] == nil {
			s.low[at] = s.open(client, spare)
		}
		return s.low[at]
	}
	l := s.high[client]
	if l == nil {
		if s.high == nil {
			s.high = map[int32]*lane{}
		}
		l = s.open(client, spare)
		s.high[client] = l
	}
	return l
}

func (s *lanes) open(client int32, spare *[]*lane) *lane {
	l := &lane{client: client}
	if n := len(*spare); n > 0 {
		old := (*spare)[n-1]
		*spare = (*spare)[:n-1]
		l.requests, l.ops = old.requests[:0], old.ops[:0]
	}
	s.all = append(s.all, l)
	return l
}

// sort puts the lanes in the order of their clients.
func (s *lanes) sort() {
	slices.SortFunc(s.all, func(x, y *lane) int { return cmp.Compare(x.client, y.client) })
}

// each hands out the requests of each client.
func (s *lanes) each(f func([]request)) {
	var room []request
	for _, l := range s.all {
		room = l.unpack(room[:0])
		f(room)
	}
}
