package command

import (
	"io"
	"os"
)

// A TrackedWriter remembers the first error of what it writes to, so that lost
// output is no success.
type TrackedWriter struct {
	io.Writer
	Err error // the first; nil: nothing is lost
}

// Write implements io.Writer.
func (w *TrackedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.Err == nil {
		w.Err = err
	}
	return n, err
}

// IsTerminal reports whether somebody may sit at f: it is a character device, and
// not the null device.
func IsTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
