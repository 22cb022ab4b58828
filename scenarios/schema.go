package scenarios

import (
	_ "embed"
	"slices"
)

//go:generate go run ./internal/gendoc

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of scenario files, for editors. It is
// generated from the types of this package.
func Schema() []byte { return slices.Clone(schema) }
