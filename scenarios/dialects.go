package scenarios

import (
	"embed"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
)

//go:embed dialects/*.toml
var dialectFiles embed.FS

// dialectFile is a built-in dialect: the tables of [target] that say how steps
// are spoken.
type dialectFile struct {
	Description string          `toml:"description"`
	Headers     map[string]Text `toml:"headers"`
	Steps
	Identify Identify  `toml:"identify"`
	Outcomes []Outcome `toml:"outcome"`
	// For holds steps of one locking kind or workload, where it speaks a step in
	// its own way: [for.none.create], [for.parent-child.create].
	For map[string]Steps `toml:"for"`
}

// dialect is a built-in dialect with its document.
type dialect struct {
	name string
	dialectFile
	doc *document
}

// Dialects lists the names of the built-in dialects.
func Dialects() []string {
	var names []string
	for n := range loadDialects() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var loadDialects = sync.OnceValue(func() map[string]*dialect {
	out := map[string]*dialect{}
	entries, _ := dialectFiles.ReadDir("dialects")
	for _, e := range entries {
		text, _ := dialectFiles.ReadFile(path.Join("dialects", e.Name()))
		d := &dialect{name: strings.TrimSuffix(e.Name(), ".toml")}
		var problems Problems
		d.doc, problems = parseDocument("dialects/"+e.Name(), string(text))
		dec := &decoder{doc: d.doc, env: func(string) (string, bool) { return "", false }}
		if problems == nil {
			dec.table("", d.doc.tree, reflect.ValueOf(&d.dialectFile).Elem())
			problems = dec.problems
		}
		if len(problems) > 0 { // a fault of the program: a test reads them all
			panic(problems.sorted()[0].Text())
		}
		out[d.name] = d
	}
	return out
})

// builtin holds what is known of one built-in target.
type builtin struct {
	dialects map[string]string // locking -> dialect
	schemes  []string          // nil: it has none
	scheme   func(locking, dialect, engine string) string
}

// builtins lists the built-in targets by the name of target.use.
var builtins = map[string]builtin{
	"memory": {
		dialects: map[string]string{"optimistic": "etag", "pessimistic": "lease", "server-side": "plain", "none": "plain"},
		schemes:  []string{"etag", "version-field", "lease", "lease-unfenced", "server-side", "unprotected"},
		scheme: func(locking, dialect, _ string) string {
			switch {
			case locking == "none":
				return "unprotected"
			case locking == "server-side":
				return "server-side"
			case locking == "pessimistic":
				return "lease"
			case dialect == "version-field":
				return "version-field"
			}
			return "etag"
		},
	},
	"sql": {
		dialects: map[string]string{"optimistic": "etag", "pessimistic": "lease", "server-side": "plain", "none": "plain"},
		schemes: []string{"version", "row-lock", "row-lock-nowait", "advisory", "serializable", "repeatable-read",
			"read-committed", "deferred", "immediate", "atomic", "lease", "unique-index", "select-then-insert", "process-lock", "unprotected"},
		scheme: func(locking, _, engine string) string {
			if locking == "server-side" && engine != "postgres" {
				return "immediate" // SQLite, the default, locks no rows
			}
			return map[string]string{"optimistic": "version", "pessimistic": "lease", "server-side": "row-lock", "none": "unprotected"}[locking]
		},
	},
	"webdav": {
		dialects: map[string]string{"optimistic": "webdav", "pessimistic": "webdav", "none": "webdav"},
	},
}

// defaultDialect is the dialect of a built-in target when a strategy names none.
func defaultDialect(use, locking string) string {
	if d := builtins[use].dialects[locking]; d != "" {
		return d
	}
	return "custom"
}
