package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Load reads a scenario: from the gallery by its name, from a file by its
// path, or from standard input when the name is "-". It fills defaults in,
// resolves what every strategy speaks, and checks everything. The error, if
// any, is a *Problems that holds every mistake at once.
func Load(name string, opt Options) (*Scenario, error) {
	text, problem := read(name, opt)
	if problem != nil {
		return nil, &Problems{*problem}
	}
	return Parse(name, text, opt)
}

// Parse is [Load] for a text that is at hand; file is what problems and
// reports call it, and what relative paths are relative to.
func Parse(file, text string, opt Options) (*Scenario, error) {
	if opt.Env == nil {
		opt.Env = os.LookupEnv
	}
	doc, problems := parseDocument(file, text)
	if problems != nil {
		return nil, &problems
	}
	dec := &decoder{doc: doc, env: opt.Env}
	overrides := dec.override(opt)

	s := &Scenario{}
	dec.table("", doc.tree, reflect.ValueOf(s).Elem())
	s.File, s.Text, s.Overrides, s.SweepOn = file, text, overrides, opt.Sweep
	sum := sha256.Sum256([]byte(text))
	s.SHA256 = hex.EncodeToString(sum[:])
	s.origins = &origins{doc: doc, speaks: map[string]string{}}

	c := &checker{decoder: dec, s: s}
	if n := len(s.Strategies); n > maxStrategies {
		c.say("strategy", fmt.Sprintf("the scenario has %d strategies", n), fmt.Sprintf("at most %d", maxStrategies), "")
		s.Strategies = s.Strategies[:maxStrategies]
	}
	c.defaults()
	c.resolve()
	c.check(opt)
	if len(dec.problems) > 0 {
		sorted := dec.finish()
		return nil, &sorted
	}
	c.checkHabits()
	s.Warnings = s.Warnings.sorted()
	c.locate()
	c.keepOnly(opt.Only)
	return s, nil
}

// read returns the text of a scenario.
func read(name string, opt Options) (string, *Problem) {
	if name == "-" {
		in := opt.Stdin
		if in == nil {
			in = os.Stdin
		}
		return readAll(name, in)
	}
	if text, ok := galleryText(name); ok {
		return text, nil
	}
	f, err := os.Open(name)
	if err != nil {
		p := Problem{File: name, Message: "cannot be read: " + reason(err)}
		if os.IsNotExist(err) && !strings.HasSuffix(name, ".toml") {
			p.Message = "there is no scenario of this name, and no such file"
			var names []string
			for _, e := range Gallery() {
				names = append(names, e.Name)
			}
			p.Hint = didYouMean(name, names)
			if p.Hint == "" {
				p.Hint = "run 'tussle list' to see the gallery"
			}
		}
		return "", &p
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && st.IsDir() {
		return "", &Problem{File: name, Message: "is a directory", Expected: "a scenario file, such as " + filepath.Join(name, "scenario.toml")}
	}
	return readAll(name, f)
}

func readAll(name string, r io.Reader) (string, *Problem) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return "", &Problem{File: name, Message: "cannot be read: " + reason(err)}
	case len(b) > MaxSize:
		return "", &Problem{File: name, Message: fmt.Sprintf("is larger than %d KiB", MaxSize>>10), Expected: "a scenario file"}
	}
	return string(b), nil
}

// keepOnly drops the strategies that were not asked for.
func (c *checker) keepOnly(names []string) {
	if len(names) == 0 {
		return
	}
	var kept []Strategy
	var indexes []int
	for i, st := range c.s.Strategies {
		for _, n := range names {
			if st.Name == n {
				kept = append(kept, st)
				indexes = append(indexes, i)
				break
			}
		}
	}
	c.s.Strategies = kept
	c.s.origins.strategies = indexes
}
