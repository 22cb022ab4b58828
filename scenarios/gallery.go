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
	Group       string // one of GalleryGroups
}

// GalleryGroups are the headings of the gallery, in the order of a reader who
// begins.
var GalleryGroups = []string{groupStart, groupWorkloads, groupDatabase, groupFaults, groupZoo}

const (
	groupStart     = "Start here"
	groupWorkloads = "Workloads: what clients want, and what must then be true"
	groupDatabase  = "In the database: isolation levels, row locks, connection pools"
	groupFaults    = "With faults: crashes, pauses, lost answers, stale replicas"
	groupZoo       = "Zoo: real defects, each served by a target that has it"
)

// head is what the gallery knows of a scenario.
type head struct {
	Description string               `toml:"description"`
	Target      struct{ Use string } `toml:"target"`
	Fault       []map[string]any     `toml:"fault"`
}

func (h head) group(name string) string {
	switch {
	case name == "flash-sale":
		return groupStart
	case strings.HasPrefix(name, "zoo/"):
		return groupZoo
	case len(h.Fault) > 0:
		return groupFaults
	case h.Target.Use == "sql":
		return groupDatabase
	}
	return groupWorkloads
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
			var h head
			_, _ = toml.Decode(text, &h) // a test loads them all
			out = append(out, Entry{Name: name, Description: h.Description, Group: h.group(name)})
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
