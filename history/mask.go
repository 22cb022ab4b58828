package history

import (
	"encoding/json"
)

// Mask hides what must not be recorded.
type Mask interface {
	Empty() bool          // there is nothing to hide
	Mask(s string) string // of a text for readers
	Name(s string) string // of a text whose identity matters: different ones stay different
}

// Hide makes the writer mask every record before it is encoded. It is called
// before the first record.
func (w *Writer) Hide(m Mask) { w.mask = m }

// hides returns the mask, nil when there is nothing to hide.
func (w *Writer) hides() Mask {
	if w.mask == nil || w.mask.Empty() {
		return nil
	}
	return w.mask
}

// hide masks what a target may have had a hand in.
func (r *Request) hide(m Mask) {
	for _, s := range []*string{&r.Key, &r.Key2, &r.Expect, &r.Version, &r.Base, &r.Tag, &r.Saw, &r.Value, &r.Lock, &r.Fence} {
		*s = m.Name(*s)
	}
	for _, s := range []*string{&r.Part, &r.Error, &r.Detail, &r.Problem} {
		*s = m.Mask(*s)
	}
	if r.Vars != "" {
		r.Vars = string(hidden([]byte(r.Vars), m.Mask))
	}
}

func (o *Operation) hide(m Mask) {
	o.Key, o.Key2, o.Reason, o.Breach = m.Name(o.Key), m.Name(o.Key2), m.Mask(o.Reason), m.Mask(o.Breach)
	if o.Captured != "" {
		o.Captured = string(hidden([]byte(o.Captured), m.Name)) // what is unique must stay so
	}
}

// hidden masks every text in a line of JSON, names of members included.
func hidden(line []byte, mask func(string) string) []byte {
	out := make([]byte, 0, len(line))
	for i := 0; i < len(line); {
		if line[i] != '"' {
			out = append(out, line[i])
			i++
			continue
		}
		end := i + 1
		for ; end < len(line) && line[end] != '"'; end++ {
			if line[end] == '\\' {
				end++
			}
		}
		token := line[i:min(end+1, len(line))]
		i += len(token)
		var text string
		if json.Unmarshal(token, &text) == nil {
			if masked := mask(text); masked != text {
				token = appendText(nil, masked)
			}
		}
		out = append(out, token...)
	}
	return out
}
