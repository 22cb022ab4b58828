package sql

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"tussle/targets/api"
)

// sqlstates says what PostgreSQL's errors become (its appendix A). In each of
// them the transaction was rolled back, so that nothing of it remains.
var sqlstates = map[string]api.Problem{
	"40001": {Status: 409, Name: "serialization", Detail: "could not serialize access (40001); send the request again"},
	"40P01": {Status: 409, Name: "deadlock", Detail: "deadlock detected (40P01); send the request again"},
	"55P03": {Status: 423, Name: "locked", Detail: "lock not available (55P03); come back later"},
	"57014": {Status: 503, Name: "statement-timeout", Detail: "statement timeout (57014); come back later", RetryAfter: 100 * time.Millisecond},
	"23505": {Status: 409, Name: "exists", Detail: "duplicate key (23505)"},
	"23503": {Status: 409, Name: "parent-missing", Detail: "foreign key (23503); create the parent first"},
	"22P02": {Status: 409, Name: "not-a-number", Detail: "the item's value is not an integer (22P02)"},
	"22003": {Status: 409, Name: "out-of-bounds", Detail: "the sum does not fit into 64 bits (22003)"},
	"53300": {Status: 503, Name: "unavailable", Detail: "the database has too many connections (53300)"},
}

// litecodes says the same of SQLite's extended result codes.
var litecodes = map[int]api.Problem{
	5:    {Status: 423, Name: "locked", Detail: "the database is locked (SQLITE_BUSY); come back later"},
	261:  {Status: 423, Name: "locked", Detail: "the database is being recovered (SQLITE_BUSY_RECOVERY); come back later"},
	517:  {Status: 409, Name: "serialization", Detail: "the snapshot is out of date (SQLITE_BUSY_SNAPSHOT); send the request again"},
	773:  {Status: 423, Name: "locked", Detail: "the database is locked (SQLITE_BUSY_TIMEOUT); come back later"},
	787:  {Status: 409, Name: "parent-missing", Detail: "foreign key (SQLITE_CONSTRAINT_FOREIGNKEY); create the parent first"},
	1555: {Status: 409, Name: "exists", Detail: "duplicate key (SQLITE_CONSTRAINT_PRIMARYKEY)"},
	2067: {Status: 409, Name: "exists", Detail: "duplicate key (SQLITE_CONSTRAINT_UNIQUE)"},
}

func (s *pgStore) refusal(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return lost(err)
	}
	if p, ok := sqlstates[pg.Code]; ok {
		return &p
	}
	// Class 08 is the connection, 57P the server's operator: both leave open
	// whether a commit came through.
	if strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P") {
		return api.Refuse(503, "unavailable", "the database went away ("+pg.Code+")")
	}
	return err
}

// lost tells a broken connection from other errors.
func lost(err error) error {
	var p *api.Problem
	switch {
	case err == nil || errors.As(err, &p) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case pgconn.SafeToRetry(err):
		return api.Refuse(503, "unavailable", "the database cannot be reached: "+err.Error())
	}
	return err
}

func (s *liteStore) refusal(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	if p, ok := litecodes[e.Code()]; ok {
		return &p
	}
	if p, ok := litecodes[e.Code()&0xff]; ok { // the primary code
		return &p
	}
	return err
}
