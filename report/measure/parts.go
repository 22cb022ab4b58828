package measure

// Parts says what the mean time to commit consists of, in ms: it is their sum.
type Parts struct {
	Server  *float64 `json:"server"`   // requests under way
	Think   *float64 `json:"think"`    // between the requests of one attempt
	BackOff *float64 `json:"back_off"` // between attempts
	Wait    *float64 `json:"wait"`     // from the intended start to the first request
}

// parts adds up, in ns, what the times to commit of a strategy consist of.
type parts struct {
	server, think, backOff, wait float64
	n                            int64
}

// operation adds one committed operation with its requests, in their order.
func (p *parts) operation(op *operation, own []request) {
	p.n++
	at, attempt := op.planned, int32(-1)
	for i := range own {
		r := &own[i]
		if r.call >= op.commit {
			break
		}
		if gap := float64(r.call - at); gap > 0 {
			switch attempt {
			case -1:
				p.wait += gap
			case r.attempt:
				p.think += gap
			default:
				p.backOff += gap
			}
		}
		if end := min(r.call+r.length, op.commit); end > at {
			p.server += float64(end - max(at, r.call))
			at = end
		}
		attempt = r.attempt
	}
}

func (p *parts) finish() *Parts {
	if p.n == 0 {
		return nil
	}
	mean := func(ns float64) *float64 { return figure(ns / float64(p.n) / 1e6) }
	return &Parts{Server: mean(p.server), Think: mean(p.think), BackOff: mean(p.backOff), Wait: mean(p.wait)}
}
