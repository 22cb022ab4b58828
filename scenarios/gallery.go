package scenarios

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

//go:embed all:zoo *.toml
var galleryFiles embed.FS

// Entry is one scenario of the gallery.
type Entry struct {
	Name        string // "flash-sale", "zoo/if-match-not-atomic"
	Description string // the question that it answers
}

// Gallery lists the embedded scenarios by name, those of the zoo last.
func Gallery() []Entry {
	return slices.Clone(gallery())
}

var gallery = sync.OnceValue(func() []Entry {
	var out []Entry
	for _, dir := range []string{".", "zoo"} {
		entries, _ := galleryFiles.ReadDir(dir)
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), ".toml")
			if !ok || e.IsDir() {
				continue
			}
			if dir != "." {
				name = dir + "/" + name
			}
			text, _ := galleryText(name)
			var head struct {
				Description string `toml:"description"`
			}
			_, _ = toml.Decode(text, &head) // a test loads them all
			out = append(out, Entry{Name: name, Description: head.Description})
		}
	}
	return out
})

// galleryText returns the text of an embedded scenario.
func galleryText(name string) (string, bool) {
	if strings.HasSuffix(name, ".toml") || strings.Contains(name, "dialects") {
		return "", false
	}
	text, err := galleryFiles.ReadFile(name + ".toml")
	return string(text), err == nil
}
