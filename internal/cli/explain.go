package cli

import (
	"fmt"
	"io"
	"strings"

	"tussle/scenarios"
)

// columns is the width that help, lists and explanations keep to.
const columns = 100

// explain prints a line a value, aligned within each table. An origin that
// does not fit behind its value stands above it; a long value is folded.
func explain(w io.Writer, values []scenarios.Value) error {
	for len(values) > 0 {
		n := 1
		for n < len(values) && table(values[n].Key) == table(values[0].Key) {
			n++
		}
		if err := explainTable(w, values[:n]); err != nil {
			return err
		}
		if values = values[n:]; len(values) > 0 {
			fmt.Fprintln(w)
		}
	}
	return nil
}

func explainTable(w io.Writer, values []scenarios.Value) error {
	key, line, origin := 0, 0, 0
	for _, v := range values {
		key = max(key, len(v.Key))
		origin = max(origin, len("  # "+v.Origin))
	}
	for _, v := range values {
		if n := key + len(" = ") + len(v.Text); n+origin <= columns {
			line = max(line, n)
		}
	}
	for _, v := range values {
		shown := fmt.Sprintf("%-*s  # %s", line, fmt.Sprintf("%-*s = %s", key, v.Key, v.Text), v.Origin)
		if len(shown) > columns { // the alignment is worth less than the origin's place
			shown = fmt.Sprintf("%s = %s  # %s", v.Key, v.Text, v.Origin)
		}
		if len(shown) > columns {
			begin := key + len(" = ")
			shown = fmt.Sprintf("# %s\n%-*s = %s", v.Origin, key, v.Key, folded(v.Text, begin, min(begin, 30)))
		}
		if _, err := fmt.Fprintln(w, shown); err != nil {
			return err
		}
	}
	return nil
}

// table is the part of a key that values shown together share: the first
// level, and for a strategy its name and step.
func table(key string) string {
	first, rest, nested := strings.Cut(key, ".")
	if !nested {
		return ""
	}
	if first != "strategy" {
		return first
	}
	name, rest, _ := strings.Cut(rest, ".")
	step, _, _ := strings.Cut(rest, ".")
	if !strings.Contains(rest, ".") && !strings.HasPrefix(rest, "outcome[") {
		step = ""
	}
	step, _, _ = strings.Cut(step, "[")
	return first + "." + name + "." + step
}

// folded breaks a text at its spaces so that it fits the columns: its first
// line begins at one column, the others at an indent.
func folded(text string, first, indent int) string {
	var b strings.Builder
	at := first
	for i, word := range strings.Split(text, " ") {
		switch {
		case i == 0:
		case at+1+len([]rune(word)) > columns:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len([]rune(word))
	}
	return b.String()
}
