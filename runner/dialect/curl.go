package dialect

import (
	"strings"

	"tussle/history"
)

// Curl returns a command that sends the step's request. With v nil the
// variables are left in as {name}. Secrets from the environment are shown as
// the shell's own variables, so that the line works where they are set; a
// login's token is never shown, and the options' mask has the last word.
func (d *Dialect) Curl(name history.Step, v *Vars, baseURL string) string {
	s := d.at(name)
	if s == nil {
		return ""
	}
	if v != nil {
		hidden := *v
		hidden.named = append([]namedText(nil), v.named...)
		hidden.buf, hidden.body, hidden.tmp = nil, nil, nil
		if _, ok := v.Get(Token); ok {
			hidden.Set(Token, Text{S: "***"})
		}
		v = &hidden
	}
	var b strings.Builder
	b.WriteString("curl -sS -i")
	if s.method != "GET" {
		b.WriteString(" -X " + s.method)
	}
	target, err := s.appendTarget(nil, v)
	if err != nil {
		target, _ = s.appendTarget(nil, nil)
	}
	base := strings.TrimRight(baseURL, "/")
	base = strings.TrimSuffix(base, d.opt.BasePath)
	b.WriteString(" " + shell(base+string(target)))
	for i := range s.headers {
		h := &s.headers[i]
		if h.text.omitted(v) {
			continue
		}
		if h.text.secret != "" {
			b.WriteString(" -H " + shellSecret(h.name+": "+h.text.secret))
			continue
		}
		value, err := h.text.append(nil, v)
		if err != nil {
			value, _ = h.text.append(nil, nil)
		}
		b.WriteString(" -H " + shell(h.name+": "+string(value)))
	}
	if body := s.curlBody(v); body != "" {
		b.WriteString(" --data-binary " + body)
	}
	if d.opt.Mask != nil {
		return d.opt.Mask(b.String())
	}
	return b.String()
}

// curlBody is the body as one word of the shell.
func (s *step) curlBody(v *Vars) string {
	if !s.hasBody(v) {
		return ""
	}
	show := func(n *node, v *Vars) string {
		b, err := n.append(nil, v)
		if err != nil {
			b, _ = n.append(nil, nil)
		}
		return string(b)
	}
	if s.body.secret() {
		return shell(show(s.body, nil))
	}
	if len(s.edits) == 0 {
		return shell(show(s.body, v))
	}
	if v != nil {
		if b, err := s.appendBody(nil, v); err == nil {
			return shell(string(b))
		}
	}
	changes := make([]string, 0, len(s.edits))
	for _, e := range s.edits {
		if e.node == nil {
			changes = append(changes, "without "+e.path)
		} else {
			changes = append(changes, "with "+e.path+" = "+show(e.node, nil))
		}
	}
	return shell("{read.body} " + strings.Join(changes, ", "))
}

// secret reports whether the body holds a text from the environment.
func (n *node) secret() bool {
	if n.text != nil && n.text.secret != "" {
		return true
	}
	for i := range n.members {
		if n.members[i].node.secret() {
			return true
		}
	}
	for i := range n.items {
		if n.items[i].secret() {
			return true
		}
	}
	return false
}

// shell quotes a word for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// shellSecret quotes a word whose tail from "$" on is a variable of the shell.
func shellSecret(s string) string {
	i := strings.LastIndexByte(s, '$')
	return shell(s[:i]) + `"` + s[i:] + `"`
}
