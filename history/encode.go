package history

import (
	"encoding/json"
	"strconv"
	"strings"
)

// AppendJSON appends the request as one line of the history, newline
// included. It allocates only when dst must grow.
func (r *Request) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"request","block":`...)
	dst = strconv.AppendInt(dst, int64(r.Block), 10)
	dst = appendInt(dst, `,"client":`, int64(r.Client))
	dst = optInt(dst, `,"session":`, int64(r.Session))
	dst = appendInt(dst, `,"op":`, int64(r.Op))
	dst = optInt(dst, `,"attempt":`, int64(r.Attempt))
	dst = optText(dst, `,"step":`, string(r.Step))
	dst = optText(dst, `,"key":`, r.Key)
	dst = optText(dst, `,"key2":`, r.Key2)
	dst = appendInt(dst, `,"call":`, r.Call)
	dst = appendInt(dst, `,"return":`, r.Return)
	dst = optInt(dst, `,"status":`, int64(r.Status))
	dst = optText(dst, `,"class":`, string(r.Class))
	dst = optText(dst, `,"effect":`, string(r.Effect))
	dst = optText(dst, `,"expect":`, r.Expect)
	dst = optText(dst, `,"version":`, r.Version)
	dst = optText(dst, `,"base":`, r.Base)
	dst = optText(dst, `,"tag":`, r.Tag)
	dst = optText(dst, `,"saw":`, r.Saw)
	dst = optText(dst, `,"value":`, r.Value)
	dst = optText(dst, `,"lock":`, r.Lock)
	dst = optText(dst, `,"fence":`, r.Fence)
	dst = optInt(dst, `,"ttl":`, r.TTL)
	if r.Absent {
		dst = append(dst, `,"absent":true`...)
	}
	dst = optText(dst, `,"part":`, r.Part)
	dst = optInt(dst, `,"sent":`, int64(r.Sent))
	dst = optInt(dst, `,"received":`, int64(r.Received))
	dst = optText(dst, `,"fault":`, r.Fault)
	dst = optInt(dst, `,"truth":`, int64(r.Truth))
	dst = optText(dst, `,"error":`, r.Error)
	dst = optText(dst, `,"problem":`, r.Problem)
	dst = optText(dst, `,"detail":`, r.Detail)
	dst = optObject(dst, `,"vars":`, r.Vars)
	return append(dst, '}', '\n')
}

// AppendJSON appends the operation as one line of the history, newline
// included. It allocates only when dst must grow.
func (o *Operation) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"operation","block":`...)
	dst = strconv.AppendInt(dst, int64(o.Block), 10)
	dst = appendInt(dst, `,"client":`, int64(o.Client))
	dst = optInt(dst, `,"session":`, int64(o.Session))
	dst = appendInt(dst, `,"op":`, int64(o.Op))
	dst = optText(dst, `,"intent":`, string(o.Intent))
	dst = optText(dst, `,"key":`, o.Key)
	dst = optText(dst, `,"key2":`, o.Key2)
	dst = appendInt(dst, `,"planned":`, o.Planned)
	dst = appendInt(dst, `,"call":`, o.Call)
	dst = appendInt(dst, `,"return":`, o.Return)
	dst = optInt(dst, `,"commit":`, o.Commit)
	dst = optText(dst, `,"outcome":`, string(o.Outcome))
	dst = optInt(dst, `,"attempts":`, int64(o.Attempts))
	dst = optInt(dst, `,"conflicts":`, int64(o.Conflicts))
	dst = optInt(dst, `,"requests":`, int64(o.Requests))
	dst = optInt(dst, `,"waited":`, o.Waited)
	dst = optInt(dst, `,"amount":`, o.Amount)
	dst = optText(dst, `,"reason":`, o.Reason)
	if o.Known {
		dst = append(dst, `,"known":true`...)
	}
	dst = optText(dst, `,"name":`, o.Name)
	dst = optObject(dst, `,"captured":`, o.Captured)
	dst = optText(dst, `,"breach":`, o.Breach)
	return append(dst, '}', '\n')
}

func appendInt(dst []byte, name string, v int64) []byte {
	return strconv.AppendInt(append(dst, name...), v, 10)
}

func optInt(dst []byte, name string, v int64) []byte {
	if v == 0 {
		return dst
	}
	return appendInt(dst, name, v)
}

func optText(dst []byte, name, s string) []byte {
	if s == "" {
		return dst
	}
	return appendText(append(dst, name...), s)
}

// optObject appends the text of a JSON object as it is, and any other text as
// a string.
func optObject(dst []byte, name, s string) []byte {
	if s != "" && s[0] == '{' && strings.IndexByte(s, '\n') < 0 && json.Valid([]byte(s)) {
		return append(append(dst, name...), s...)
	}
	return optText(dst, name, s)
}
