package history

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func write(t testing.TB, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, 5*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Buffer()
	if err := b.Header(&Header{Schema: Schema, Run: "r1"}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		r := sampleRequest(i)
		b.Request(&r)
		if i%1000 == 999 {
			b.Flush()
			time.Sleep(8 * time.Millisecond) // let a frame end
		}
	}
	o := sampleOperation()
	b.Operation(&o)
	if err := b.Event(&Event{Name: EventEnd}); err != nil {
		t.Fatal(err)
	}
	b.Flush()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func sampleRequest(i int) Request {
	return Request{Block: 1, Client: i % 7, Session: 1, Op: i, Attempt: 2, Step: StepWrite, Key: "b1-k\"é\x01", Call: int64(i), Return: int64(i + 5),
		Status: 412, Class: Stale, Effect: Refused, Expect: `"7"`, Version: `"8"`, Base: "3.1.1", Tag: "4.2.2", Saw: "x", Value: "[1,2]",
		Lock: "l", Fence: "9", Sent: 12, Received: 34, Fault: "lost-response", Truth: 200, Error: "reset", Detail: "a\nb", Problem: "/p"}
}

func sampleOperation() Operation {
	return Operation{Block: 1, Client: 3, Session: 1, Op: 9, Intent: IntentTransfer, Key: "a", Key2: "b", Planned: 1, Call: 2, Return: 3, Commit: 3,
		Outcome: GaveUp, Attempts: 3, Conflicts: 2, Requests: 6, Waited: 4, Amount: -5, Reason: "r"}
}

func TestEveryFieldSurvivesARoundTrip(t *testing.T) {
	r, err := NewReader(bytes.NewReader(write(t, 3)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec Record
	seen := map[Kind]int{}
	for {
		err := r.Read(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch rec.Kind {
		case KindRequest:
			if d := cmp.Diff(sampleRequest(seen[KindRequest]), rec.Request); d != "" {
				t.Error(d)
			}
		case KindOperation:
			if d := cmp.Diff(sampleOperation(), rec.Operation); d != "" {
				t.Error(d)
			}
		}
		seen[rec.Kind]++
	}
	want := map[Kind]int{KindHeader: 1, KindRequest: 3, KindOperation: 1, KindEvent: 1}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
	if !r.Complete() {
		t.Error("a whole history is not Complete")
	}
}

// A file cut at any byte yields whole records in order, then says where it
// was cut (or, when the cut falls between two frames, that it is not complete).
func TestACutFileIsReadUpToTheCut(t *testing.T) {
	whole := write(t, 5000)
	last := int64(0)
	for _, share := range []float64{0.02, 0.1, 0.5, 0.9, 0.99, 0.999} {
		cut := whole[:int(float64(len(whole))*share)]
		r, err := NewReader(bytes.NewReader(cut))
		if err != nil {
			t.Fatalf("share %v: %v", share, err)
		}
		var rec Record
		n, next := int64(0), 0
		for {
			err = r.Read(&rec)
			if err != nil {
				break
			}
			n = rec.Line
			if rec.Kind == KindRequest {
				if rec.Request.Op != next {
					t.Fatalf("share %v: request %d came where %d was due", share, rec.Request.Op, next)
				}
				next++
			}
		}
		var ce *CutError
		if !errors.As(err, &ce) && (err != io.EOF || r.Complete()) {
			t.Errorf("share %v: err = %v, want a CutError", share, err)
		}
		if ce != nil && ce.Line != n && ce.Line != n+1 { // the frame's mark is a line, and no record
			t.Errorf("share %v: cut after line %d, last read %d", share, ce.Line, n)
		}
		if n < last {
			t.Errorf("share %v yields %d lines, a shorter file yielded %d", share, n, last)
		}
		last = n
		r.Close()
	}
	if last < 3000 {
		t.Errorf("only %d of 5,000 lines could be read from 99.9 %% of the file", last)
	}
}

func TestLinesWithoutATypeAreRequests(t *testing.T) {
	r, err := NewReader(bytes.NewReader([]byte(`{"call": 1, "return": 2, "client": 0, "step": "read", "status": 200, "key": "k", "op": 4, "value": 7}`)))
	if err != nil {
		t.Fatal(err)
	}
	var rec Record
	if err := r.Read(&rec); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Request{Call: 1, Return: 2, Step: StepRead, Status: 200, Key: "k", Op: 4, Value: "7"}, rec.Request); d != "" {
		t.Error(d)
	}
}

func TestABadLineIsNamed(t *testing.T) {
	for _, bad := range []string{`{"type":"request","call":"x"}`, `[1]`, `{}`, `{"type":"request"`, `{"type" "request"}`, `{"call":1} 2`} {
		r, err := NewReader(bytes.NewReader([]byte("{\"type\":\"request\",\"call\":1,\"return\":2}\n" + bad + "\n")))
		if err != nil {
			t.Fatal(err)
		}
		var rec Record
		if err := r.Read(&rec); err != nil {
			t.Fatal(err)
		}
		if err := r.Read(&rec); err == nil || !bytes.Contains([]byte(err.Error()), []byte("line 2")) {
			t.Errorf("%s: err = %v, want one that names line 2", bad, err)
		}
	}
}

func TestAFullDiskStopsNothing(t *testing.T) {
	w, err := NewWriter(failing{}, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Buffer()
	for i := range 20000 {
		r := sampleRequest(i)
		b.Request(&r)
	}
	b.Flush()
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close = %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left on device")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

func FuzzDecode(f *testing.F) {
	r := sampleRequest(1)
	f.Add(r.AppendJSON(nil))
	o := sampleOperation()
	f.Add(o.AppendJSON(nil))
	f.Add([]byte(`{"type":"header","plan":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var d decoder
		var rec Record
		if d.decode(line, &rec) != nil || rec.Kind != KindRequest {
			return
		}
		again := rec.Request.AppendJSON(nil)
		var rec2 Record
		if err := d.decode(again[:len(again)-1], &rec2); err != nil {
			t.Fatalf("what was decoded does not encode to a readable line: %v\n%s", err, again)
		}
	})
}

func BenchmarkAppendRequest(b *testing.B) {
	r := sampleRequest(1)
	r.Detail, r.Error, r.Problem, r.Key = "", "", "", "b1-k7"
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.AppendJSON(buf[:0])
	}
}

func BenchmarkReadMillion(b *testing.B) {
	whole := write(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		for range 10 {
			r, err := NewReader(bytes.NewReader(whole))
			if err != nil {
				b.Fatal(err)
			}
			var rec Record
			for r.Read(&rec) == nil {
			}
			r.Close()
		}
	}
}
