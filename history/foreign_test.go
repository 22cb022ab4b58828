package history

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// readAll reads a file's records up to its end or first error.
func readAll(text string) (int, error) {
	r, err := NewReader(strings.NewReader(text))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	var rec Record
	for n := 0; ; n++ {
		if err := r.Read(&rec); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return n, err
		}
	}
}

const foreignLine = `{"client":1,"op":1,"step":"write","key":"a","call":10,"return":20,"status":200,"expect":"1","version":"2"}`

func TestForeignLinesSayWhatTheyMust(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"as it should be", "", "", ""},
		{"status under another name", `"status"`, `"code"`, `did you mean "status"?`},
		{"version under another name", `"version"`, `"etag"`, `did you mean "version"?`},
		{"a field in other letters", `"expect"`, `"Expect"`, `did you mean "expect"?`},
		{"return under another name", `"return"`, `"end"`, "call and return"},
		{"a field of nobody's", `"op":1`, `"colour":1`, `"colour" means nothing here`},
		{"no client", `"client":1,`, ``, "no client"},
		{"no key", `"key":"a",`, ``, "no key"},
		{"an empty key", `"key":"a"`, `"key":""`, "the key is empty"},
		{"no call", `"call":10,`, ``, "no call"},
		{"no return", `"return":20,`, ``, "no return"},
		{"no status", `"status":200,`, ``, "no status"},
		{"no step", `"step":"write",`, ``, "no step"},
		{"a step of nobody's", `"write"`, `"put"`, `the step "put" is not known`},
		{"a client that is no number", `"client":1`, `"client":"u1"`, "a whole number was expected"},
		{"a time with a fraction", `"call":10`, `"call":10.5`, "a whole number was expected"},
		{"an answer before its request", `"return":20`, `"return":9`, "is before call"},
		{"a status that is none", `"status":200`, `"status":2000`, "is no HTTP status"},
		{"a transfer to nowhere", `"write"`, `"transfer"`, "no key2"},
		{"an unanswered request", `"status":200`, `"status":0`, ""},
		{"a version that is a number", `"version":"2"`, `"version":2`, ""},
		{"a transfer", `"write"`, `"transfer","key2":"b"`, ""},
		{"not JSON", foreignLine, `client 1 wrote`, "not a JSON object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			line := foreignLine
			if test.old != "" {
				if line = strings.Replace(line, test.old, test.new, 1); line == foreignLine {
					t.Fatal("nothing was replaced")
				}
			}
			_, err := readAll(foreignLine + "\n" + line + "\n")
			switch {
			case test.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "line 2") || !IsForeign(err)):
				t.Errorf("err = %v, want line 2 and %q", err, test.want)
			}
		})
	}
}

func TestMarksAndLineEnds(t *testing.T) {
	two := foreignLine + "\n" + foreignLine + "\n"
	for name, text := range map[string]string{"a byte order mark": "\xEF\xBB\xBF" + two, "carriage returns": strings.ReplaceAll(two, "\n", "\r\n"), "blank lines": two + "\n\n", "no last newline": two[:len(two)-1]} {
		if n, err := readAll(text); n != 2 || err != nil {
			t.Errorf("%s: %d lines, %v", name, n, err)
		}
	}
	if _, err := readAll("\xFF\xFE{\x00"); err == nil || !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("UTF-16: %v", err)
	}
}

func TestFilesOfOtherToolsAreNamed(t *testing.T) {
	tests := []struct{ section, text string }{
		{"k6", `{"type":"Metric","data":{"name":"http_reqs","type":"counter"},"metric":"http_reqs"}`},
		{"k6", `{"metric":"http_req_duration","type":"Point","data":{"time":"2026-01-01T00:00:00Z","value":1.5,"tags":{"method":"GET"}}}`},
		{"k6", "metric_name,timestamp,metric_value,check\nhttp_reqs,1595325560,1.0,\n"},
		{"vegeta", `{"attack":"","seq":0,"code":200,"timestamp":"2026-01-01T00:00:00Z","latency":1,"bytes_out":0,"bytes_in":9,"error":""}`},
		{"vegeta", "\x7f\xff\x81\x03\x01\x01\x06Result\x01\xff\x82\x00\x01\x0b\x01\x06Attack\x01\x0c\x00\x01\x03Seq\x01\x06\x00\x01\x04Code\x01\x07Latency\x01\x08BytesOut\x01"},
		{"jmeter", "timeStamp,elapsed,label,responseCode,success\n1,2,x,200,true\n"},
		{"jmeter", `<?xml version="1.0"?><testResults version="1.2"><httpSample t="1"/></testResults>`},
		{"har", "{\n  \"log\": {\n    \"version\": \"1.2\",\n    \"entries\": []\n  }\n}\n"},
		{"jepsen", `{:type :invoke, :f :write, :value 3, :process 0, :time 3291485317, :index 0}`},
		{"jepsen", `[{:index 0, :type :invoke, :process 1, :f :cas}]`},
	}
	for _, test := range tests {
		_, err := readAll(test.text)
		if !IsForeign(err) || !strings.Contains(err.Error(), "docs/foreign-histories.md#"+test.section) {
			t.Errorf("%.60s: %v", test.text, err)
		}
	}
}

// A run's own records may have fields of a later version.
func TestOwnRecordsMayHaveMore(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"type":"request","client":0,"op":1,"step":"later","key":"a","call":1,"return":2,"more":{"a":[1]}}` + "\n")
	if n, err := readAll(b.String()); n != 1 || err != nil {
		t.Errorf("%d lines, %v", n, err)
	}
}
