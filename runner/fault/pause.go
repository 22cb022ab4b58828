package fault

import "context"

// The target's process is stopped (SIGSTOP) and goes on (SIGCONT) at the end of
// the window: it keeps all its state and believes that no time has passed.
//
// Effective: the kernel reported the process as stopped at the window's
// beginning and as stopped still at its end.
var pause = Kind{
	Name: "pause", Acts: OnProcess,
	Begin: func(_ context.Context, w World) (string, error) { return w.Stop() },
	End:   func(_ context.Context, w World) (string, bool, error) { return w.Continue() },
}
