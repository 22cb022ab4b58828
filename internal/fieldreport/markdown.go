package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// write writes the report: the first run of each row at length, and of all
// runs what they counted.
func write(w io.Writer, rows []row) error {
	var b strings.Builder
	b.WriteString(head)
	for _, row := range rows {
		r := row.runs[0]
		s := r.report.Strategies[0]
		lost := thousands(r.property.Violations)
		probe := "nothing"
		switch {
		case r.probed == 1:
			probe = "1 promise"
		case r.probed > 1:
			probe = fmt.Sprintf("%d promises", r.probed)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", r.server.title(), r.protocol,
			r.load.property, r.property.Verdict, thousands(s.Operations.Committed), thousands(s.Conflicts.Attempts), lost, probe)
	}
	fmt.Fprintf(&b, "\nMeasured with %s on %s/%s, %d CPUs.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if len(rows[0].runs) > 1 {
		repeated(&b, rows)
	}
	b.WriteString("\n## Each row\n")
	for _, row := range rows {
		section(&b, row.runs[0])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// repeated tells how far the runs of a row agree.
func repeated(b *strings.Builder, rows []row) {
	fmt.Fprintf(b, `
## The same again

Each row %d times, every time on a server that was started for it: in how many runs the promise was violated, with which exit
codes, and the least and the most that was counted. *seconds* is the longest run, from command to report.

| server | protocol | violated | exit codes | writes | conflicts | lost | livelock | seconds |
|---|---|---:|---|---:|---:|---:|---:|---:|
`, len(rows[0].runs))
	for _, row := range rows {
		violated, livelocks, took := 0, 0, 0.0
		var exits []string
		var writes, conflicts, lost []int64
		for _, r := range row.runs {
			s := r.report.Strategies[0]
			writes, conflicts = append(writes, s.Operations.Committed), append(conflicts, s.Conflicts.Attempts)
			lost = append(lost, r.property.Violations)
			if code := strconv.Itoa(r.exit); !slices.Contains(exits, code) {
				exits = append(exits, code)
			}
			if r.property.Verdict == "violated" {
				violated++
			}
			if r.livelock != "" {
				livelocks++
			}
			took = max(took, r.took.Seconds())
		}
		fmt.Fprintf(b, "| %s | %s | %d of %d | %s | %s | %s | %s | %d of %d | %.1f |\n", row.runs[0].server.title(), row.protocol,
			violated, len(row.runs), strings.Join(exits, ", "), span(writes), span(conflicts), span(lost), livelocks, len(row.runs), took)
	}
}

// span is the least and the most.
func span(n []int64) string {
	least, most := slices.Min(n), slices.Max(n)
	if least == most {
		return thousands(least)
	}
	return thousands(least) + " to " + thousands(most)
}

const head = `# Field report: locking promises of real servers

This page is made by ` + "`make field-report`" + `, which starts every server anew on the loopback interface. Each row is sixteen clients
against **one** resource (for Apache's default tags four times that; for creates, the same few names), for some seconds, with one
server on the same machine. What was seen is
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
	fmt.Fprintf(b, "\n### %s: %s\n\n", r.server.title(), r.protocol)
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
