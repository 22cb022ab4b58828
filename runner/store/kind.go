package store

import (
	"regexp"
	"strings"
)

// Kind says what a statement can matter to others that run beside it.
type Kind int

// The kinds, in the order of what they can do. What is not known for certain
// changes something.
const (
	Silent  Kind = iota // nothing that others could notice, and it notices nothing of them
	Reads               // it sees what others did, and nobody can notice it
	Changes             // it may change something, take a lock or let one go
)

// KindOf tells the kind of a unit of SQL from its texts.
func KindOf(texts []string) Kind {
	kind := Silent
	for _, text := range texts {
		kind = max(kind, kindOf(text))
	}
	return kind
}

// silent begin statements that neither see nor change data. SET TRANSACTION
// and BEGIN take no snapshot: the first statement after them does.
var silent = []string{"begin", "start transaction", "set", "show", "savepoint", "release", "deallocate", "prepare", "listen", "unlisten"}

// harmless are functions whose result depends on their arguments and on the
// rows alone.
var harmless = map[string]bool{"count": true, "sum": true, "min": true, "max": true, "avg": true, "coalesce": true, "lower": true, "upper": true,
	"length": true, "abs": true, "round": true, "greatest": true, "least": true, "nullif": true, "cast": true, "any": true, "all": true, "exists": true,
	"in": true, "and": true, "or": true, "not": true, "where": true, "from": true, "select": true, "on": true, "using": true, "values": true,
	"distinct": true, "as": true, "by": true, "having": true, "union": true, "then": true, "when": true, "else": true, "version": true,
	"current_schema": true, "row_to_json": true, "json_agg": true, "array_agg": true, "row_number": true, "over": true, "limit": true, "offset": true,
	"decimal": true, "numeric": true, "varchar": true, "now": true, "date_trunc": true, "concat": true, "substring": true, "trim": true, "like": true, "between": true}

// changing are words that let a SELECT change or lock something.
var changing = map[string]bool{"update": true, "share": true, "into": true, "insert": true, "delete": true, "merge": true, "nowait": true, "call": true}

func kindOf(text string) Kind { return kindIn(text, Words(text), nil) }

// kindIn tells the kind of a text that was taken apart, in a dialect that has
// more functions which are known to be harmless.
func kindIn(text string, w []string, more map[string]bool) Kind {
	if len(w) == 0 {
		return Silent
	}
	if several(text) || strings.Contains(text, `\`) || strings.Contains(text, "$$") || quoted.MatchString(text) {
		return Changes
	}
	for _, s := range silent {
		begin := strings.Fields(s)
		if len(w) >= len(begin) && strings.Join(w[:len(begin)], " ") == s {
			return silentButFor(w)
		}
	}
	if w[0] != "select" {
		return Changes
	}
	kind := Silent // SELECT 1, SELECT version()
	for i, word := range w {
		switch {
		case changing[word]:
			return Changes
		case i+1 < len(w) && w[i+1] == "(" && !harmless[word] && !more[word] && plain(word) && !strings.HasPrefix(word, "array_") && !described[word]:
			return Changes
		case (word == "from" || word == "join") && i+1 < len(w) && !catalog(w[i+1]):
			kind = Reads
		}
	}
	return kind
}

// quoted finds a text between dollar signs, $x$.
var quoted = regexp.MustCompile(`\$[A-Za-z_]\w*\$`)

// described are functions that drivers ask the catalog with.
var described = map[string]bool{"format_type": true, "pg_get_expr": true, "pg_get_indexdef": true, "pg_get_constraintdef": true, "to_regtype": true,
	"obj_description": true, "col_description": true, "pg_table_is_visible": true, "pg_type_is_visible": true, "unnest": true}

// catalog reports whether a table belongs to the catalog, which statements on
// rows do not change.
func catalog(table string) bool {
	return strings.HasPrefix(table, "pg_") || table == "information_schema"
}

// silentButFor tells the statements that begin like silent ones and are not.
func silentButFor(w []string) Kind {
	switch w[0] {
	case "set":
		if len(w) > 1 && w[1] == "constraints" { // they are checked at once
			return Changes
		}
	case "prepare":
		if len(w) > 1 && w[1] == "transaction" { // two-phase commit
			return Changes
		}
	}
	return Silent
}

// plain reports whether the word can be the name of a function.
func plain(word string) bool {
	c := word[0]
	return c >= 'a' && c <= 'z' || c == '_' || c == '"' || c >= 0x80
}

// several reports whether a text holds more than one statement.
func several(text string) bool {
	i := strings.IndexByte(text, ';')
	return i >= 0 && strings.TrimSpace(text[i+1:]) != ""
}

// Words takes SQL apart into lower-case words, names in double quotes, and
// single signs; comments and texts in quotes are left out, since no word of
// them is one of the language. What cannot be followed ends it.
func Words(text string) []string {
	var out []string
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '-' && strings.HasPrefix(text[i:], "--"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return out
			}
			i += end
		case c == '/' && strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i+2:], "*/")
			if end < 0 {
				return out
			}
			i += end + 4
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return append(out, "?") // an odd text: what it ends with is not known
			}
			if c == '"' {
				out = append(out, text[i:i+end+2])
			}
			i += end + 2
		case letter(c):
			j := i
			for j < len(text) && (letter(text[j]) || text[j] >= '0' && text[j] <= '9' || text[j] == '$') {
				j++
			}
			out = append(out, strings.ToLower(text[i:j]))
			i = j
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		default:
			out = append(out, string(rune(c)))
			i++
		}
	}
	return out
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
