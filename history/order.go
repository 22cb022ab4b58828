package history

// Pair is two or more requests whose statements were put into every order. It
// is written when the exploration begins (Walked is 0) and again, complete,
// when it has ended.
type Pair struct {
	Pair     int      `json:"pair"`             // from 0
	Strategy int      `json:"strategy"`         // index into Plan.Strategies
	Steps    []string `json:"steps"`            // what each request does: "write", "delete"
	Wants    []string `json:"wants"`            // each in words, {variables} left in: "POST /orders/{key} {\"n\": 3}"
	Store    string   `json:"store"`            // the kind of the store: postgres
	Every    bool     `json:"every"`            // silent statements were held too, and nothing was left out
	Replay   bool     `json:"replay,omitempty"` // one order was followed again and again, in place of exploring

	// What became of it.
	Walked      int64  `json:"walked"`
	StandFor    int64  `json:"stand_for"`   // orders that those walked stand for
	Complete    bool   `json:"complete"`    // no order was left out for want of time or number
	Preemptions int    `json:"preemptions"` // unless complete: all with at most so many preemptions were walked; -1: not even those with none
	Possible    int64  `json:"possible"`    // orders if no statement ever waited, by the statements of each request alone; 0: not known
	Alone       []int  `json:"alone"`       // statements of each request when it runs alone
	Strayed     int64  `json:"strayed"`     // orders that could not be repeated as they were asked for
	Choices     int64  `json:"choices"`     // times that there was a statement of more than one request to choose from
	Others      int64  `json:"others"`      // statements that belong to no request
	Outside     int64  `json:"outside"`     // times that a request was busy outside the store
	Stopped     string `json:"stopped,omitempty"`
}

// Role of an order.
const (
	RoleOrder  = "order"  // one that was explored
	RoleSerial = "serial" // requests one after the other, or some of them alone: what others are compared with
	RoleReplay = "replay" // an order once more, to see whether it repeats
)

// Order is one order of the statements of a pair, with what came of it.
type Order struct {
	Pair        int         `json:"pair"`
	Number      int64       `json:"number"` // from 0, in the order of the exploration; of a replay that of what it repeats
	Role        string      `json:"role"`
	Ran         []int       `json:"ran,omitempty"`    // of role serial: which requests ran, one after the other
	Choices     []int       `json:"choices"`          // the request that was let go at each choice
	Weight      int64       `json:"weight,omitempty"` // orders that it stands for
	Preemptions int         `json:"preemptions"`      // choices that leave a request that could have gone on
	Start       int64       `json:"start"`
	End         int64       `json:"end"`
	Replies     []Reply     `json:"replies"` // of each request
	Final       []Reply     `json:"final"`   // what was read afterwards
	Statements  []Statement `json:"statements"`
	Broken      string      `json:"broken,omitempty"` // why it says nothing
}

// Reply is what a request was answered, taken apart. Keys are replaced by
// {key}, secrets are masked.
type Reply struct {
	Step   Step              `json:"step,omitempty"`
	Sent   bool              `json:"sent"`
	Status int               `json:"status,omitempty"` // 0: no answer came
	Class  Class             `json:"class,omitempty"`
	Effect Effect            `json:"effect,omitempty"`
	Call   int64             `json:"call"`
	Return int64             `json:"return"`
	Facts  map[string]string `json:"facts,omitempty"` // by JSON pointer into the body; "version" is the version that was told
	Value  string            `json:"value,omitempty"` // the value under test, where the scenario captures one
	Curl   string            `json:"curl,omitempty"`
}

// Statement is one unit that the store was sent for a request.
type Statement struct {
	Of     int    `json:"of"` // index of the request
	SQL    string `json:"sql"`
	Silent bool   `json:"silent,omitempty"` // it cannot matter to others: no choice
	Conn   uint64 `json:"conn"`
	Waited bool   `json:"waited,omitempty"` // for a lock
	Tag    string `json:"tag,omitempty"`    // what the store said it did
	Code   string `json:"code,omitempty"`   // SQLSTATE of its error
	Start  int64  `json:"start"`            // when it was let go
	End    int64  `json:"end,omitempty"`    // when it was answered; 0: never
}
