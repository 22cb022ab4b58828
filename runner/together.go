package runner

import (
	"tussle/history"
	"tussle/runner/transport"
)

// gated reports whether a request is one that bursts release together: the
// write of a read-modify-write, or else the operation's first request.
func (c *client) gated(step history.Step, attempt int) bool {
	switch {
	case c.block.gate == nil || c.id < 0:
		return false
	case c.sp.Locking == "pessimistic":
		return step == history.StepLock && attempt == 1 && c.requests == 0
	}
	return step.Writes() || step.Own() && c.machine.Last()
}

// doTogether performs an exchange whose bytes are released with the others'.
func (c *client) doTogether(conn *transport.Conn, do exchange) transport.Result {
	g := c.block.gate
	c.req.SetHeader("Want-Arrival", []byte("1"))
	bytes := conn.Encode(&c.req)
	var turn int
	var res transport.Result
	if g.lastByte {
		res = conn.Begin(do.ctx, do.deadline)
		if res.Err == nil {
			conn.Write(bytes[:len(bytes)-1], &res)
		}
		turn = g.barrier(func() {
			if res.Err == nil {
				conn.Write(bytes[len(bytes)-1:], &res)
			}
		})
	} else {
		turn = g.barrier(nil)
		if res = conn.Begin(do.ctx, do.deadline); res.Err == nil {
			conn.Write(bytes, &res)
		}
	}
	if res.Err == nil {
		conn.ReadAnswer(&c.req, &c.resp, &res)
	}
	if res.Err == nil {
		g.arrived(turn, c.resp.Header("Arrival"))
	}
	return res
}
