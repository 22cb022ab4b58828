package measure

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tussle/history"
)

// Where the requests of measured operations went.
const (
	spentFirst = iota
	spentRetried
	spentConflict
	spentGaveUp
	spentLock
	spentReads
	spentErrors
	spentUnknown
	spentKinds
)

var spentNames = [spentKinds]string{"committed first try", "committed after retry", "conflict then retried", "gave up",
	"lock wait", "reads", "errors", "unknown"}

// anatomy takes the conflicts of one strategy apart.
type anatomy struct {
	matrix    map[cell]int64
	keys      map[string]*HotKey
	attempts  [10]int64
	spent     [spentKinds]int64
	perClient []int64
	total     int64
}

type cell struct {
	status      int32
	class, step uint8
}

func (a *anatomy) operation(c *Collector, b *block, op *operation, own []request) {
	if a.matrix == nil {
		a.matrix, a.keys = map[cell]int64{}, map[string]*HotKey{}
	}
	for i := range own {
		r := &own[i]
		a.matrix[cell{r.status, r.class, r.step}]++
		a.spent[spentOn(c, op, own, r)]++
	}
	if op.plain {
		return
	}
	a.total++
	if op.outcome == committed {
		a.attempts[min(max(op.attempts, 1), 10)-1]++
	}
	a.key(c, b, op.key).add(int64(op.attempts), conflicting(own))
}

func (a *anatomy) key(c *Collector, b *block, key int32) *HotKey {
	name := strings.TrimPrefix(c.keys.texts[key], c.run+"-")
	name = strings.TrimPrefix(name, "b"+strconv.Itoa(b.Block.Block)+"-")
	k := a.keys[name]
	if k == nil {
		k = &HotKey{Key: name}
		a.keys[name] = k
	}
	return k
}

func (k *HotKey) add(attempts, conflicts int64) {
	k.Attempts += attempts
	k.Conflicts += conflicts
	k.Share++ // operations, until finish divides
}

// spentOn says where one request went. A lock that was granted, at once or
// after a wait at the server, belongs to the attempt that it served; "lock
// wait" are the ones that were refused and had to be asked for again.
func spentOn(c *Collector, op *operation, own []request, r *request) int {
	class := history.Class(c.words.texts[r.class])
	switch {
	case op.plain:
		return spentReads
	case op.outcome == unknown:
		return spentUnknown
	case op.outcome == gaveUp:
		return spentGaveUp
	case op.outcome == failed:
		return spentErrors
	case class == history.Locked && c.words.texts[r.step] == string(history.StepLock):
		return spentLock
	case r.attempt == 0 || r.attempt >= op.attempts:
		if op.attempts <= 1 {
			return spentFirst
		}
		return spentRetried
	}
	locked := false
	for i := range own {
		if own[i].attempt == r.attempt && own[i].conflict {
			locked = locked || c.words.texts[own[i].step] == string(history.StepLock)
			if !locked {
				return spentConflict
			}
		}
	}
	if locked {
		return spentLock
	}
	return spentErrors
}

func (a *anatomy) clients(commits []int64) {
	for len(a.perClient) < len(commits) {
		a.perClient = append(a.perClient, 0)
	}
	for i, n := range commits {
		a.perClient[i] += n
	}
}

const maxHotKeys = 20

func (a *anatomy) finish(c *Collector, strategy int) Anatomy {
	out := Anatomy{Matrix: []StatusClass{}, HotKeys: []HotKey{}, Problems: []Problem{}, Attempts: a.attempts[:], Spent: []Share{}, PerClient: a.perClient}
	if out.PerClient == nil {
		out.PerClient = []int64{}
	}
	for id, n := range a.matrix {
		out.Matrix = append(out.Matrix, StatusClass{int(id.status), c.words.texts[id.class], c.words.texts[id.step], n})
	}
	slices.SortFunc(out.Matrix, func(x, y StatusClass) int {
		return cmp.Or(cmp.Compare(x.Step, y.Step), cmp.Compare(x.Status, y.Status), cmp.Compare(x.Class, y.Class))
	})
	for _, k := range a.keys {
		k.Share /= float64(a.total)
		if v := figure(k.Share); v != nil {
			k.Share = *v
		}
		out.HotKeys = append(out.HotKeys, *k)
	}
	slices.SortFunc(out.HotKeys, func(x, y HotKey) int {
		return cmp.Or(cmp.Compare(y.Conflicts, x.Conflicts), cmp.Compare(y.Attempts, x.Attempts), cmp.Compare(x.Key, y.Key))
	})
	out.HotKeys = slices.Clone(out.HotKeys[:min(len(out.HotKeys), maxHotKeys)])
	for i, n := range a.spent {
		out.Spent = append(out.Spent, Share{spentNames[i], n})
	}
	if strategy < len(c.bodies) {
		out.Problems, out.Diagnosis = c.bodies[strategy].finish()
	}
	return out
}
