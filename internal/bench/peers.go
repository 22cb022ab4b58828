package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"tussle/history"
)

// contender is one load generator.
type contender struct {
	name, sends string
	command     func(url string) []string
	count       *regexp.Regexp // finds the number of requests in its output
	results     string         // or the file of vegeta's results that holds them
}

// The vegeta command is built from the module that go.mod names.
const (
	vegetaModule  = "github.com/tsenart/vegeta/v12"
	vegetaVersion = "v12.13.0"
)

// contenders installs what is missing and lists every generator.
func contenders(dir, tussle string) ([]contender, error) {
	for _, tool := range []string{"wrk", "hey", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s is missing; as root on Debian: apt-get install %s (make bench does)", tool, tool)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	vegetaBin, k6 := filepath.Join(dir, "vegeta"), filepath.Join(dir, "k6")
	if err := install(dir, vegetaBin, vegetaModule, vegetaVersion); err != nil {
		return nil, err
	}
	out := []contender{
		{name: "wrk", sends: "GET", count: regexp.MustCompile(`(\d+) requests in`), command: func(url string) []string {
			return []string{"wrk", "-t1", "-c" + strconv.Itoa(connections), "-d" + seconds(), url}
		}},
		{name: "tussle", sends: "GET, then PUT with If-Match, recorded", count: regexp.MustCompile(`requests (\d+)`), command: func(string) []string {
			return []string{self, "-load", tussle, "-length", length.String()}
		}},
		{name: "hey", sends: "GET", count: regexp.MustCompile(`\[200\]\s+(\d+) responses`), command: func(url string) []string {
			return []string{"hey", "-c", strconv.Itoa(connections), "-z", length.String(), url}
		}},
		{name: "vegeta", sends: "GET", results: filepath.Join(dir, "vegeta.bin"), command: func(url string) []string {
			return []string{"sh", "-c", fmt.Sprintf("echo GET %s | exec %s attack -rate=0 -max-workers=%d -duration=%s -max-body=0 -output=%s",
				url, vegetaBin, connections, length, filepath.Join(dir, "vegeta.bin"))}
		}},
	}
	if err := install(dir, k6, "go.k6.io/k6", "v1.8.1"); err != nil {
		fmt.Fprintln(os.Stderr, "bench: note: no k6:", err)
		return out, nil
	}
	for _, k := range []struct{ name, sends, script, out string }{
		{"k6", "GET", k6Get, ""},
		{"k6 (same work)", "GET, then PUT with If-Match", k6Update, ""},
		{"k6 (same work, recorded)", "GET, then PUT with If-Match, `--out csv`", k6Update, "csv=" + filepath.Join(dir, "k6.csv")},
	} {
		out = append(out, contender{name: k.name, sends: k.sends, count: regexp.MustCompile(`http_reqs\.*: (\d+)`), command: func(url string) []string {
			script := filepath.Join(dir, "k6.js")
			if err := os.WriteFile(script, []byte(k.script), 0o644); err != nil {
				return []string{"false"}
			}
			args := []string{k6, "run", "-q", "--vus", strconv.Itoa(connections), "--duration", length.String(), "-e", "URL=" + url}
			if k.out != "" {
				args = append(args, "--out", k.out)
			}
			return append(args, script)
		}})
	}
	return out, nil
}

// k6Get is what k6 does at least.
const k6Get = `import http from 'k6/http';
export const options = { discardResponseBodies: true };
export default function () { http.get(__ENV.URL); }
`

// k6Update is tussle's work as a k6 user writes it: a thousand counters, each
// read and then written back under the ETag that was read.
const k6Update = `import http from 'k6/http';
const params = { headers: { 'If-None-Match': '*' }, responseCallback: http.expectedStatuses(200, 201, 412) };
export function setup() {
  for (let i = 0; i < 1000; i++) http.put(__ENV.URL + i, '{"value":0,"tag":"init"}', params);
}
export default function () {
  const url = __ENV.URL + Math.floor(Math.random() * 1000);
  const tag = __VU + '.' + __ITER;
  for (let attempt = 1; attempt <= 10; attempt++) {
    const read = http.get(url, { tags: { name: 'read' } });
    const state = read.json();
    const write = http.put(url, JSON.stringify({ value: state.value + 1, tag: tag + '.' + attempt }), {
      tags: { name: 'write' }, headers: { 'If-Match': read.headers['Etag'] }, responseCallback: http.expectedStatuses(200, 412),
    });
    if (write.status !== 412) return;
  }
}
`

// install builds a command of another module in a module of its own, so that
// go.mod stays ours.
func install(dir, bin, path, version string) error {
	mod := filepath.Join(dir, "build-"+filepath.Base(bin))
	if err := os.MkdirAll(mod, 0o755); err != nil {
		return err
	}
	text := fmt.Sprintf("module bench\n\ngo 1.26\n\nrequire %s %s\n", path, version)
	if err := os.WriteFile(filepath.Join(mod, "go.mod"), []byte(text), 0o644); err != nil {
		return err
	}
	return goRun(mod, "build", "-mod=mod", "-o", bin, path)
}

func seconds() string { return strconv.Itoa(max(int(length.Seconds()), 1)) + "s" }

// measure runs the generator once and returns CPU us per request.
func (c *contender) measure(url string) (float64, error) {
	args := c.command(url)
	cmd := exec.Command(args[0], args[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out.String())
	}
	var n int64
	if c.results != "" {
		var err error
		if n, err = vegetaResults(c.results); err != nil {
			return 0, err
		}
	} else {
		m := c.count.FindStringSubmatch(out.String())
		if m == nil {
			return 0, fmt.Errorf("its output does not tell how many requests it sent:\n%s", out.String())
		}
		n, _ = strconv.ParseInt(m[1], 10, 64)
	}
	if n < 1000 {
		return 0, errors.New("it sent only " + strconv.FormatInt(n, 10) + " requests")
	}
	cpu := spent(cmd.ProcessState)
	if m := ownCPU.FindStringSubmatch(out.String()); m != nil { // without its child, the target
		us, _ := strconv.ParseFloat(m[1], 64)
		return us / float64(n), nil
	}
	return float64(cpu.Microseconds()) / float64(n), nil
}

// ownCPU is what tussle's load says about its own CPU time; the target that
// it started and waited for would count in the process's.
var ownCPU = regexp.MustCompile(`cpu_us (\d+)`)

// steady returns, from a history, the CPU time of the generator and the number
// of requests answered between its second and its last sample under load: start,
// set-up and final reads are left out, as they are of the peers' loops.
func steady(path string) (cpu time.Duration, n int64, err error) {
	var block history.Block
	var samples []history.Sample
	var returns []int64
	err = history.Each(path, func(r *history.Record) {
		switch r.Kind {
		case history.KindBlock:
			block = r.Block
		case history.KindSample:
			samples = append(samples, r.Sample)
		case history.KindRequest:
			returns = append(returns, r.Request.Return)
		}
	})
	if err != nil {
		return 0, 0, err
	}
	samples = slices.DeleteFunc(samples, func(s history.Sample) bool { return s.At < block.Start || s.At > block.Stop })
	if len(samples) < 5 {
		return 0, 0, errors.New("too few samples; lengthen -length")
	}
	first, last := samples[1], samples[len(samples)-1]
	for _, at := range returns {
		if at >= first.At && at < last.At {
			n++
		}
	}
	return time.Duration(last.CPU - first.CPU), n, nil
}

func vegetaResults(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	dec := vegeta.NewDecoder(f)
	for n := int64(0); ; n++ {
		var r vegeta.Result
		if err := dec.Decode(&r); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}
