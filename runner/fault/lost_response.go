package fault

import (
	"fmt"
	"os"
)

// The server does it, the client never hears. The request is performed and its
// answer read; then the client is told that the deadline passed, and its
// connection is closed. The server cannot tell the difference. The true status
// is kept in the history as ground truth, for tests of tussle itself.
//
// Effective: what the client was not told was an acceptance (2xx).
var lostResponse = Kind{
	Name: "lost-response", Acts: OnRequest, Fits: changes,
	Spoil: func(_ *Fault, x *Exchange) Done {
		x.plain()
		if x.Result.Err != nil {
			return Done{} // no answer came that could be lost
		}
		x.Truth = x.Resp.Status()
		x.Conn.Close()
		x.Result.Timeout, x.Result.Received = true, 0
		x.broken(errLost)
		return Done{Injected: true, Effective: x.Truth/100 == 2}
	},
}

var errLost = fmt.Errorf("no answer before the deadline (fault lost-response): %w", os.ErrDeadlineExceeded)
