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

// Journal keeps changes in a file, one JSON line each, so that a target that
// is killed and started again still has what it acknowledged. A line is
// written, in one call, before the change becomes visible; that outlasts the
// process, not the machine.
type Journal struct {
	mu   sync.Mutex
	file *os.File
	out  io.Writer
}

// change is one line: items that changed together.
type line struct {
	Scheme string          `json:"scheme"`
	Items  map[string]kept `json:"items"`
}

type kept struct {
	Value   json.RawMessage `json:"value,omitempty"`
	Tag     string          `json:"tag,omitempty"`
	Version int64           `json:"version"`
	Exists  bool            `json:"exists,omitempty"`
	Min     *int64          `json:"min,omitempty"`
	Max     *int64          `json:"max,omitempty"`
}

// OpenJournal reads the file into the stores, by scheme, and continues it. A
// last line that was cut off is dropped.
func OpenJournal(path string, stores map[string]*Store) (*Journal, error) {
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
	return &Journal{file: f, out: f}, nil
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
				s.restore(key, State{Value: k.Value, Tag: k.Tag, Version: k.Version, Exists: k.Exists, Min: k.Min, Max: k.Max})
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

// Keep returns what keeps the changes of one scheme.
func (j *Journal) Keep(scheme string) func(map[string]State) error {
	return func(changed map[string]State) error {
		l := line{Scheme: scheme, Items: make(map[string]kept, len(changed))}
		for key, st := range changed {
			l.Items[key] = kept{Value: st.Value, Tag: st.Tag, Version: st.Version, Exists: st.Exists, Min: st.Min, Max: st.Max}
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

// Buffer puts w between the journal and its file: what w keeps back is lost
// when the process is killed.
func (j *Journal) Buffer(wrap func(io.Writer) io.Writer) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.out = wrap(j.file)
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
