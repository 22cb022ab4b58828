package probe

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"tussle/history"
)

// asking is one question while it is asked: a block of the record.
type asking struct {
	*prober
	rule    string
	block   int
	begun   int64
	attrs   map[string]string
	roles   []string
	unclear bool // a request had no answer that tells anything
}

func (p *prober) begin(rule string) *asking {
	q := &asking{prober: p, rule: rule, block: p.blocks, begun: p.session.Now(), attrs: map[string]string{}}
	p.blocks++
	q.write(0)
	return q
}

// write writes the block's record, as a run does.
func (q *asking) write(end int64) {
	_ = q.session.Out().Block(&history.Block{Block: q.block, Strategy: q.index, Clients: 2,
		Start: q.begun, Measure: q.begun, Stop: max(end, q.begun), End: end}) // an error stays with the writer
}

// end says what was asked.
func (q *asking) end() {
	now := q.session.Now()
	attrs := map[string]string{"rule": q.rule}
	maps.Copy(attrs, q.attrs)
	if len(q.roles) > 0 {
		attrs["roles"] = strings.Join(q.roles, ",")
	}
	_ = q.session.Out().Event(&history.Event{At: q.begun, Until: now, Block: q.block, Name: history.EventQuestion, Attrs: attrs})
	q.write(now)
	q.session.Out().Flush()
}

// ask asks a question, and once more when a request of it had no answer that
// tells anything: it may have been the moment.
func (p *prober) ask(ctx context.Context, rule string, f func(q *asking)) {
	for try := range 2 {
		q := p.begin(rule)
		if p.guards() {
			q.attrs["guards"] = "true"
		}
		func() {
			defer q.end()
			f(q)
			if q.unclear && try == 0 {
				q.attrs["retried"] = "true"
			}
		}()
		if !q.unclear || try == 1 {
			return
		}
		rest(ctx, 50*time.Millisecond)
	}
}

// record adds a request to the block.
func (q *asking) record(r *history.Request, role, curl string) {
	q.session.Out().Request(r)
	if q.block < 0 {
		return
	}
	q.attrs["curl."+strconv.Itoa(len(q.roles))] = q.session.Mask(curl)
	q.roles = append(q.roles, role)
}
