package hcl_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// A text that is read as a lock is written again as one that reads the same, and
// its places lie in the text.
func FuzzLoadLock(f *testing.F) {
	l, err := hcl.NewLock(load(f, lockedText), nil)
	require.NoError(f, err)
	f.Add(l.Text())
	f.Add([]byte(strings.Replace(string(l.Text()), "1.0", "1.1", 1)))
	f.Add([]byte(`{"format_version":"1.0","entries":[{"kind":"partition","chain":""}]}`))
	f.Add([]byte(`{"entries":[{"kind":"authority","name":"a"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := readLock(t, text)
		if err != nil {
			failed := &hcl.DiagnosticsError{}
			require.ErrorAs(t, err, &failed)
			require.LessOrEqual(t, failed.Diagnostics[0].Range.Start.Byte, len(text))
			return
		}
		again, err := readLock(t, l.Text())
		require.NoError(t, err)
		require.Equal(t, l.Text(), again.Text())
		require.Equal(t, l.Config().Registry.Fingerprint(), again.Config().Registry.Fingerprint())
	})
}

// Files of acceptances and pins give what they say or located mistakes, and never
// overflow the stack.
func FuzzLoadAcceptances(f *testing.F) {
	f.Add([]byte("accept \"MDB901:312384f6377732f4\" {\n  reason = \"r\"\n  owner = \"o\"\n}\n"))
	f.Add([]byte("accept \"MDB901\" {}"))
	f.Add([]byte("accept { reason = [1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := hcl.LoadAcceptances("a.hcl", hcl.Options{FS: fstest.MapFS{"a.hcl": {Data: text}}})
		requireLocated(t, err, len(text))
		for _, a := range list {
			require.NotEmpty(t, a.Reason)
			require.NotEmpty(t, a.Owner)
			require.False(t, a.Range.IsZero())
		}
	})
}

func FuzzLoadPins(f *testing.F) {
	for _, name := range []string{"good.mdbtest.hcl", "fail/fail.mdbtest.hcl", "broken/broken.mdbtest.hcl", "keys.mdbtest.hcl"} {
		text, err := os.ReadFile("../cmd/mdbcheck/testdata/check/pins/" + name)
		require.NoError(f, err)
		f.Add(text)
	}
	cfg := load(f, lockedText)
	f.Fuzz(func(t *testing.T, text []byte) {
		pins, err := hcl.LoadPins("a.mdbtest.hcl", hcl.Options{FS: fstest.MapFS{"a.mdbtest.hcl": {Data: text}}})
		requireLocated(t, err, len(text))
		for _, d := range hcl.CheckPins(cfg, pins) {
			require.Equal(t, "a.mdbtest.hcl", d.Range.Filename)
		}
	})
}

func requireLocated(t *testing.T, err error, size int) {
	t.Helper()
	failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
	require.Equal(t, err != nil, ok, "a text is never a failure to read: %v", err)
	if !ok {
		return
	}
	for _, d := range failed.Diagnostics {
		require.NotEmpty(t, d.Summary)
		require.NotEmpty(t, d.Range.Filename)
		require.LessOrEqual(t, d.Range.Start.Byte, size)
	}
}

// Texts that would overflow the stack of a parser are refused.
func TestLiteralFiles_refuseDeepNesting(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"accept \"a\" { reason = " + strings.Repeat("(", 200_000),
		"accept \"a\" { reason = " + strings.Repeat("!", 1_000_000) + "1 }",
		strings.Repeat("accept \"a\" {", 200_000),
		"accept \"a\" { reason = \"" + strings.Repeat("${\"", 100_000),
	} {
		_, err := hcl.LoadAcceptances("a.hcl", hcl.Options{FS: fstest.MapFS{"a.hcl": {Data: []byte(text)}}})
		require.ErrorContains(t, err, "MDB107")
	}
}
