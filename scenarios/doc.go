// Package scenarios says what to do: the gallery, the dialects, and the loader
// that turns a TOML file into a [Scenario] with every default filled in, or
// into every problem of the file with its place.
//
// It is the only user of the TOML library, and knows nothing of the runner.
package scenarios
