package store

import (
	"slices"
	"strings"
)

// harmlessMySQL are functions of MySQL and MariaDB beside those that everybody
// has.
var harmlessMySQL = map[string]bool{"database": true, "schema": true, "connection_id": true, "user": true, "current_user": true, "last_insert_id": true,
	"ifnull": true, "if": true, "char_length": true, "unix_timestamp": true, "date_format": true, "json_extract": true, "json_unquote": true,
	"json_object": true, "json_arrayagg": true, "convert": true, "char": true, "key": true, "group_concat": true, "found_rows": true, "utc_timestamp": true}

// KindOfMySQL tells the kind of a unit of MySQL's or MariaDB's SQL. There, a
// statement that begins a transaction commits an open one, /*! ... */ is no
// comment, # begins one, and "--" does only before a space.
func KindOfMySQL(texts []string, inTx bool) Kind {
	kind := Silent
	for _, text := range texts {
		kind = max(kind, kindOfMySQL(text, inTx))
	}
	return kind
}

func kindOfMySQL(text string, inTx bool) Kind {
	text = strings.TrimRight(text, "; \t\r\n")
	if strings.Contains(text, "/*!") || strings.Contains(text, "/*M!") || strings.Contains(text, "#") {
		return Changes
	}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "--")
		if !found {
			break
		}
		if after != "" && !strings.ContainsAny(after[:1], " \t\n") {
			return Changes
		}
		rest = after
	}
	w := slices.DeleteFunc(Words(text), func(word string) bool { return word == "`" })
	if len(w) == 0 {
		return Silent
	}
	switch w[0] {
	case "begin", "start":
		switch {
		case inTx:
			return Changes
		case slices.Contains(w, "snapshot"): // it sees the state as of now
			return Reads
		}
	case "set":
		if inTx && slices.Contains(w, "autocommit") {
			return Changes
		}
		for i, word := range w {
			switch word {
			case "select", "global", "persist", "password", "statement", "role":
				return Changes
			case "(":
				if name := w[i-1]; plain(name) && !harmless[name] {
					return Changes
				}
			}
		}
		return Silent
	case "do", "use", "lock", "unlock", "handler":
		return Changes
	case "prepare", "deallocate":
		return Silent // of a text; what it does comes when it is executed
	}
	return kindIn(text, w, harmlessMySQL)
}
