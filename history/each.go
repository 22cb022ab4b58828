package history

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Each calls f with every record of the history in a file, in its order. The
// record is f's until it returns. The error names the file.
func Each(path string, f func(*Record)) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer r.Close()
	var rec Record
	for {
		switch err := r.Read(&rec); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", path, err)
		}
		f(&rec)
	}
}
