package api

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// body is the union of the members that requests carry; what a request does
// not need is ignored, so that a client may send back what it read.
type body struct {
	value   []byte
	tag     string
	name    string
	owner   string
	from    string
	to      string
	with    string
	version int64
	amount  *int64
	atLeast int64
	ttl     int64
	wait    int64
	min     *int64
	max     *int64
}

// parseBody reads one JSON object. Texts are copied, value is not.
func parseBody(b []byte) (body, *Problem) {
	p := body{version: None}
	if len(bytes.TrimSpace(b)) == 0 {
		return p, nil
	}
	if !json.Valid(b) {
		return p, Refuse(400, "malformed", "the body is not JSON: expected one object")
	}
	var bad *Problem
	ok := Members(b, func(name string, raw []byte) {
		switch name {
		case "value":
			p.value = raw
		case "tag":
			text(raw, name, &p.tag, &bad)
		case "name":
			text(raw, name, &p.name, &bad)
		case "owner":
			text(raw, name, &p.owner, &bad)
		case "from":
			text(raw, name, &p.from, &bad)
		case "to":
			text(raw, name, &p.to, &bad)
		case "with":
			text(raw, name, &p.with, &bad)
		case "version":
			integer(raw, name, &p.version, &bad)
		case "amount":
			p.amount = new(int64)
			integer(raw, name, p.amount, &bad)
		case "at_least":
			integer(raw, name, &p.atLeast, &bad)
		case "ttl_ms":
			integer(raw, name, &p.ttl, &bad)
		case "wait_ms":
			integer(raw, name, &p.wait, &bad)
		case "min":
			p.min = new(int64)
			integer(raw, name, p.min, &bad)
		case "max":
			p.max = new(int64)
			integer(raw, name, p.max, &bad)
		}
	})
	if !ok {
		return p, Refuse(400, "malformed", "the body is not a JSON object")
	}
	return p, bad
}

func text(raw []byte, name string, to *string, bad **Problem) {
	s, ok := unquote(raw)
	if !ok {
		*bad = Refuse(400, "malformed", "member "+name+": expected a string")
		return
	}
	*to = s
}

// integer also takes an integer in quotes: templates of some clients quote.
func integer(raw []byte, name string, to *int64, bad **Problem) {
	if len(raw) > 1 && raw[0] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		*bad = Refuse(400, "malformed", "member "+name+": expected an integer")
		return
	}
	*to = n
}

// Members calls f for each member of a valid JSON object, in order. It reports
// whether b is an object. raw is a part of b.
func Members(b []byte, f func(name string, raw []byte)) bool {
	b = bytes.TrimSpace(b)
	if len(b) < 2 || b[0] != '{' {
		return false
	}
	i := 1
	for {
		i = skip(b, i)
		if i >= len(b) || b[i] == '}' {
			return true
		}
		if b[i] == ',' {
			i++
			continue
		}
		end := valueEnd(b, i)
		name, ok := unquote(b[i:end])
		if !ok {
			return false
		}
		i = skip(b, end)
		if i >= len(b) || b[i] != ':' {
			return false
		}
		i = skip(b, i+1)
		end = valueEnd(b, i)
		f(name, b[i:end])
		i = end
	}
}

func skip(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns where the value that starts at i ends.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return min(i+1, len(b))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

func unquote(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			q, _ := json.Marshal(s) // a string cannot fail
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
