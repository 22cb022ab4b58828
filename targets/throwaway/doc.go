// Package throwaway runs a server for as long as somebody needs it: in a
// temporary directory, by an unprivileged user, out of reach of the terminal's
// signals. The server ends, and its directory goes, when it is stopped or when
// the process that started it dies, however it dies.
package throwaway
