package docgen

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"tussle/history"
	"tussle/history/wire"
	"tussle/scenarios"
)

// Markdown returns docs/scenario.md.
func (d *Docs) Markdown() []byte {
	var b strings.Builder
	b.WriteString(intro)
	for _, t := range d.tables() {
		fmt.Fprintf(&b, "\n## `%s`\n\n", t.path)
		name := t.typ.Name()
		if doc := d.Type[name]; doc != "" {
			b.WriteString(wrap(sentence(doc, name)) + "\n\n")
		}
		b.WriteString("| key | value | default | meaning |\n|---|---|---|---|\n")
		for _, k := range t.keys {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.name, cell(k.form()), cell(code(k.tags.Get("default"))), cell(k.doc))
		}
	}
	b.WriteString("\n## Forms of values\n\n" + forms)
	b.WriteString("\n### Variables of templates\n\n" + list(wire.Variables(), "{", "}") +
		"\nBesides these: names from `capture` of an earlier step, and `vars` of an identity.\n")
	b.WriteString("\n### Filters of templates: `{key:base64}`\n\n| filter | what it makes |\n|---|---|\n")
	f := wire.Filters()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, cell(f[name]))
	}
	b.WriteString("\n### Filters of captures: `header:ETag:unquote`\n\n| filter | what it makes |\n|---|---|\n")
	f = wire.CaptureFilters()
	for _, name := range slices.Sorted(maps.Keys(f)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, cell(f[name]))
	}
	b.WriteString("\n## Names\n\n")
	fmt.Fprintf(&b, "Built-in dialects:\n%s\n", list(scenarios.Dialects(), "", ""))
	fmt.Fprintf(&b, "Properties that a strategy may promise:\n%s\n", list(history.Properties, "", ""))
	fmt.Fprintf(&b, "Faults:\n%s\n", list(scenarios.FaultKinds(), "", ""))
	b.WriteString(outro)
	return []byte(b.String())
}

// tables lists the tables of a file in their order, each once.
func (d *Docs) tables() []table {
	var out []table
	seen := map[reflect.Type]bool{}
	var walk func(path string, t reflect.Type)
	walk = func(path string, t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		shown := path
		if shown == "" {
			shown = "(top of the file)"
		}
		out = append(out, table{path: shown, typ: t, keys: d.keys(t)})
		for _, k := range d.keys(t) {
			base := elem(k.typ)
			if base.Kind() != reflect.Struct || single(base) {
				continue
			}
			at := strings.Trim(path, "[]")
			if at != "" {
				at += "."
			}
			if k.typ.Kind() == reflect.Slice {
				walk("[["+at+k.name+"]]", base)
			} else {
				walk("["+at+k.name+"]", base)
			}
		}
	}
	walk("", reflect.TypeFor[scenarios.Scenario]())
	for i := range out { // the first step stands for all of them
		if out[i].typ == reflect.TypeFor[scenarios.Step]() {
			out[i].path = "[target.STEP]"
		}
	}
	return out
}

// sentence turns "Load says how" into "Says how" and "Step is one" into "One".
func sentence(doc, name string) string {
	doc = strings.TrimPrefix(strings.TrimPrefix(doc, name+" "), "is ")
	return strings.ToUpper(doc[:1]) + doc[1:]
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

var cells = strings.NewReplacer("|", "\\|", "<", "&lt;")

// cell makes a text safe for a table's cell.
func cell(s string) string { return cells.Replace(s) }

func list(names []string, before, after string) string {
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, "`"+before+n+after+"`")
	}
	return wrap(strings.Join(quoted, ", ")+".") + "\n"
}

// wrap breaks a paragraph at 100 columns.
func wrap(s string) string {
	var b strings.Builder
	col := 0
	for i, w := range strings.Fields(s) {
		if i > 0 {
			if col+1+len(w) > 100 {
				b.WriteByte('\n')
				col = 0
			} else {
				b.WriteByte(' ')
				col++
			}
		}
		b.WriteString(w)
		col += len(w)
	}
	return b.String()
}

const intro = `# Scenario files

Every key of a scenario. This page is made from the Go types by ` + "`go generate ./scenarios`" + `; do not
edit it. How to describe an API of your own, step by step: [your-own-api.md](your-own-api.md).

A file is checked as a whole before anything is sent: unknown keys, wrong types, missing units,
unknown variables and pairs that cannot be are all told at once, each with its place.

` + "```sh\n" + `tussle validate flash-sale           # every problem of a file, or of a gallery scenario
tussle explain flash-sale            # each effective value, and where it comes from
tussle schema                        # JSON Schema, for completion in editors
` + "```\n" + `
A value is overridden with ` + "`--set load.clients=64`" + ` (a strategy by its name:
` + "`--set strategy.optimistic.retry.attempts=5`" + `) or by an environment variable
(` + "`TUSSLE_LOAD_CLIENTS=64`" + `, for single values outside lists). ` + "`--set`" + ` wins over the environment,
the environment over the file, the file over the default.
`

const forms = `- **duration**: a text with its unit, ` + "`\"250ms\"`, `\"1.5s\"`" + `. A bare number is refused.
- **spread**: a duration, ` + "`\"uniform(1ms, 3ms)\"` or `\"exp(2ms)\"`" + ` (mean 2 ms).
- **skew**: ` + "`\"uniform\"`, `\"zipf(0.99)\"`, `\"hotspot(0.2, 0.8)\"`" + ` (a fifth of the keys has four fifths of the traffic), ` + "`\"single\"`" + `.
- **rate**: ` + "`\"200/s\"`, `\"poisson(200/s)\"`, `\"sine(200/s, 100/s, 10s)\"`" + ` (mean, amplitude, period), ` + "`\"ramp(10/s, 5/s)\"`" + ` (start, and what each second adds); units ` + "`/ms`, `/s`, `/m`, `/h`" + `.
- **request**: a method and a path below the base URL, ` + "`\"PUT /articles/{key}\"`" + `.
- **template**: a text with ` + "`{variables}`; `{{`" + ` is a literal brace. A template that is exactly one variable keeps its JSON type (` + "`\"{value}\"`" + ` writes 7, not "7"); a header, query parameter or body member that is exactly one variable that is not set is left out, and a path of ` + "`set`" + ` is taken out of the document. Text is escaped for its place.
- **capture**: where an answer holds a text: ` + "`json:PATH`" + ` (gjson syntax), ` + "`header:NAME`, `cookie:NAME`" + ` (of a Set-Cookie), ` + "`input:NAME`, `meta:NAME`" + ` (of an HTML page: the value of a form's field, the content of a meta element), ` + "`xml:NAME`" + ` (local name of an element), ` + "`regex:PATTERN`" + ` (RE2, found anywhere in the body; its one group is the text), ` + "`body`, `status`" + `; filters may follow.
- **template or secret**: a template, or ` + "`{ env = \"NAME\", prefix = \"Bearer \" }`" + `. Secrets come from the environment only.
- **status or list**: ` + "`409`, `\"4xx\"`, `\"500-503\"`, `[409, 412]`" + `.
- **limit**: ` + "`\"< 1%\"`, `\">= 100\"`, `\"< 50ms\"`, `\">= 200/s\"`" + `; the metric is a path in a strategy of report.json, such as ` + "`abandon_rate`, `conflicts.rate`, `goodput_per_s`, `time_to_commit_ms.p99`, `service_time_ms.write.p50`, `by_status.409`" + `.
`

const outro = `## How a strategy's steps come about

The built-in dialect comes first, the steps of ` + "`[target]`" + ` are laid over it, and the strategy's own
steps over both: field by field, and name by name in ` + "`headers`, `query`, `capture` and `set`" + `. An
empty text removes a header. With ` + "`target.url`" + ` and no ` + "`dialect`" + ` in the strategy there is no
dialect. With a built-in target the dialect follows the locking: optimistic etag, pessimistic lease,
server-side and none plain; and the target's scheme follows both, unless
` + "`target = { scheme = \"...\" }`" + ` of the strategy says otherwise.

With ` + "`locking = \"none\"`, `{version}`, `{lock}` and `{fence}`" + ` are never set: the same description
serves conditional and blind writes. A version inside a document that is sent back is left out as well.

## What a strategy promises

Optimistic and server-side strategies promise ` + "`no-lost-update`" + ` and what their workload is about:
counter ` + "`counter-bounds`, register `register`, append `append-only`, lifecycle `lifecycle`, transfer\n`conservation`, pair `write-skew`" + `. For create-once and parent-child it is ` + "`create-once` and\n`parent-child`" + ` alone. Pessimistic strategies promise the same, with leases (a lock step with a
` + "`ttl`" + `) only when a fencing token is captured and presented. The lease workload promises
` + "`mutual-exclusion`, and `fencing`" + ` when there is a fencing token. Where versions guard states
(optimistic, and the read captures one) ` + "`one-version-one-state`" + ` belongs to it, and whoever promises
anything promises ` + "`progress`" + `. Without locking nothing is promised.
` + "`promises = [...]`" + ` overrides all of this.
`
