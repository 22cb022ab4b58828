package scenarios

import (
	"embed"
	"strings"
)

//go:embed templates/*.toml
var templateFiles embed.FS

// Templates lists the names that [Template] knows.
func Templates() []string {
	entries, _ := templateFiles.ReadDir("templates")
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	return names
}

// Template returns a commented scenario to start from.
func Template(name string) (string, bool) {
	text, err := templateFiles.ReadFile("templates/" + name + ".toml")
	return string(text), err == nil
}
