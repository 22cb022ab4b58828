package check

import (
	"strings"

	"tussle/history"
)

// keep remembers what a record has besides its fields: of a key, the id that
// the target gave it and a document that it answered; of a request, the
// scenario's own variables. Few requests have any.
func (l *keyLog) keep(r *history.Request, at int) {
	vars := named(r.Vars)
	if t, ok := vars["key"]; ok && r.Client == history.Observer {
		l.told.id = strings.Clone(t.S)
	}
	if t, ok := vars["read.body"]; ok && r.Step == history.StepRead {
		l.told.document = strings.Clone(t.S)
	}
	if r.Client != history.Observer || stepOf(r.Step) == own { // or what was observed
		if l.vars == nil {
			l.vars = map[int32]string{}
		}
		l.vars[int32(at)] = strings.Clone(r.Vars)
	}
}
