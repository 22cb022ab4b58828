package scenarios

import "io"

// MaxSize is the largest scenario file that is read, in bytes.
const MaxSize = 1 << 20

// Options change what [Load] does.
type Options struct {
	// Set holds overrides, "load.clients=64"; the path of a strategy's value
	// is "strategy.NAME.retry.attempts". They win over the environment.
	Set []string
	// Env looks a variable up; os.LookupEnv when nil. TUSSLE_LOAD_CLIENTS
	// overrides load.clients, and so on for every single value outside lists.
	Env func(name string) (string, bool)
	// Sweep asks for the [sweep] of the file.
	Sweep bool
	// Only keeps the strategies of these names; all when empty.
	Only []string
	// Stdin is read for the name "-"; os.Stdin when nil.
	Stdin io.Reader
}
