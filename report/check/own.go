package check

import (
	"strings"

	"tussle/history"
)

// ownOps are the operations and observations of a user's own, by block and key.
type ownOps struct {
	keys  []string // in order of first appearance
	byKey map[string]*ownKey
}

type ownKey struct {
	key      string
	ops      []history.Operation
	observed []history.Operation
}

func (o *ownOps) add(op *history.Operation) {
	k := o.byKey[op.Key]
	if k == nil {
		if o.byKey == nil {
			o.byKey = map[string]*ownKey{}
		}
		k = &ownKey{key: strings.Clone(op.Key)}
		o.keys, o.byKey[k.key] = append(o.keys, k.key), k
	}
	c := *op
	c.Key, c.Reason = k.key, ""
	c.Captured, c.Breach = strings.Clone(op.Captured), strings.Clone(op.Breach)
	if op.Intent == history.IntentObserve {
		k.observed = append(k.observed, c)
	} else {
		k.ops = append(k.ops, c)
	}
}

// all is every key of a block as one.
func (o *ownOps) all() *ownKey {
	a := &ownKey{key: ""}
	for _, key := range o.keys {
		a.ops = append(a.ops, o.byKey[key].ops...)
		a.observed = append(a.observed, o.byKey[key].observed...)
	}
	return a
}
