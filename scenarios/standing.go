package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"tussle/history/wire"
)

// checkStanding checks what makes a client somebody whom the target knows: the
// steps of login and join, and signatures.
func (c *checker) checkStanding(known, vars []string) {
	login := &c.s.Target.Login
	own := append([]string{"run", "uuid"}, vars...)
	for i := range login.Steps {
		c.stepVariables(element("target.login.step", i), &login.Steps[i], own, wire.Variables())
		c.hasRequest(element("target.login.step", i), &login.Steps[i])
		own = append(own, sortedNames(login.Steps[i].Capture)...)
	}
	if c.doc.has("target.login") {
		last := Step{Request: login.Request, Headers: login.Headers, Body: login.Body, Form: login.Form}
		c.stepVariables("target.login", &last, own, nil)
	}
	if !c.doc.has("target.join") {
		return
	}
	list, at := c.s.Target.Join.List(), func(i int) string { return element("target.join.step", i) }
	if c.s.Target.Join.Request != "" {
		at = func(i int) string {
			if i == 0 {
				return "target.join"
			}
			return element("target.join.step", i-1)
		}
	}
	if len(list) == 0 {
		c.say("target.join", "target.join has no request", `request = "POST /sessions"`, "or [[target.join.step]], with a request each")
	}
	may := append([]string{"run", "client", "uuid", "token"}, known...)
	for i := range list {
		c.stepVariables(at(i), &list[i], may, wire.Variables())
		c.hasRequest(at(i), &list[i])
		may = append(may, sortedNames(list[i].Capture)...)
	}
}

func (c *checker) hasRequest(at string, s *Step) {
	if s.Request == "" && !c.doc.has(at+".request") {
		c.say(at, "the step has no request", `request = "GET /login"`, "")
	}
	if s.Like != "" {
		c.sayKey(at+".like", "a step of this kind is like none", "request, headers, query and body of its own", "")
	}
}

// signKeys are the keys that each kind of signature cannot do without, and
// those that it takes besides.
var signKeys = map[string][2][]string{
	"sigv4":            {{"key", "secret"}, {"session", "region", "service"}},
	"azure-shared-key": {{"account", "secret"}, nil},
	"hmac":             {{"secret", "text"}, {"key", "value", "header", "date", "date_header", "algorithm", "encoding"}},
	"command":          {{"command"}, nil},
}

func (c *checker) checkSign() {
	if !c.doc.has("target.sign") {
		return
	}
	s := &c.s.Target.Sign
	keys, ok := signKeys[s.Kind]
	if !ok {
		if !c.doc.has("target.sign.kind") {
			c.say("target.sign", "target.sign has no kind", strings.Join(sortedNames(signKeys), ", "), "")
		}
		return
	}
	for _, key := range keys[0] {
		if !c.doc.has("target.sign." + key) {
			c.say("target.sign", fmt.Sprintf("%s needs %s", s.Kind, key), map[string]string{"key": `key = { env = "ACCESS_KEY" }`, "secret": `secret = { env = "SECRET_KEY" }`,
				"account": `account = "devstoreaccount1"`, "text": `text = "{method} {path} {date}"`, "command": `command = ["./sign.py"]`}[key], "")
		}
	}
	for _, f := range fieldNames(signType) {
		if c.doc.has("target.sign."+f) && f != "kind" && !slices.Contains(keys[0], f) && !slices.Contains(keys[1], f) {
			c.sayKey("target.sign."+f, fmt.Sprintf("%s means nothing to %s", f, s.Kind), strings.Join(append(slices.Clip(keys[0]), keys[1]...), ", "), "remove it")
		}
	}
	for name, t := range map[string]Text{"secret": s.Secret, "session": s.Session} {
		if t.Template != "" {
			c.hide("target.sign." + name)
			c.say("target.sign."+name, "a secret stands in the file: "+name, `{ env = "NAME" }`, "put the value into an environment variable")
		}
	}
	for path, more := range map[string][]string{"text": nil, "value": {"signature"}} {
		text := map[string]string{"text": s.Text, "value": s.Value}[path]
		t, err := wire.ParseTemplate(text)
		for _, v := range t.Vars() {
			if known := append(slices.Clip(SignVariables), more...); err == nil && !slices.Contains(known, v) && !strings.HasPrefix(v, "header.") {
				c.say("target.sign."+path, fmt.Sprintf("there is no {%s} to sign", v), strings.Join(known, ", "), didYouMean(v, known))
			}
		}
	}
}

// checkSending wants follow and choose where they mean something.
func (c *checker) checkSending(path string, s *Step) {
	own := strings.HasPrefix(path, "operation[") || strings.Contains(path, ".operation[") || strings.HasPrefix(path, "target.join") || strings.HasPrefix(path, "target.login")
	if s.Follow && !own {
		c.sayKey(join(path, "follow"), "this step does not go where a redirect leads", "follow in steps of operations, observations, login and join", "let request name the place itself")
	}
	if s.Choose == "" {
		return
	}
	if last(path) != "lock" {
		c.sayKey(join(path, "choose"), "only a lock has a token to choose", "choose in a lock step", "")
	}
	if s.Token != "" {
		c.sayKey(join(path, "choose"), "the token is either chosen by the client or captured from the answer", "choose or token", "")
	}
}
