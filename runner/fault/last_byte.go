package fault

import "errors"

// The client closes its connection in order (FIN) right after the last byte of
// the request, or delay later. Many servers cancel the handler then: half of a write may be
// done.
//
// Effective: the whole request was sent and no answer was awaited.
var lastByte = Kind{
	Name: "last-byte", Acts: OnRequest, Fits: changes,
	Spoil: func(f *Fault, x *Exchange) Done {
		return x.sendAndLeave(f.delay(x), x.Conn.Close, errLastByte)
	},
}

var errLastByte = errors.New("connection closed after the request (fault last-byte)")
