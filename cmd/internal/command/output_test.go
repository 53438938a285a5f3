package command_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

var errFull = errors.New("disk full")

type fullOnce struct{ full bool }

func (w *fullOnce) Write(p []byte) (int, error) {
	if !w.full {
		w.full = true
		return 0, errFull
	}
	return len(p), nil
}

func TestTrackedWriter_remembers_the_first_error(t *testing.T) {
	t.Parallel()
	w := &command.TrackedWriter{Writer: &fullOnce{}}
	_, err := io.WriteString(w, "a")
	require.ErrorIs(t, err, errFull)
	_, err = io.WriteString(w, "b")
	require.NoError(t, err)
	require.Equal(t, errFull, w.Err)
}

// The null device is a character device as a terminal is: a pipeline that reads from
// it must not be asked, and nothing is drawn on it.
func TestIsTerminal_is_false_where_nobody_sits(t *testing.T) {
	t.Parallel()
	for _, name := range []string{os.DevNull, filepath.Join(t.TempDir(), "file")} {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		require.NoError(t, err)
		require.False(t, command.IsTerminal(f), name)
		require.NoError(t, f.Close())
		require.False(t, command.IsTerminal(f), "%s, closed", name)
	}
}
