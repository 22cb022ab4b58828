package sound

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const banking = `name = "NAME"

[target]
url = "URL"

[target.setup]
request = "PUT /accounts/{key}"
body    = { balance = "{value}" }

[target.read]
request = "GET /accounts/{key}"
value   = "json:balance"

[target.transfer]
request = "POST /transfers"
body    = { from = "{from}", to = "{to}", amount = "{amount}" }

[target.list]
request = "GET /accounts"
LIST

[target.identify]
by = "none"

[[target.outcome]]
step   = "transfer"
status = 422
class  = "rejected"
action = "never"

[workload]
kind       = "transfer"
keys       = 6
initial    = 1000
read_share = 0.3

[[strategy]]
name    = "one-request"
locking = "server-side"
FAULTS` + load

// ledger moves amounts. A broken one is between debit and credit for a while; at
// the end all is well.
type ledger struct {
	mu       sync.Mutex
	balances map[string]int
	ids      []string
	show     func(ids []string, balances map[string]int) any
	broken   bool
}

func ledgers(show func([]string, map[string]int) any) func(bool) http.Handler {
	return func(broken bool) http.Handler { return &ledger{balances: map[string]int{}, show: show, broken: broken} }
}

func (s *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.Method == http.MethodPut:
		s.balances[last(r)], _ = strconv.Atoi(fmt.Sprint(fieldsOf(r)["balance"]))
		s.ids = append(s.ids, last(r))
		reply{status: 204}.send(w)
	case r.Method == http.MethodPost:
		f := fieldsOf(r)
		from, to := fmt.Sprint(f["from"]), fmt.Sprint(f["to"])
		n, _ := strconv.Atoi(fmt.Sprint(f["amount"]))
		if s.balances[from] < n {
			reply{status: 422, body: `{}`}.send(w)
			return
		}
		s.balances[from] -= n
		if s.broken {
			s.mu.Unlock()
			time.Sleep(gap)
			s.mu.Lock()
		}
		s.balances[to] += n
		reply{status: 200, body: `{}`}.send(w)
	case last(r) == "accounts":
		reply{status: 200, body: jsonText(s.show(s.ids, s.balances))}.send(w)
	default:
		reply{status: 200, body: jsonText(map[string]any{"balance": s.balances[last(r)]})}.send(w)
	}
}

var bankers = []Server{
	{Name: "balances-by-id", Tempts: "all accounts in one answer, others' among them", Breaks: "conservation",
		Scenario: fit(banking, "NAME", "balances-by-id", "LIST", `value   = "json:accounts"`, "FAULTS", ""),
		New:      ledgers(func(_ []string, b map[string]int) any { return map[string]any{"accounts": b} })},
	{Name: "balances-in-order", Tempts: "a list of objects, and connections that break at any moment", Breaks: "conservation",
		Scenario: fit(banking, "NAME", "balances-in-order", "LIST", "value   = \"json:#.balance\"\nkey     = \"json:#.id\"",
			"FAULTS", "\n[[fault]]\nkind  = \"reset-after\"\nshare = 0.1\ndelay = \"uniform(0ms, 4ms)\"\n"),
		New: ledgers(func(ids []string, b map[string]int) any {
			rows := []any{}
			for _, id := range ids {
				rows = append(rows, map[string]any{"id": id, "balance": b[id]})
			}
			return rows
		})},
}
