package runner

import (
	"encoding/json"

	"tussle/history"
	"tussle/history/wire"
	"tussle/runner/dialect"
	"tussle/runner/locking"
	"tussle/scenarios"
)

// show adds to a request that is shown what the identity sends with all of
// them, the login and the question whether the target is ready included.
func (i *identity) show(v *dialect.Vars, r wire.Request) wire.Request {
	for _, h := range i.shown {
		h.Show(v, &r)
	}
	r.CA, r.Cert, r.Key = i.tls.CA, i.tls.Cert, i.tls.Key
	return r
}

// showLoggedIn is show for what is asked after the login, whose token is a
// secret of the name TOKEN.
func (i *identity) showLoggedIn(v *dialect.Vars, r wire.Request) wire.Request {
	r = i.show(v, r)
	if i.login != nil && len(r.Header(i.login.header)) == 0 {
		r.SetHeader(i.login.header, []byte(i.login.prefix+wire.Secret("TOKEN")))
	}
	return r
}

// secret reports whether the identity presents something from the environment.
func (i *identity) secret() bool {
	var r wire.Request
	for _, h := range i.shown {
		h.Show(i.outside(), &r)
	}
	return r.Secret()
}

// curl is the command that sends a step's request as an identity does; ""
// where it cannot be made.
func (sp *spoken) curl(step history.Step, v *dialect.Vars, who *identity) string {
	req, err := sp.speak.Shown(step, v)
	if err != nil {
		return ""
	}
	return sp.mask(who.showLoggedIn(v, req).Curl())
}

// curl is the command that sends the client's present request.
func (c *client) curl(step history.Step) string { return c.sp.curl(step, &c.machine.Vars, c.who) }

// Curl is the step as a command.
func (l *Line) Curl(step history.Step, v *dialect.Vars) string { return l.sp.curl(step, v, l.who) }

// targetInfo is what the history tells of the target.
func targetInfo(t scenarios.Target, url string) history.TargetInfo {
	info := history.TargetInfo{Use: t.Use, URL: url, Options: t.Options, Command: t.Command, CA: t.TLS.CA, Cert: t.TLS.Cert, Key: t.TLS.Key}
	some := false
	for _, id := range listed(t) {
		fields := append(dialect.PlanFields(id.Headers), dialect.PlanFields(t.Headers)...)
		if t.Login.Request != "" {
			fields = append(fields, history.PlanField{Name: t.Login.Header, Env: "TOKEN", Prefix: t.Login.Prefix})
		}
		some = some || fields != nil
		info.Identities = append(info.Identities, fields)
	}
	if !some {
		info.Identities = nil
	}
	return info
}

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
