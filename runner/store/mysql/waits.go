package mysql

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Waits reports whether the connection's statement waits for a lock that another
// connection holds: a row's or table's (InnoDB knows), or one that the process
// list names (GET_LOCK, metadata, LOCK TABLES). information_schema tells who
// waits for InnoDB's locks too, but from a copy that is not renewed while it is
// asked often.
func (r *Relay) Waits(ctx context.Context, conn uint64) (bool, error) {
	thread := r.thread(conn)
	if thread == 0 {
		return false, nil
	}
	r.side.Lock()
	defer r.side.Unlock()
	waiting, err := r.locks(ctx)
	if err != nil || waiting[thread] {
		return waiting[thread], err
	}
	// The process list goes on showing a wait until the thread has woken up.
	for range 2 {
		if waits, err := r.listed(ctx, thread); err != nil || !waits {
			return false, err
		}
		time.Sleep(2 * time.Millisecond)
	}
	return true, nil
}

// threadID finds the connection of a transaction.
var threadID = regexp.MustCompile(`(?:MariaDB|MySQL) thread id (\d+)`)

// locks are the threads that wait for a lock of InnoDB. What stands before the
// first transaction tells of the past: the last deadlock and who waited then.
func (r *Relay) locks(ctx context.Context) (map[uint32]bool, error) {
	var kind, name, text string
	if err := r.asking.QueryRowContext(ctx, "SHOW ENGINE INNODB STATUS").Scan(&kind, &name, &text); err != nil {
		return nil, err
	}
	return waiting(text), nil
}

func waiting(status string) map[uint32]bool {
	_, status, _ = strings.Cut(status, "LIST OF TRANSACTIONS FOR EACH SESSION:")
	status, _, _ = strings.Cut(status, "\nFILE I/O\n")
	out := map[uint32]bool{}
	for i, t := range strings.Split(status, "---TRANSACTION ") {
		if i == 0 {
			continue
		}
		m := threadID.FindStringSubmatch(t)
		// The first lines are the server's words; the statement's text follows them.
		head, _, _ := strings.Cut(t, "thread id ")
		if m == nil || !strings.Contains(head, "\nLOCK WAIT ") {
			continue
		}
		if n, err := strconv.ParseUint(m[1], 10, 32); err == nil {
			out[uint32(n)] = true
		}
	}
	return out
}

// listed reports whether the process list says that a thread waits.
func (r *Relay) listed(ctx context.Context, thread uint32) (bool, error) {
	rows, err := r.asking.QueryContext(ctx, "SELECT COALESCE(STATE, '') FROM information_schema.PROCESSLIST WHERE ID = "+strconv.FormatUint(uint64(thread), 10))
	if err != nil {
		return false, err
	}
	defer rows.Close()
	state := ""
	for rows.Next() {
		if err := rows.Scan(&state); err != nil {
			return false, err
		}
	}
	return state == "User lock" || strings.HasPrefix(state, "Waiting for ") && strings.HasSuffix(state, " lock"), rows.Err()
}
