package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// run is one round over the mutants of a package.
type run struct {
	dir      string
	limit    time.Duration
	parallel int
}

func (run) defaultLimit() time.Duration { return 3 * time.Minute }

// fate is what became of a mutant.
type fate string

const (
	noticed  fate = "noticed"  // a test failed
	endless  fate = "endless"  // no test ended: noticed too
	unbuilt  fate = "unbuilt"  // it does not compile: no mutant at all
	survived fate = "survived" // every test passed
)

func (r run) main(only *regexp.Regexp, list bool, known string) (code int, err error) {
	all, err := mutate(r.dir)
	if err != nil {
		return 0, err
	}
	reasons, err := parseKnown(known)
	if err != nil {
		return 0, err
	}
	var chosen []mutant
	for _, m := range all {
		if only.MatchString(m.name) {
			chosen = append(chosen, m)
		}
	}
	if list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		return 0, nil
	}
	if f, out := r.test(mutant{}); f != survived {
		return 0, fmt.Errorf("the tests fail without any mutant:\n%s", out)
	}
	fates := make([]fate, len(chosen))
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(r.parallel, 1))
	for i, m := range chosen {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wg.Done() }()
			fates[i], _ = r.test(m)
			if fates[i] == survived && reasons[m.name] == "" {
				fmt.Printf("survived: line %d: %s\n", m.line, m.name)
			}
		}()
	}
	wg.Wait()
	return summary(chosen, fates, reasons, only.String() == ""), nil
}

// summary prints the count of each fate and returns the exit code.
func summary(chosen []mutant, fates []fate, reasons map[string]string, whole bool) int {
	count, code, excused := map[fate]int{}, 0, 0
	met := map[string]bool{}
	for i, m := range chosen {
		count[fates[i]]++
		switch {
		case fates[i] == survived && reasons[m.name] == "":
			code = 1
		case fates[i] == survived:
			excused++
			met[m.name] = true
		}
	}
	for name := range reasons {
		if whole && !met[name] {
			fmt.Printf("survivors.txt: noticed, or there is none: %s\n", name)
			code = 1
		}
	}
	fmt.Printf("%d mutants: %d noticed, %d endless, %d do not compile, %d survived, of which %d cannot matter\n",
		len(chosen), count[noticed], count[endless], count[unbuilt], count[survived], excused)
	return code
}

// test runs the package's tests over a mutant; the zero mutant is the source
// as it is.
func (r run) test(m mutant) (fate, string) {
	tmp, err := os.MkdirTemp("", "mutant-")
	if err != nil {
		return unbuilt, err.Error()
	}
	defer os.RemoveAll(tmp)
	overlay := map[string]map[string]string{"Replace": {}}
	if m.file != "" {
		broken := filepath.Join(tmp, filepath.Base(m.file))
		if err := os.WriteFile(broken, m.text, 0o644); err != nil {
			return unbuilt, err.Error()
		}
		overlay["Replace"][m.file] = broken
	}
	b, _ := json.Marshal(overlay)
	plan := filepath.Join(tmp, "overlay.json")
	if err := os.WriteFile(plan, b, 0o644); err != nil {
		return unbuilt, err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.limit+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-overlay="+plan, "-count=1", "-failfast", "-vet=off", "-timeout="+r.limit.String(), ".")
	cmd.Dir = r.dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	text := out.String()
	switch {
	case err == nil:
		return survived, text
	case strings.Contains(text, "[build failed]"), strings.Contains(text, "[setup failed]"):
		return unbuilt, text
	case strings.Contains(text, "panic: test timed out"), ctx.Err() != nil:
		return endless, text
	}
	return noticed, text
}

// parseKnown reads survivors.txt: a name, and below it, indented, the reason.
func parseKnown(text string) (map[string]string, error) {
	reasons := map[string]string{}
	name := ""
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, " "):
			if name == "" {
				return nil, fmt.Errorf("survivors.txt:%d: a reason without a mutant", i+1)
			}
			reasons[name] += strings.TrimSpace(line) + " "
		default:
			if name != "" && reasons[name] == "" {
				return nil, fmt.Errorf("survivors.txt:%d: a mutant without a reason", i)
			}
			name = line
		}
	}
	if name != "" && reasons[name] == "" {
		return nil, fmt.Errorf("survivors.txt: %s has no reason", name)
	}
	return reasons, nil
}
