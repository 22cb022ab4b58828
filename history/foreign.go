package history

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// A line without a type is a request that another tool wrote. What a run's own
// records may leave out it has to say, and a name that means nothing here is a
// mistake: a misspelt field would else be taken for one that was left out.

// ForeignError says that a file is not a history, or that a line of another
// tool cannot be judged as it stands; docs/foreign-histories.md has the form.
type ForeignError struct{ Why string }

func (e *ForeignError) Error() string { return e.Why }

// foreignField is a field of a request, with what other tools call it.
type foreignField struct {
	name     string
	required string // what it is, of a field that every line needs
	also     []string
}

var foreignFields = []foreignField{
	{"client", "a whole number, one for each client", []string{"process", "vu", "user", "thread", "worker", "session_id"}},
	{"step", "read, write, create ...", []string{"f", "op_type", "method", "verb", "operation", "action"}},
	{"key", "the resource", []string{"resource", "url", "path", "id", "name"}},
	{"call", "when the request began, in ns", []string{"start", "begin", "started", "time", "timestamp", "ts", "invoke"}},
	{"return", "when its answer had been read, in ns", []string{"end", "finish", "finished", "ended", "stop", "returned"}},
	{"status", "the HTTP status, 0 without an answer", []string{"code", "status_code", "statuscode", "http_status", "response_code"}},
	{"version", "", []string{"etag", "rev", "revision", "resourceversion", "_rev"}},
	{"expect", "", []string{"if_match", "if-match", "ifmatch", "expected", "precondition"}},
	{"saw", "", []string{"seen", "read_tag"}},
	{"value", "", []string{"body", "val", "data", "amount", "element"}},
	{"lock", "", []string{"token", "lock_token", "lease"}},
	{"fence", "", []string{"fencing", "fencing_token"}},
	{"key2", "", []string{"to", "target", "dest", "destination"}},
	{"tag", "", nil}, {"base", "", nil}, {"op", "", nil}, {"attempt", "", nil}, {"class", "", nil}, {"effect", "", nil},
	{"block", "", nil}, {"session", "", nil}, {"sent", "", nil}, {"received", "", nil}, {"fault", "", nil}, {"truth", "", nil},
	{"part", "", nil}, {"error", "", nil}, {"problem", "", nil}, {"detail", "", nil},
}

// foreignSteps are the steps that a line of another tool may have.
var foreignSteps = []Step{StepRead, StepWrite, StepCreate, StepDelete, StepAdd, StepAppend, StepList, StepTransfer, StepLock, StepUnlock, StepRefresh, StepSetup}

// known is the number of a field, for the set of those that a line has.
func knownField(name []byte) (bit uint64, ok bool) {
	for i := range foreignFields {
		if foreignFields[i].name == string(name) {
			return 1 << i, true
		}
	}
	return 0, false
}

// misnamed is the error of a field that means nothing here.
func misnamed(name string) error {
	if name == "end" || name == "start" || name == "time" {
		return &ForeignError{fmt.Sprintf("the field %q means nothing here: a request has call and return, in nanoseconds on one clock", name)}
	}
	for i := range foreignFields {
		f := &foreignFields[i]
		for _, also := range append([]string{f.name}, f.also...) {
			if strings.EqualFold(name, also) {
				return &ForeignError{fmt.Sprintf("the field %q means nothing here: did you mean %q?", name, f.name)}
			}
		}
	}
	return &ForeignError{fmt.Sprintf("the field %q means nothing here: remove it, or see the fields in docs/foreign-histories.md", name)}
}

// foreign checks a request of another tool, given the set of its fields.
func foreign(r *Request, have uint64) error {
	var missing []string
	for i := range foreignFields {
		if f := &foreignFields[i]; f.required != "" && have&(1<<i) == 0 {
			missing = append(missing, f.name+" ("+f.required+")")
		}
	}
	if len(missing) > 0 {
		return &ForeignError{"the line has no " + strings.Join(missing, ", no ")}
	}
	known := false
	var names []string
	for _, s := range foreignSteps {
		known = known || r.Step == s
		names = append(names, string(s))
	}
	switch {
	case !known:
		sort.Strings(names)
		return &ForeignError{fmt.Sprintf("the step %q is not known: there are %s", r.Step, strings.Join(names, ", "))}
	case r.Key == "":
		return &ForeignError{"the key is empty"}
	case r.Return < r.Call:
		return &ForeignError{fmt.Sprintf("return (%d) is before call (%d)", r.Return, r.Call)}
	case r.Status != 0 && (r.Status < 100 || r.Status > 599):
		return &ForeignError{fmt.Sprintf("status %d is no HTTP status", r.Status)}
	case r.Step == StepTransfer && r.Key2 == "":
		return &ForeignError{"a transfer has no key2 (where the amount went; key says from where)"}
	}
	return nil
}

// otherTools are files of other tools, by how they begin.
var otherTools = []struct {
	name, section string
	like          func(head []byte) bool
}{
	{"a result file of k6", "k6", func(h []byte) bool {
		return has(h, `"type":"Metric"`) || has(h, `"type":"Point"`) || has(h, `"metric":"`) && has(h, `"data":{`) || bytes.HasPrefix(h, []byte("metric_name,timestamp,"))
	}},
	{"a result file of vegeta", "vegeta", func(h []byte) bool {
		return has(h, "Attack") && has(h, "Latency") && has(h, "BytesOut") || has(h, `"latency":`) && has(h, `"bytes_out":`)
	}},
	{"a JTL file of JMeter", "jmeter", func(h []byte) bool {
		return has(h, "timeStamp,elapsed") || has(h, "<testResults")
	}},
	{"a HAR file", "har", func(h []byte) bool {
		return bytes.HasPrefix(h, []byte(`{"log":{`)) && (has(h, `"entries":`) || has(h, `"creator":`) || has(h, `"version":`))
	}},
	{"a history of Jepsen (EDN)", "jepsen", func(h []byte) bool {
		return has(h, ":type:") && (has(h, ":process") || has(h, ":f:")) || bytes.HasPrefix(h, []byte("{:")) || bytes.HasPrefix(h, []byte("[{:"))
	}},
}

func has(head []byte, text string) bool { return bytes.Contains(head, []byte(text)) }

// otherTool names the tool that a file seems to be of. Spaces do not count.
func otherTool(head []byte) error {
	dense := make([]byte, 0, len(head))
	for _, b := range head {
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			dense = append(dense, b)
		}
	}
	for _, t := range otherTools {
		if t.like(dense) {
			return &ForeignError{"this is " + t.name + ", not a history: docs/foreign-histories.md#" + t.section + " says how to make one of it"}
		}
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return &ForeignError{"the file is UTF-16: save it as UTF-8"}
	}
	return nil
}

// IsForeign reports whether an error says that what was to be read is not in
// the form of a history, and is therefore the caller's to mend.
func IsForeign(err error) bool {
	var f *ForeignError
	return errors.As(err, &f)
}
