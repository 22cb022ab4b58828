package history

// flat reads the rest of a line that is written as [Request.AppendJSON] and
// [Operation.AppendJSON] write one: nothing but names, whole numbers and
// strings, without a space between them. That is nearly every line of a
// history, so it is worth a way of its own. False means that the line has
// something else, or a fault: then the general way reads it from its start, and
// says what is wrong with it.
func (d *decoder) flat(text []byte, at int, rec *Record) bool {
	for at+4 < len(text) && text[at] == ',' && text[at+1] == '"' {
		from := at + 2
		to := from
		for to < len(text) && text[to] != '"' {
			to++
		}
		if to+2 >= len(text) || text[to+1] != ':' {
			return false
		}
		name := text[from:to]
		at = to + 2
		if text[at] == '"' {
			val, end := d.quoted(text, at+1)
			if end < 0 || !d.texts(name, val, rec) {
				return false
			}
			at = end
			continue
		}
		n, end := whole(text, at)
		if end < 0 || !numbers(name, n, rec) {
			return false
		}
		at = end
	}
	return at+1 == len(text) && text[at] == '}'
}

// whole reads a whole number that ends where a value may end.
func whole(text []byte, at int) (n int64, end int) {
	from, sign := at, int64(1)
	if text[at] == '-' {
		at++
		from, sign = at, -1
	}
	for at < len(text) && text[at]-'0' <= 9 {
		n = n*10 + int64(text[at]-'0')
		at++
	}
	if at == from || at-from > 18 || at == len(text) || text[at] != ',' && text[at] != '}' {
		return 0, -1
	}
	return n * sign, at
}

// quoted reads a string to its end. Of the escapes it knows those of quotes and
// backslashes, which every ETag has.
func (d *decoder) quoted(text []byte, at int) (val []byte, end int) {
	from := at
	for ; at < len(text); at++ {
		switch text[at] {
		case '"':
			return text[from:at], at + 1
		case '\\':
			buf := append(d.escapes[:0], text[from:at]...)
			for ; at < len(text); at++ {
				c := text[at]
				if c == '"' {
					d.escapes = buf
					return buf, at + 1
				}
				if c == '\\' {
					at++
					if at == len(text) || text[at] != '"' && text[at] != '\\' {
						return nil, -1
					}
					c = text[at]
				}
				buf = append(buf, c)
			}
			return nil, -1
		}
	}
	return nil, -1
}

func (d *decoder) texts(name, val []byte, rec *Record) bool {
	if rec.Kind == KindRequest {
		return d.requestText(string(name), val, &rec.Request)
	}
	o := &rec.Operation
	switch string(name) {
	case "intent":
		o.Intent = Intent(d.word(val))
	case "key":
		o.Key = d.word(val)
	case "outcome":
		o.Outcome = Outcome(d.word(val))
	case "key2":
		o.Key2 = d.word(val)
	case "reason":
		o.Reason = d.word(val)
	case "name":
		o.Name = d.word(val)
	default:
		return false
	}
	return true
}

func (d *decoder) requestText(name string, val []byte, r *Request) bool {
	switch name {
	case "step":
		r.Step = Step(d.word(val))
	case "key":
		r.Key = d.word(val)
	case "class":
		r.Class = Class(d.word(val))
	case "effect":
		r.Effect = Effect(d.word(val))
	case "expect":
		r.Expect = d.text(val, true)
	case "version":
		r.Version = d.text(val, true)
	case "base":
		r.Base = d.text(val, true)
	case "tag":
		r.Tag = d.text(val, true)
	case "saw":
		r.Saw = d.text(val, true)
	case "value":
		r.Value = d.text(val, true)
	case "lock":
		r.Lock = d.text(val, true)
	case "fence":
		r.Fence = d.text(val, true)
	case "detail":
		r.Detail = d.text(val, true)
	case "problem":
		r.Problem = d.word(val)
	default:
		return false
	}
	return true
}

func numbers(name []byte, n int64, rec *Record) bool {
	if rec.Kind == KindOperation {
		return operationNumber(string(name), n, &rec.Operation)
	}
	r := &rec.Request
	switch string(name) {
	case "block":
		r.Block = int(n)
	case "client":
		r.Client = int(n)
	case "op":
		r.Op = int(n)
	case "attempt":
		r.Attempt = int(n)
	case "call":
		r.Call = n
	case "return":
		r.Return = n
	case "status":
		r.Status = int(n)
	case "sent":
		r.Sent = int(n)
	case "received":
		r.Received = int(n)
	case "session":
		r.Session = int(n)
	case "ttl":
		r.TTL = n
	default:
		return false
	}
	return true
}

func operationNumber(name string, n int64, o *Operation) bool {
	switch name {
	case "block":
		o.Block = int(n)
	case "client":
		o.Client = int(n)
	case "op":
		o.Op = int(n)
	case "planned":
		o.Planned = n
	case "call":
		o.Call = n
	case "return":
		o.Return = n
	case "commit":
		o.Commit = n
	case "attempts":
		o.Attempts = int(n)
	case "conflicts":
		o.Conflicts = int(n)
	case "requests":
		o.Requests = int(n)
	case "waited":
		o.Waited = n
	case "amount":
		o.Amount = n
	case "session":
		o.Session = int(n)
	default:
		return false
	}
	return true
}
