package runner

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tussle/history"
	"tussle/runner/transport"
)

// A cache may answer with what was there before (RFC 9111, 4.2). The last read
// tells what is left, so a copy is let go stale first, if that takes no longer
// than this.
const copyMost = 2 * time.Second

// pastCopies reads key i again while its answer is a cache's and can still
// become older.
func (o *observer) pastCopies(ctx context.Context, i int) {
	for left := copyMost; o.answer.Class == history.OK && ctx.Err() == nil; {
		wait := freshFor(&o.resp)
		if wait <= 0 || wait > left {
			return
		}
		left -= wait
		o.sleep(ctx, wait+10*time.Millisecond)
		o.look(ctx, history.StepRead, i, 3)
	}
}

// freshFor is how long a cache may go on giving the answer that it gave. Only
// an answer with an Age is a cache's (RFC 9111, 5.1).
func freshFor(r *transport.Response) time.Duration {
	age, err := strconv.Atoi(strings.TrimSpace(string(r.Header("Age"))))
	if err != nil {
		return 0
	}
	most := 0
	for _, d := range strings.Split(string(r.Header("Cache-Control")), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(d)), "=")
		n, err := strconv.Atoi(strings.Trim(value, `"`))
		if err != nil {
			continue
		}
		if name == "s-maxage" { // which is said to shared caches, and outweighs the other
			most = n
			break
		}
		if name == "max-age" {
			most = n
		}
	}
	return time.Duration(max(most-age, 0)) * time.Second
}
