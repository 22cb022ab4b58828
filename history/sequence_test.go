package history

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// What no recorder writes is refused, with its line.
func TestWhatNoRunWritesIsRefused(t *testing.T) {
	const head = `{"type":"header","schema":1,"plan":{"strategies":[{"name":"s"}]}}` + "\n"
	const block, over = `{"type":"block","block":0,"strategy":0,"start":1}` + "\n", `{"type":"block","block":0,"strategy":0,"start":1,"end":9}` + "\n"
	const request = `{"type":"request","block":0,"client":0,"op":0,"step":"read","key":"k","call":1,"return":2,"status":200}` + "\n"
	const end = `{"type":"event","at":9,"name":"end"}` + "\n"
	for _, c := range []struct{ text, why string }{
		{head + head, "line 2: a second header"},
		{head + block + request + over + end + head, "line 6: a second header"},
		{request + head, "line 2: the header is not the first record"},
		{`{"type":"header","schema":99}` + "\n", "line 1: schema 99"},
		{`{"type":"header"}` + "\n", "line 1: a header without a schema"},
		{head + end + request, "line 3: a record after the run's end (line 2)"},
		{head + block + over + request, "line 4: a record of block 0, which ended at line 3"},
		{head + block + block, "line 3: block 0 started at line 2"},
		{head + over + over, "line 3: block 0 ended at line 2"},
		{head + strings.Replace(block, `"strategy":0`, `"strategy":1`, 1), "line 2: block 0 is of strategy 1"},
		{head + strings.Replace(request, `"return":2`, `"return":0`, 1), "line 2: return 0 is before call 1"},
		{head + strings.Replace(request, "200", "1000", 1), "line 2: 1000 is no HTTP status"},
		{head + strings.Replace(request, `"client":0`, `"client":2147483648`, 1), "line 2: 2147483648 is no number of a client"},
		{head + strings.Replace(request, `"client":0`, `"client":-2`, 1), "line 2: -2 is no number of a client"},
		{head + strings.Replace(request, `"op":0`, `"op":4294967296`, 1), "line 2: 4294967296 is no number of an operation"},
		{head + strings.Replace(request, `"call":1`, `"call":-9000000000000000000`, 1), "line 2: a time is too far"},
	} {
		r, err := NewReader(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		var rec Record
		for err == nil {
			err = r.Read(&rec)
		}
		r.Close()
		if !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q\n\twant %q, got %q", c.text, c.why, err)
		}
	}
}

// What clients hold back reaches the file by itself, in order, and is whole.
func TestTheWriterTakesWhatClientsHold(t *testing.T) {
	var out safeBuffer
	w, err := NewWriter(&out, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	var b *Buffer
	b = w.Swept(func() {
		for ; held > 0; held-- {
			r := sampleRequest(held)
			b.Request(&r)
		}
	})
	b.Lock()
	held = 5
	b.Unlock()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if n, err := requestsIn(out.bytes()); n == 5 && errors.Is(err, io.EOF) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what a client holds stays there")
		}
	}
	b.Close()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A mark that does not fit ends the history before its lines.
func TestLinesThatAreNotAsTheyWereWrittenAreNotUsed(t *testing.T) {
	text := []byte("{\"type\":\"header\",\"schema\":1}\n")
	text = appendMark(text, 2, checksum(text))
	second := []byte("{\"type\":\"request\",\"block\":0,\"client\":0,\"op\":0,\"call\":1,\"return\":2}\n")
	whole := append(bytes.Clone(text), appendMark(bytes.Clone(second), 4, checksum(second))...)
	if n, err := requestsIn(whole); n != 1 || !errors.Is(err, io.EOF) {
		t.Errorf("whole: %d requests, %v", n, err)
	}
	for name, damaged := range map[string][]byte{
		"a digit":        bytes.Replace(whole, []byte(`"return":2`), []byte(`"return":3`), 1),
		"a line less":    append(bytes.Clone(text), appendMark(nil, 4, checksum(nil))...),
		"a line doubled": append(bytes.Clone(text), append(bytes.Clone(second), whole[len(text):]...)...),
		"no mark":        whole[:len(text)+len(second)],
	} {
		var cut *CutError
		if n, err := requestsIn(damaged); n != 0 || !errors.As(err, &cut) {
			t.Errorf("%s: %d requests, %v", name, n, err)
		}
	}
}
