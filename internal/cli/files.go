package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// besides is the pattern of the names under which files are written before
// they get their own.
const besides = ".tussle-*.part"

// writeFile writes a file beside its place and renames it then, so that no
// half of it is ever there, and a link of its name is replaced and not
// followed. What is no regular file, such as /dev/stdout, is written to.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return written(f, write)
	}
	f, err := os.CreateTemp(filepath.Dir(path), besides)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	if err = written(f, write); err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// written writes all to f and closes it.
func written(f *os.File, write func(io.Writer) error) error {
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// sweep removes what writeFile left when it was interrupted.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, besides)) // the pattern is good
	for _, path := range left {
		os.Remove(path)
	}
}

// maxRead is the largest file besides a history that is read.
const maxRead = 64 << 20

// readSome reads a file that may be endless, as a device is, up to its bound.
func readSome(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err == nil && len(text) > maxRead {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxRead>>20)
	}
	return text, err
}
