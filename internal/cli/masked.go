package cli

import (
	"io"

	"tussle/runner/secrets"
)

// maskedTo masks each text that is written at once.
type maskedTo struct {
	w   io.Writer
	reg *secrets.Registry
}

func (m maskedTo) Write(b []byte) (int, error) {
	if _, err := io.WriteString(m.w, m.reg.Mask(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
