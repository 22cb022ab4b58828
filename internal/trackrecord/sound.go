package main

import (
	"embed"
	"os"
	"path/filepath"
	"strings"
)

// soundFiles are scenarios of sound targets: many clients, very few keys.
//
//go:embed sound/*.toml
var soundFiles embed.FS

// soundTrials writes the scenarios into dir, which the program reads them from.
func soundTrials(dir string) []trial {
	entries, _ := soundFiles.ReadDir("sound") // embedded: it is there
	var out []trial
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".toml")
		path := filepath.Join(dir, e.Name())
		text, _ := soundFiles.ReadFile("sound/" + e.Name())
		_ = os.WriteFile(path, text, 0o644) // a run that does not find it says so
		out = append(out, trial{kind: sound, name: name, scenario: path})
	}
	return out
}
