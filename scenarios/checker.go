package scenarios

import (
	"path/filepath"
	"slices"
	"strings"
)

// checker fills in, resolves and checks a decoded scenario.
type checker struct {
	*decoder
	s *Scenario
}

// say records a mistake at the value of path; sayKey at its key.
func (c *checker) say(path, message, expected, hint string) {
	c.add(path, &mistake{message: message, expected: expected, hint: hint})
}

func (c *checker) sayKey(path, message, expected, hint string) {
	c.put(c.doc.problem(path, true), &mistake{message: message, expected: expected, hint: hint})
}

// broken reports whether the value of path already has a problem, so that
// nothing that follows from it is reported too.
func (c *checker) broken(path string) bool {
	at := c.doc.problem(path, false)
	return slices.ContainsFunc(c.problems, func(p Problem) bool {
		return !p.outside && p.File == at.File && p.Line == at.Line && p.Line > 0 && p.Col >= at.Col && p.Col < at.Col+at.Len
	})
}

// brokenWithin reports whether something in a table already has a problem.
func (c *checker) brokenWithin(path string) bool {
	for at := range c.doc.places {
		if strings.HasPrefix(at, path+".") && c.broken(at) {
			return true
		}
	}
	return false
}

func (c *checker) strategyNames() []string {
	var names []string
	for _, st := range c.s.Strategies {
		names = append(names, st.Name)
	}
	return names
}

// beside returns the path of a file that the scenario names, which is relative
// to the scenario's own.
func (c *checker) beside(name string) string {
	if name == "" || filepath.IsAbs(name) || c.s.File == "-" {
		return name
	}
	return filepath.Join(filepath.Dir(c.s.File), name)
}
