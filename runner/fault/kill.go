package fault

import "context"

// The target's process is killed (SIGKILL) and, at the end of the window, its
// command is started again on the same port. This is the death of a process:
// what the kernel had been given is still there. Loss of power is not tested.
//
// Effective: the process ended by that signal, and another one answers.
var kill = Kind{
	Name: "kill", Acts: OnProcess,
	Begin: func(_ context.Context, w World) (string, error) { return w.Kill() },
	End:   func(ctx context.Context, w World) (string, bool, error) { return w.Restart(ctx) },
}
