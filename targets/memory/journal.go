package memory

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"tussle/targets/api"
)

// journal keeps changes in a file, one JSON line each, so that a target that
// is killed and started again still has what it acknowledged. A line is
// written, in one call, before the change becomes visible; that outlasts the
// process, not the machine.
type journal struct {
	mu   sync.Mutex
	file *os.File
	out  io.Writer
}

// line is one line of it: items that changed together.
type line struct {
	Scheme string          `json:"scheme"`
	Items  map[string]kept `json:"items"`
}

type kept struct {
	Value   json.RawMessage `json:"value,omitempty"`
	Tag     string          `json:"tag,omitempty"`
	Version int64           `json:"version"`
	Exists  bool            `json:"exists,omitempty"`
	Changed int64           `json:"changed"`
	Min     *int64          `json:"min,omitempty"`
	Max     *int64          `json:"max,omitempty"`
}

// openJournal reads the file into the stores, by scheme, and continues it. A
// last line that was cut off is dropped.
func openJournal(path string, stores map[string]*Store) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	whole, err := replay(f, stores)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{file: f, out: f}, nil
}

// replay returns how many bytes of the file are whole lines.
func replay(f io.Reader, stores map[string]*Store) (int64, error) {
	r := bufio.NewReader(f)
	for whole, n := int64(0), 1; ; n++ {
		b, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return whole, fmt.Errorf("line %d: expected a change: %w", n, err)
		}
		if s := stores[l.Scheme]; s != nil {
			for key, k := range l.Items {
				s.restore(key, State{Value: k.Value, Tag: k.Tag, Version: k.Version, Exists: k.Exists, Changed: k.Changed, Min: k.Min, Max: k.Max})
			}
		}
		whole += int64(len(b))
	}
}

// restore sets an item as it was, and its parent's list of children.
func (s *Store) restore(key string, st State) {
	s.place(key).state.Store(&st)
	parent, name := common{s}.parent(key)
	switch {
	case parent == nil:
	case st.Exists:
		parent.adopt(name)
	default:
		delete(parent.children, name)
	}
}

// keep returns what keeps the changes of one scheme.
func (j *journal) keep(scheme string) func(map[string]State) error {
	return func(changed map[string]State) error {
		l := line{Scheme: scheme, Items: make(map[string]kept, len(changed))}
		for key, st := range changed {
			l.Items[key] = kept{Value: st.Value, Tag: st.Tag, Version: st.Version, Exists: st.Exists, Changed: st.Changed, Min: st.Min, Max: st.Max}
		}
		b, err := json.Marshal(l)
		if err != nil {
			return err
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		if _, err := j.out.Write(append(b, '\n')); err != nil {
			return api.Refuse(500, "internal", "the state file cannot be written: "+err.Error())
		}
		return nil
	}
}

// Close closes the file.
func (j *journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c, ok := j.out.(io.Closer); ok && j.out != io.Writer(j.file) {
		return errors.Join(c.Close(), j.file.Close())
	}
	return j.file.Close()
}
