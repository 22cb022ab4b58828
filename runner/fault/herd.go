package fault

import (
	"context"
	"strconv"
)

// All clients wait before their next request until the window is over and the
// target answers, and are then released at once, as after an outage. Together
// with kill or pause it is the thundering herd.
//
// Effective: at least two clients were released together.
var herd = Kind{
	Name: "herd", Acts: OnClients,
	Begin: func(_ context.Context, w World) (string, error) {
		w.Hold()
		return "clients are held", nil
	},
	End: func(ctx context.Context, w World) (string, bool, error) {
		err := w.Ready(ctx)
		held := w.Release() // also when the target is not back: nobody waits for ever
		return strconv.Itoa(held) + " clients were released at once", held > 1, err
	},
}
