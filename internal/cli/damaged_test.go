package cli

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

const damagedScenario = `
name = "damaged"
[target]
use = "memory"
[workload]
kind = %q
keys = 2
[load]
clients = 4
duration = "700ms"
warmup = "100ms"
repeat = 1
rate = "300/s"
[[strategy]]
name = "optimistic"
locking = "optimistic"
dialect = "etag"
[[strategy]]
name = "pessimistic"
locking = "pessimistic"
dialect = "lease"
`

// damage is one way in which a file comes to harm.
type damage struct {
	name string
	do   func(r *rand.Rand, file, other []byte) []byte
}

// inText damages the lines of a history and compresses them again, or not.
func inText(do func(r *rand.Rand, lines [][]byte) [][]byte) func(*rand.Rand, []byte, []byte) []byte {
	return func(r *rand.Rand, file, _ []byte) []byte {
		dec, _ := zstd.NewReader(nil)
		defer dec.Close()
		text, err := dec.DecodeAll(file, nil)
		if err != nil {
			panic(err)
		}
		out := bytes.Join(do(r, bytes.SplitAfter(text, []byte{'\n'})), nil)
		if r.IntN(2) == 0 {
			return out
		}
		enc, _ := zstd.NewWriter(nil)
		defer enc.Close()
		return enc.EncodeAll(out, nil)
	}
}

func flipped(r *rand.Rand, b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + r.IntN(4) {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
	return b
}

var damages = []damage{
	{"flip", func(r *rand.Rand, f, _ []byte) []byte { return flipped(r, f) }},
	{"cut", func(r *rand.Rand, f, _ []byte) []byte { return f[:r.IntN(len(f))] }},
	{"drop", func(r *rand.Rand, f, _ []byte) []byte {
		at := r.IntN(len(f))
		return slices.Concat(f[:at], f[min(at+1+r.IntN(1<<r.IntN(14)), len(f)):])
	}},
	{"swap", func(r *rand.Rand, f, _ []byte) []byte {
		n := len(f)
		a, b, c := r.IntN(n), r.IntN(n), r.IntN(n)
		cuts := []int{a, b, c}
		slices.Sort(cuts)
		return slices.Concat(f[:cuts[0]], f[cuts[1]:cuts[2]], f[cuts[0]:cuts[1]], f[cuts[2]:])
	}},
	{"concatenate", func(r *rand.Rand, f, other []byte) []byte {
		if r.IntN(2) == 0 {
			return slices.Concat(f, other)
		}
		return slices.Concat(f[:r.IntN(len(f))], other[r.IntN(len(other)):])
	}},
	{"flip text", inText(func(r *rand.Rand, lines [][]byte) [][]byte { return [][]byte{flipped(r, bytes.Join(lines, nil))} })},
	{"drop lines", inText(func(r *rand.Rand, lines [][]byte) [][]byte {
		at := r.IntN(len(lines))
		return slices.Delete(lines, at, min(at+1+r.IntN(20), len(lines)))
	})},
	{"swap lines", inText(func(r *rand.Rand, lines [][]byte) [][]byte {
		a, b := r.IntN(len(lines)), r.IntN(len(lines))
		lines[a], lines[b] = lines[b], lines[a]
		return lines
	})},
	{"double lines", inText(func(r *rand.Rand, lines [][]byte) [][]byte {
		at := r.IntN(len(lines))
		return slices.Insert(lines, r.IntN(len(lines)), lines[at:min(at+1+r.IntN(20), len(lines))]...)
	})},
}

// Whatever happens to the file of a sound run, nobody is accused by what is
// left of it; nothing breaks down, and nothing hangs.
func TestDamagedHistoriesAccuseNobody(t *testing.T) {
	n := 90
	if thorough {
		n = 1500
	}
	dir := t.TempDir()
	var files [][]byte
	for _, kind := range []string{"counter", "append", "register"} {
		inFile(t, filepath.Join(dir, kind+".toml"), fmt.Sprintf(damagedScenario, kind))
		if code, out := tussleIn(t, dir, nil, "run", kind+".toml", "-q", "-o", kind); code != exitOK && code != exitInconclusive {
			t.Fatalf("%s: exit %d\n%s", kind, code, out)
		}
		text, err := os.ReadFile(filepath.Join(dir, kind, historyFile))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, text)
	}
	codes := map[int]int{}
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 16))
		d := damages[i%len(damages)]
		path := filepath.Join(dir, fmt.Sprintf("damaged-%d", i))
		text := d.do(r, slices.Clone(files[i%len(files)]), files[r.IntN(len(files))])
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		type result struct {
			code int
			out  string
		}
		done := make(chan result, 1)
		go func() {
			var out bytes.Buffer
			code := Main([]string{"check", path}, strings.NewReader(""), &out, &out)
			done <- result{code, out.String()}
		}()
		select {
		case got := <-done:
			codes[got.code]++
			if got.code == exitFail || got.code == exitUsage || strings.Contains(got.out, "goroutine ") || strings.Contains(got.out, "itself failed") {
				t.Errorf("damage %d (%s): exit %d\n%s", i, d.name, got.code, got.out)
			}
		case <-time.After(time.Minute):
			t.Fatalf("damage %d (%s) hangs", i, d.name)
		}
		os.Remove(path)
	}
	t.Log("exit codes:", codes)
	if codes[exitInconclusive] == 0 || codes[exitCannotRun] == 0 {
		t.Errorf("exit codes %v: some damages leave a part to judge, some nothing", codes)
	}
}
