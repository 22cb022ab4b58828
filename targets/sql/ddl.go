package sql

import "strings"

// tableDDL returns the statements that make a scheme's table.
func tableDDL(d dialect, name, scheme string, loose bool) []string {
	key, id := `PRIMARY KEY`, ``
	parent := ` REFERENCES ` + name + ` (key)`
	if d.name == "sqlite" {
		// AUTOINCREMENT keeps count of the rows that were; see dialect.version.
		key, id = `UNIQUE`, `id INTEGER PRIMARY KEY AUTOINCREMENT, `
	}
	if loose {
		key, parent = ``, ``
		if d.name == "postgres" {
			id = `id bigint GENERATED ALWAYS AS IDENTITY, `
		}
	}
	collate := ` COLLATE "C"` // so that a prefix is a range
	if d.name == "sqlite" {
		collate = ``
	}
	out := []string{
		`CREATE TABLE IF NOT EXISTS ` + name + ` (` + id + `key text` + collate + ` NOT NULL ` + key + `, parent text` + collate + parent +
			`, value text NOT NULL, tag text NOT NULL, version bigint NOT NULL, min bigint, max bigint)`,
		`CREATE INDEX IF NOT EXISTS items_` + scheme + `_parent ON ` + name + ` (parent) WHERE parent IS NOT NULL`,
	}
	if loose {
		out = append(out, `CREATE INDEX IF NOT EXISTS items_`+scheme+`_key ON `+name+` (key)`)
	}
	return out
}

// lockDDL makes the table of leases. A row stays when its lease is over, for
// the fencing number's sake.
func lockDDL(d dialect) string {
	return `CREATE TABLE IF NOT EXISTS ` + d.prefix + `locks (key text NOT NULL PRIMARY KEY, token text NOT NULL, ` +
		`owner text NOT NULL, fence bigint NOT NULL, expires bigint NOT NULL)`
}

// ddl returns all statements for the schemes of an engine.
func ddl(d dialect) []string {
	var out []string
	for _, s := range specs {
		if s.offered(d) {
			out = append(out, newTable(d, s.name, s.loose).create...)
		}
	}
	return append(out, lockDDL(d))
}

// script makes one text of statements.
func script(statements []string) string { return strings.Join(statements, ";\n") + ";" }
