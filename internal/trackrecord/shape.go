package main

import (
	"regexp"
	"slices"
	"strings"
)

// shape is a finding without what differs from run to run: the reader of it
// sees the mechanism of a defect. Interleavings vary, so a defect has a few
// sentences, and the roles that its requests may play.
type shape struct {
	sentences []string
	roles     []string // "! wrote ...": one that cannot be right beside the others
}

var varying = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\[.*?(\]|\.\.\.)`), "LIST"},
	{regexp.MustCompile(`\{".*?(\}|\.\.\.)`), "TABLE"},
	{regexp.MustCompile(`tussle-[0-9a-z]+-`), ""},
	{regexp.MustCompile(`\b[0-9a-z]*-?b\d+-[a-z]+\d+(/[\w.-]+)?`), "KEY"},
	{regexp.MustCompile(`\b\d+\.\d+\.\d+\b`), "TAG"},
	{regexp.MustCompile(`client \d+`), "client N"},
	{regexp.MustCompile(`-?\d[\d,]*(\.\d+)?( (ms|s|µs|us|ns)\b)?`), "N"},
}

func normal(s string) string {
	for _, v := range varying {
		s = v.pattern.ReplaceAllString(s, v.name)
	}
	return s
}

// shapeOf normalises a finding.
func shapeOf(f finding) shape {
	s := shape{sentences: []string{normal(f.Sentence)}}
	for _, r := range f.Requests {
		lane, _, _ := strings.Cut(r.Lane, " ")
		role := "  " + lane + " " + normal(r.Role)
		if r.Offends {
			role = "! " + lane + " " + normal(r.Role)
		}
		s.roles = append(s.roles, role)
	}
	return s
}

// with is both shapes together.
func (s shape) with(o shape) shape {
	both := shape{append(slices.Clone(s.sentences), o.sentences...), append(slices.Clone(s.roles), o.roles...)}
	slices.Sort(both.sentences)
	slices.Sort(both.roles)
	both.sentences, both.roles = slices.Compact(both.sentences), slices.Compact(both.roles)
	return both
}

// holds reports whether a finding of shape o shows nothing but what s knows.
func (s shape) holds(o shape) bool {
	return subset(o.sentences, s.sentences) && subset(o.roles, s.roles)
}

func subset(part, of []string) bool {
	return !slices.ContainsFunc(part, func(p string) bool { return !slices.Contains(of, p) })
}

// String is the text of a golden file; parseShape reads it.
func (s shape) String() string {
	return strings.Join(s.sentences, "\n") + "\n\n" + strings.Join(s.roles, "\n") + "\n"
}

func parseShape(text string) shape {
	top, rest, _ := strings.Cut(strings.TrimRight(text, "\n"), "\n\n")
	return shape{strings.Split(top, "\n"), strings.Split(rest, "\n")}
}
