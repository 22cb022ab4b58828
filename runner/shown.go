package runner

import (
	"encoding/json"

	"tussle/history"
	"tussle/runner/dialect"
	"tussle/runner/locking"
)

// curl is the command that sends the client's present request.
func (c *client) curl(step history.Step) string { return c.sp.curl(step, &c.machine.Vars, c.who) }

// maxDocument is how much of a document is recorded, so that a request that
// sends one back can be shown.
const maxDocument = 8 << 10

// besides is what it takes to show the requests of a key again, and has no
// field of its own: the scenario's variables that this one was made of, the id
// that the target gave a key, and a document for steps that send one back.
func (c *client) besides(a *locking.Ask, ans *dialect.Answer) string {
	if own := c.sp.speak.Own(a.Step); own != nil {
		return c.machine.Vars.Own(own)
	}
	if c.id != history.Observer || ans.Class != history.OK {
		return ""
	}
	var about map[string]string
	switch {
	case ans.HasKey && (a.Step == history.StepSetup || a.Step == history.StepReset):
		about = map[string]string{"key": ans.Key.S}
	case a.Step == history.StepRead && c.sp.speak.Documents() && !ans.Absent && len(ans.Body) <= maxDocument:
		about = map[string]string{"read.body": string(ans.Body)}
	default:
		return ""
	}
	text, err := json.Marshal(about)
	if err != nil {
		return ""
	}
	return string(text)
}
