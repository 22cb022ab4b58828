package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unsafe"
)

// decode fills rec from one line. Requests and operations are flat objects
// and are scanned by hand (a million of them must be read in about a second);
// the rare other kinds go through encoding/json.
func (d *decoder) decode(text []byte, rec *Record) error {
	if head := `{"type":"request"`; len(text) > len(head) && string(text[:len(head)]) == head {
		rec.Kind, rec.Request = KindRequest, Request{}
		if d.flat(text, len(head), rec) {
			return nil
		}
	} else if head := `{"type":"operation"`; len(text) > len(head) && string(text[:len(head)]) == head {
		rec.Kind, rec.Operation = KindOperation, Operation{}
		if d.flat(text, len(head), rec) {
			return nil
		}
	}
	sc := scanner{text: text, buf: d.escapes}
	defer func() { d.escapes = sc.buf }()
	if !sc.enter() {
		return fmt.Errorf("not a JSON object")
	}
	first, untyped := true, false
	var have uint64 // of a line without a type: its fields
	for {
		name, ok := sc.name()
		if !ok {
			break
		}
		if first {
			first = false
			if string(name) == "type" {
				kind, _ := sc.value()
				switch Kind(kind) {
				case KindRequest:
					rec.Kind, rec.Request = KindRequest, Request{}
					continue
				case KindOperation:
					rec.Kind, rec.Operation = KindOperation, Operation{}
					continue
				}
				return d.slow(Kind(kind), text, rec)
			}
			// A line without a type is a request: the form of foreign histories.
			rec.Kind, rec.Request, untyped = KindRequest, Request{}, true
		}
		if untyped {
			bit, known := knownField(name)
			if !known {
				return misnamed(string(name))
			}
			have |= bit
		}
		val, quoted := sc.value()
		if sc.err != nil {
			break
		}
		var err error
		if rec.Kind == KindRequest {
			err = d.request(name, val, quoted, &rec.Request)
		} else {
			err = d.operation(name, val, quoted, &rec.Operation)
		}
		if err != nil {
			return err
		}
	}
	if sc.err == nil && first {
		return fmt.Errorf("an empty object")
	}
	if sc.err == nil && untyped {
		return foreign(&rec.Request, have)
	}
	return sc.err
}

func (d *decoder) slow(kind Kind, text []byte, rec *Record) error {
	rec.Kind = kind
	switch kind {
	case KindHeader:
		rec.Header = Header{}
		return json.Unmarshal(text, &rec.Header)
	case KindBlock:
		rec.Block = Block{}
		return json.Unmarshal(text, &rec.Block)
	case KindSample:
		rec.Sample = Sample{}
		return json.Unmarshal(text, &rec.Sample)
	case KindEvent:
		rec.Event = Event{}
		return json.Unmarshal(text, &rec.Event)
	case KindPair:
		rec.Pair = &Pair{}
		return json.Unmarshal(text, rec.Pair)
	case KindOrder:
		rec.Order = &Order{}
		return json.Unmarshal(text, rec.Order)
	}
	return nil // a kind of a later version: the caller sees its name and passes over it
}

func (d *decoder) request(name, val []byte, quoted bool, r *Request) (err error) {
	switch string(name) {
	case "block":
		r.Block, err = atoi(val)
	case "client":
		r.Client, err = atoi(val)
	case "session":
		r.Session, err = atoi(val)
	case "op":
		r.Op, err = atoi(val)
	case "attempt":
		r.Attempt, err = atoi(val)
	case "step":
		r.Step = Step(d.word(val))
	case "key":
		r.Key = d.word(val)
	case "key2":
		r.Key2 = d.word(val)
	case "call":
		r.Call, err = atoi64(val)
	case "return":
		r.Return, err = atoi64(val)
	case "status":
		r.Status, err = atoi(val)
	case "class":
		r.Class = Class(d.word(val))
	case "effect":
		r.Effect = Effect(d.word(val))
	case "expect":
		r.Expect = d.text(val, quoted)
	case "version":
		r.Version = d.text(val, quoted)
	case "base":
		r.Base = d.text(val, quoted)
	case "tag":
		r.Tag = d.text(val, quoted)
	case "saw":
		r.Saw = d.text(val, quoted)
	case "value":
		r.Value = d.text(val, quoted)
	case "lock":
		r.Lock = d.text(val, quoted)
	case "fence":
		r.Fence = d.text(val, quoted)
	case "ttl":
		r.TTL, err = atoi64(val)
	case "absent":
		r.Absent = string(val) == "true"
	case "part":
		r.Part = d.text(val, quoted)
	case "sent":
		r.Sent, err = atoi(val)
	case "received":
		r.Received, err = atoi(val)
	case "fault":
		r.Fault = d.word(val)
	case "truth":
		r.Truth, err = atoi(val)
	case "error":
		r.Error = d.word(val)
	case "problem":
		r.Problem = d.word(val)
	case "detail":
		r.Detail = d.text(val, quoted)
	case "vars":
		r.Vars = d.text(val, quoted)
	}
	if err != nil {
		return fmt.Errorf("%s: a whole number was expected, got %q", name, val)
	}
	return nil
}

func (d *decoder) operation(name, val []byte, quoted bool, o *Operation) (err error) {
	switch string(name) {
	case "block":
		o.Block, err = atoi(val)
	case "client":
		o.Client, err = atoi(val)
	case "session":
		o.Session, err = atoi(val)
	case "op":
		o.Op, err = atoi(val)
	case "intent":
		o.Intent = Intent(d.word(val))
	case "key":
		o.Key = d.word(val)
	case "key2":
		o.Key2 = d.word(val)
	case "planned":
		o.Planned, err = atoi64(val)
	case "call":
		o.Call, err = atoi64(val)
	case "return":
		o.Return, err = atoi64(val)
	case "commit":
		o.Commit, err = atoi64(val)
	case "outcome":
		o.Outcome = Outcome(d.word(val))
	case "attempts":
		o.Attempts, err = atoi(val)
	case "conflicts":
		o.Conflicts, err = atoi(val)
	case "requests":
		o.Requests, err = atoi(val)
	case "waited":
		o.Waited, err = atoi64(val)
	case "amount":
		o.Amount, err = atoi64(val)
	case "reason":
		o.Reason = d.word(val)
	case "known":
		o.Known = string(val) == "true"
	case "name":
		o.Name = d.word(val)
	case "captured":
		o.Captured = d.text(val, quoted)
	case "breach":
		o.Breach = d.text(val, quoted)
	}
	if err != nil {
		return fmt.Errorf("%s: a whole number was expected, got %q", name, val)
	}
	return nil
}

// decoder owns the strings that it hands out: words that come back again and
// again are interned, other texts are copied into shared blocks, so that
// reading a million requests makes few allocations and keeps no line alive.
type decoder struct {
	words   map[string]string
	recent  [128]string // of words, by a few of their bytes
	block   []byte
	escapes []byte // room for a string without its escapes
}

const maxWords = 1 << 20

func (d *decoder) word(val []byte) string {
	slot := len(val)
	if n := len(val); n > 1 {
		slot += int(val[n-1])<<1 + int(val[n-2])*11 + int(val[0])*7
	}
	at := &d.recent[slot%len(d.recent)]
	if *at != string(val) {
		*at = d.known(val)
	}
	return *at
}

// known is the one copy of a word.
func (d *decoder) known(val []byte) string {
	if s, ok := d.words[string(val)]; ok {
		return s
	}
	s := string(val)
	if d.words == nil {
		d.words = make(map[string]string)
	}
	if len(d.words) < maxWords {
		d.words[s] = s
	}
	return s
}

func (d *decoder) text(val []byte, quoted bool) string {
	if len(val) == 0 || !quoted && string(val) == "null" {
		return ""
	}
	if len(val) > cap(d.block)-len(d.block) {
		d.block = make([]byte, 0, max(64<<10, len(val)))
	}
	at := len(d.block)
	d.block = append(d.block, val...)
	return unsafe.String(&d.block[at], len(val)) // the bytes of a block are never written twice
}

func atoi(b []byte) (int, error) {
	v, err := atoi64(b)
	return int(v), err
}

func atoi64(b []byte) (int64, error) {
	if n := len(b); n > 0 && n < 19 {
		i, neg := 0, false
		if b[0] == '-' {
			i, neg = 1, true
		}
		var v int64
		for ; i < n; i++ {
			c := b[i] - '0'
			if c > 9 {
				return strconv.ParseInt(string(b), 10, 64)
			}
			v = v*10 + int64(c)
		}
		if neg {
			return -v, nil
		}
		return v, nil
	}
	return strconv.ParseInt(string(b), 10, 64)
}

// scanner walks one flat JSON object. Nested values are handed over whole.
type scanner struct {
	text []byte
	i    int
	err  error
	buf  []byte // a string without its escapes
}

func (s *scanner) space() {
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

func (s *scanner) enter() bool {
	s.space()
	if s.i < len(s.text) && s.text[s.i] == '{' {
		s.i++
		return true
	}
	return false
}

// name moves to the next member; ok is false at the end of the object or on
// an error.
func (s *scanner) name() (name []byte, ok bool) {
	s.space()
	if s.i < len(s.text) && s.text[s.i] == ',' {
		s.i++
		s.space()
	}
	if s.i >= len(s.text) {
		s.err = fmt.Errorf("the object does not end")
		return nil, false
	}
	if s.text[s.i] == '}' {
		s.i++
		s.space()
		if s.i < len(s.text) {
			s.err = fmt.Errorf("something follows the object")
		}
		return nil, false
	}
	end := -1
	if s.text[s.i] == '"' {
		end = bytes.IndexByte(s.text[s.i+1:], '"')
	}
	if end < 0 {
		s.err = fmt.Errorf("a member's name was expected at byte %d", s.i+1)
		return nil, false
	}
	name = s.text[s.i+1 : s.i+1+end]
	s.i += end + 2
	s.space()
	if s.i >= len(s.text) || s.text[s.i] != ':' {
		s.err = fmt.Errorf("a colon was expected at byte %d", s.i+1)
		return nil, false
	}
	s.i++
	s.space()
	return name, true
}

// value returns the next value: a string without its quotes and escapes, or
// the text of a number, word, list or object. It is valid until the next call.
func (s *scanner) value() (val []byte, quoted bool) {
	if s.i >= len(s.text) {
		s.err = fmt.Errorf("the line ends in a value")
		return nil, false
	}
	if s.text[s.i] == '"' {
		from := s.i + 1
		end := bytes.IndexByte(s.text[from:], '"')
		if end < 0 {
			s.err = fmt.Errorf("a string does not end")
			return nil, true
		}
		if bytes.IndexByte(s.text[from:from+end], '\\') < 0 {
			s.i = from + end + 1
			return s.text[from : from+end], true
		}
		return s.escaped(from), true
	}
	from, depth, inString := s.i, 0, false
	for s.i < len(s.text) {
		c := s.text[s.i]
		switch {
		case inString && c == '\\':
			s.i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			depth++
		case (c == ']' || c == '}') && depth > 0:
			depth--
		case depth == 0 && (c == ',' || c == '}' || c == ' '):
			return s.text[from:s.i], false
		}
		s.i++
	}
	s.err = fmt.Errorf("the line ends in a value")
	return nil, false
}

// escaped reads a string with escapes. Those of quotes, which every ETag has,
// are resolved here, the others by encoding/json.
func (s *scanner) escaped(from int) []byte {
	s.buf = s.buf[:0]
	plain := true
	for j := from; j < len(s.text); j++ {
		switch c := s.text[j]; {
		case c == '"':
			s.i = j + 1
			if plain {
				return s.buf
			}
			var out string
			if err := json.Unmarshal(s.text[from-1:j+1], &out); err != nil {
				s.err = err
				return nil
			}
			return []byte(out)
		case c == '\\':
			j++
			if plain = plain && j < len(s.text) && (s.text[j] == '"' || s.text[j] == '\\' || s.text[j] == '/'); plain {
				s.buf = append(s.buf, s.text[j])
			}
		default:
			s.buf = append(s.buf, c)
		}
	}
	s.err = fmt.Errorf("a string does not end")
	return nil
}
