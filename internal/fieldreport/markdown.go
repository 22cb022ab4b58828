package main

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
)

// write writes the report.
func write(w io.Writer, results []*result) error {
	var b strings.Builder
	b.WriteString(head)
	for _, r := range results {
		s := r.report.Strategies[0]
		lost := thousands(r.property.Violations)
		probe := "nothing"
		if r.probed > 0 {
			probe = fmt.Sprintf("%d promises", r.probed)
		}
		fmt.Fprintf(&b, "| %s %s, %s | %s | %s | %s | %s | %s | %s | %s |\n", r.server.product, r.server.version, r.server.what, r.protocol,
			r.load.property, r.property.Verdict, thousands(s.Operations.Committed), thousands(s.Conflicts.Attempts), lost, probe)
	}
	fmt.Fprintf(&b, "\nMeasured with %s on %s/%s, %d CPUs.\n\n## Each row\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range results {
		section(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const head = `# Field report: locking promises of real servers

This page is made by ` + "`make field-report`" + `, which starts every server anew on the loopback interface. Each row is sixteen clients
against **one** resource (or, for creates, the same few names), for some seconds, with one server process on the same machine. What was seen is
proved from the record of the run; what was not seen may still happen. A row with verdict *holds* says: no violation in so many
writes and conflicts, in this run.

- *promise*: what the protocol is there to keep; *no-lost-update*: of two writes built on one state, one is refused.
- *writes*: acknowledged operations. *conflicts*: attempts that were refused as stale, locked or existing.
- *lost*: acknowledged writes that a later state does not build upon; for *create-once*: names that were given away again.
- *without load*: promises that ` + "`tussle probe`" + ` saw broken by single requests. *nothing* beside *violated* means that the server
  does as it should when asked one request at a time, and loses writes when requests overlap.

| server | protocol | promise | verdict | writes | conflicts | lost | without load |
|---|---|---|---|---:|---:|---:|---|
`

// section tells one row at length: the sentence of design, the smallest
// finding and the command.
func section(b *strings.Builder, r *result) {
	s := r.report.Strategies[0]
	fmt.Fprintf(b, "\n### %s %s, %s: %s\n\n", r.server.product, r.server.version, r.server.what, r.protocol)
	in := fmt.Sprintf("%s acknowledged operations and %s conflicts", thousands(s.Operations.Committed), thousands(s.Conflicts.Attempts))
	switch r.property.Verdict {
	case "holds":
		fmt.Fprintf(b, "No violation of %s in %s.", r.load.property, in)
	case "violated":
		fmt.Fprintf(b, "**%s violations of %s** in %s.", thousands(r.property.Violations), r.load.property, in)
	default:
		fmt.Fprintf(b, "%s is %s in %s.", r.load.property, r.property.Verdict, in)
	}
	fmt.Fprintf(b, " Exit code %d.\n", r.exit)
	if r.livelock != "" {
		fmt.Fprintf(b, "\n**Livelock**: %s.\n", quoted(r.livelock))
	}
	for _, p := range s.Properties {
		if p.Verdict == "violated" && p.Name != r.load.property {
			fmt.Fprintf(b, "\nAlso seen: %s violations of %s.\n", thousands(p.Violations), p.Name)
		}
	}
	finding := r.property
	if len(finding.Findings) == 0 {
		for _, p := range s.Properties {
			if len(p.Findings) > 0 && len(finding.Findings) == 0 {
				finding = p
			}
		}
	}
	if len(finding.Findings) > 0 {
		f := finding.Findings[0]
		fmt.Fprintf(b, "\nThe first finding (%s): %s.\n\n", finding.Name, quoted(f.Sentence))
		for i, q := range f.Requests {
			fmt.Fprintf(b, "%d. %.2f to %.2f ms, %s: %s: status %d\n", i+1, q.Call, q.Return, q.Lane, quoted(q.Role), q.Status)
		}
	}
	fmt.Fprintf(b, "\n    %s\n", r.command())
}

// quoted keeps a text of a server from being read as Markdown.
func quoted(s string) string {
	return strings.NewReplacer("|", "\\|", "*", "\\*", "<", "&lt;", "`", "'", "_", "\\_", "[", "\\[", "\n", " ").Replace(s)
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
