package sql

import (
	"context"
	"strings"

	"tussle/targets/api"
	"tussle/targets/memory"
)

// state is an item at one instant, as the memory target knows it: bounds,
// sums and transfers are decided by the same functions.
type state = memory.State

// table is where one scheme keeps its items, and the statements upon it.
//
// The version of a new row is a multiple of a million, of a number that is
// never given out again; a change adds one. So a version does not come back
// after its item was deleted and made anew.
type table struct {
	read, update, updateAt, insert, del, delAt, list, children string
	add, debit, credit, append                                 string
	create                                                     []string // statements that make it
}

// newTable spells the statements. A loose table has no unique key and no
// foreign key: what may be there twice, is.
func newTable(d dialect, scheme string, loose bool) *table {
	name := d.prefix + "items_" + underscored(scheme)
	s := func(text string) string {
		return strings.NewReplacer("{t}", name, "{appended}", d.appended, "{list}", d.isList, "{number}", d.isNumber, "{last}", d.last,
			"{version}", strings.ReplaceAll(d.version, "{t}", name)).Replace(text)
	}
	t := &table{
		read:     s(`SELECT value, tag, version, min, max FROM {t} WHERE key = $1`),
		update:   s(`UPDATE {t} SET value = $2, tag = $3, version = version + 1, min = coalesce($4, min), max = coalesce($5, max) WHERE key = $1 RETURNING version`),
		updateAt: s(`UPDATE {t} SET value = $2, tag = $3, version = version + 1, min = coalesce($4, min), max = coalesce($5, max) WHERE key = $1 AND version = $6 RETURNING version`),
		insert:   s(`INSERT INTO {t} (key, parent, value, tag, min, max, version) VALUES ($1, $2, $3, $4, $5, $6, {version}) RETURNING version`),
		del:      s(`DELETE FROM {t} WHERE key = $1`),
		delAt:    s(`DELETE FROM {t} WHERE key = $1 AND version = $2`),
		list:     s(`SELECT key, value, tag, version FROM {t} WHERE key >= $1 AND key < $1 || {last} ORDER BY key`),
		children: s(`SELECT key FROM {t} WHERE parent = $1 ORDER BY key`),

		add: s(`UPDATE {t} SET value = CAST(CAST(value AS bigint) + $2 AS text), tag = $3, version = version + 1 ` +
			`WHERE key = $1 AND {number} AND (min IS NULL OR CAST(value AS bigint) + $2 >= min) AND (max IS NULL OR CAST(value AS bigint) + $2 <= max) RETURNING value, version`),
		debit: s(`UPDATE {t} SET value = CAST(CAST(value AS bigint) - $2 AS text), tag = $3, version = version + 1 ` +
			`WHERE key = $1 AND {number} AND CAST(value AS bigint) - $2 >= coalesce(min, 0)`),
		credit: s(`UPDATE {t} SET value = CAST(CAST(value AS bigint) + $2 AS text), tag = $3, version = version + 1 WHERE key = $1 AND {number}`),
		append: s(`UPDATE {t} SET value = {appended}, tag = $3, version = version + 1 WHERE key = $1 AND {list} RETURNING version`),
	}
	if loose {
		t.read += ` ORDER BY id LIMIT 1` // the first one is as good as the other
	}
	t.create = tableDDL(d, name, underscored(scheme), loose)
	return t
}

func underscored(scheme string) string { return strings.ReplaceAll(scheme, "-", "_") }

// load reads the present state; suffix takes a lock on it or not.
func (t *table) load(ctx context.Context, tx session, key, suffix string) (state, error) {
	var st state
	var value string
	found, err := tx.one(ctx, t.read+suffix, []any{key}, &value, &st.Tag, &st.Version, &st.Min, &st.Max)
	st.Value, st.Exists = []byte(value), found
	return st, err
}

// save writes a state; at restricts it to the version that was read. It
// reports whether there was such a row.
func (t *table) save(ctx context.Context, tx session, key string, st *state, at bool) (bool, error) {
	query, args := t.update, []any{key, string(st.Value), st.Tag, st.Min, st.Max}
	if at {
		query, args = t.updateAt, append(args, st.Version)
	}
	return tx.one(ctx, query, args, &st.Version)
}

// insertItem makes an item, below a parent when that is not "".
func (t *table) insertItem(ctx context.Context, tx session, parent string, w api.Write) (api.Item, error) {
	it := api.Item{Key: w.Key, Value: w.Value, Tag: w.Tag}
	var above *string
	if parent != "" {
		above = &parent
	}
	_, err := tx.one(ctx, t.insert, []any{w.Key, above, string(w.Value), w.Tag, w.Min, w.Max}, &it.Version)
	return it, err
}
