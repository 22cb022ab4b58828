package dialect

import (
	"slices"
	"strings"

	"tussle/history"
	"tussle/scenarios"
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
		n := s.body.marked()
		return shellMarked(show(&n, v))
	}
	if len(s.edits) == 0 && !s.whole {
		return shell(show(s.body, v))
	}
	if v != nil {
		if b, err := s.appendBody(nil, v); err == nil {
			return shell(string(b))
		}
	}
	changes := make([]string, 0, len(s.edits)+1)
	changes = append(changes, "the document that was read")
	for _, e := range s.edits {
		if e.node == nil {
			changes = append(changes, "without "+e.path)
		} else {
			changes = append(changes, "with "+e.path+" = "+show(e.node, nil))
		}
	}
	return shell("<put here: " + strings.Join(changes, ", ") + ">")
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

// marked is a copy in which each text from the environment is its variable's
// name between two NUL bytes, which no text of a scenario has.
func (n *node) marked() node {
	out := *n
	if n.text != nil && n.text.secret != "" {
		i := strings.LastIndexByte(n.text.secret, '$')
		lit := n.text.secret[:i] + "\x00" + strings.TrimSuffix(n.text.secret[i+1:], `"`) + "\x00"
		if strings.HasSuffix(n.text.secret, `"`) {
			lit += `"`
		}
		out.text = &text{parts: []part{{lit: lit}}}
	}
	out.members, out.items = slices.Clone(n.members), slices.Clone(n.items) // nil stays nil
	for i := range out.members {
		out.members[i].node = n.members[i].node.marked()
	}
	for i := range out.items {
		out.items[i] = n.items[i].marked()
	}
	return out
}

// shellMarked quotes a word whose marks are variables of the shell.
func shellMarked(s string) string {
	var b strings.Builder
	for i, piece := range strings.Split(s, "\x00") {
		if i%2 == 1 {
			b.WriteString(`"$` + piece + `"`)
		} else if piece != "" {
			b.WriteString(shell(piece))
		}
	}
	return b.String()
}

// ShellHeader is a header as one word of the shell; a value from the
// environment is left to the shell's own variable.
func ShellHeader(name string, t scenarios.Text) string {
	if t.Env != "" {
		return shellSecret(name + ": " + t.Prefix + "$" + t.Env)
	}
	return shell(name + ": " + t.Template)
}

// shell quotes a word for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// shellSecret quotes a word whose tail from "$" on is a variable of the shell.
func shellSecret(s string) string {
	i := strings.LastIndexByte(s, '$')
	return shell(s[:i]) + `"` + s[i:] + `"`
}
