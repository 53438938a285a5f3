package authority_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid/authority"
)

// pairOf gives the paths of two copies.
func pairOf(t *testing.T) (a, b string) {
	t.Helper()
	dir := t.TempDir()
	return filepath.Join(dir, "a"), filepath.Join(dir, "b")
}

// leaseOnce opens the files, leases ten ids, and closes them.
func leaseOnce(t *testing.T, paths ...string) (authority.Block, error) {
	t.Helper()
	f := newFiles(t, 3, paths...)
	b, err := f.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
	require.NoError(t, f.Close())
	return b, err
}

func begin(t *testing.T, paths ...string) {
	t.Helper()
	f := newFiles(t, 3, paths...)
	create(t, f, "user", "0:1")
	require.NoError(t, f.Close())
}

func TestFiles_goOnAfterARestart(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	for _, first := range []uint64{1, 11, 21} {
		block, err := leaseOnce(t, a, b)
		require.NoError(t, err)
		require.Equal(t, first, block.First)
	}
	require.Equal(t, contents(t, a), contents(t, b))
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func overwrite(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

func TestFiles_theHigherCopyWins(t *testing.T) {
	t.Parallel()
	for _, behind := range []int{0, 1} {
		a, b := pairOf(t)
		begin(t, a, b)
		old := contents(t, a)
		_, err := leaseOnce(t, a, b)
		require.NoError(t, err)
		overwrite(t, []string{a, b}[behind], old) // a crash came between the two copies
		block, err := leaseOnce(t, a, b)
		require.NoError(t, err)
		require.EqualValues(t, 11, block.First)
		require.Equal(t, contents(t, a), contents(t, b))
	}
}

// However the copies came to disagree, nothing is given again: each head is the
// higher one, and the rest is of the later revision.
func TestFiles_disagreeingCopies(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	line := func(text, revision, sequence string) string {
		lines := strings.Split(text, "\n")
		lines[4], lines[5] = "revision "+revision, sequence
		return string(authority.SealDocument([]byte(strings.Join(lines, "\n"))))
	}
	sound := contents(t, a)
	for _, higher := range []string{a, b} {
		overwrite(t, a, sound)
		overwrite(t, b, sound)
		overwrite(t, higher, line(sound, "9", `sequence "user" 0 30 0:100 0:0`))
		lower := map[string]string{a: b, b: a}[higher]
		overwrite(t, lower, line(sound, "8", `sequence "user" 0 41 0:0 0:70`))
		f := newFiles(t, 3, a, b)
		require.Equal(t, authority.Record{Head: 41, Ceiling: key("0:100")}, read(t, f, "user").Record)
		require.NoError(t, f.Close())
		overwrite(t, lower, line(sound, "8", `sequence "user" 1 5 0:0 0:0`))
		f = newFiles(t, 3, a, b)
		require.Equal(t, authority.Record{Era: 1, Head: 5, Ceiling: key("0:100")}, read(t, f, "user").Record)
		require.NoError(t, f.Close())
	}
}

func TestFiles_aMissingCopyIsMadeAgain(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	require.NoError(t, os.Remove(a))
	block, err := leaseOnce(t, a, b)
	require.NoError(t, err)
	require.EqualValues(t, 1, block.First)
	require.NoError(t, os.Remove(b))
	block, err = leaseOnce(t, a, b)
	require.NoError(t, err)
	require.EqualValues(t, 11, block.First)
}

func TestFiles_refuseTornAndForeignFiles(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	_, err := leaseOnce(t, a, b)
	require.NoError(t, err)
	sound := contents(t, a)

	foreign := filepath.Join(t.TempDir(), "other")
	other := authority.NewFiles(authority.FilesConfig{Name: "local", Number: 3, Namespace: "another", Paths: []string{foreign}})
	create(t, other, "user", "0:1")
	require.NoError(t, other.Close())
	wrongNumber := filepath.Join(t.TempDir(), "number")
	f := newFiles(t, 4, wrongNumber)
	create(t, f, "user", "0:1")
	require.NoError(t, f.Close())
	noCopy := filepath.Join(t.TempDir(), "pair")
	begin(t, noCopy)

	wholeLines, _, _ := strings.Cut(sound, "sequence")
	tests := []struct{ name, text, err string }{
		{name: "empty", text: "", err: "does not begin"},
		{name: "torn", text: sound[:len(sound)/2], err: "cannot be read"},
		{name: "torn between two lines", text: wholeLines, err: "torn"},
		{name: "without its last byte", text: sound[:len(sound)-1], err: "torn"},
		{name: "with a head changed by hand", text: strings.Replace(sound, " 11 ", " 12 ", 1), err: "torn or was changed"},
		{name: "longer", text: sound + "\n", err: "torn or was changed"},
		{name: "something else", text: "#!/bin/sh\n", err: "does not begin"},
		{name: "with an unknown line", text: strings.Replace(sound, "revision", "revisoin", 1), err: "unknown line"},
		{name: "of another namespace", text: contents(t, foreign), err: "namespace"},
		{name: "of another authority", text: contents(t, wrongNumber), err: "authority is 4"},
		{name: "of another pair", text: contents(t, noCopy), err: "no copy"},
	}
	for _, tt := range tests {
		overwrite(t, b, tt.text)
		_, err := leaseOnce(t, a, b)
		require.ErrorIs(t, err, authority.ErrForeignFile, tt.name)
		require.ErrorContains(t, err, tt.err, tt.name)
		require.ErrorContains(t, err, b, tt.name)
		require.Equal(t, sound, contents(t, a), "nothing is changed")
		require.Equal(t, tt.text, contents(t, b), "nothing is changed")
	}
	overwrite(t, b, sound)
	_, err = leaseOnce(t, a, b)
	require.NoError(t, err)
}

func TestFiles_everyFlippedBitIsSeen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a")
	begin(t, path)
	sound := []byte(contents(t, path))
	for i := range sound {
		torn := bytes.Clone(sound)
		torn[i] ^= 1 << (i % 8)
		require.Error(t, authority.CheckDocument(torn), "byte %d", i)
	}
	require.NoError(t, authority.CheckDocument(sound))
}

func TestFiles_areLocked(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	first := newFiles(t, 3, a, b)
	lease(t, first, 10)
	for _, paths := range [][]string{{a, b}, {a}, {b}} {
		_, err := leaseOnce(t, paths...)
		require.ErrorIs(t, err, authority.ErrLocked)
	}
	second := newGenerator(t, authority.Options{}, newFiles(t, 3, a, b))
	_, err := second.Next(t.Context())
	require.ErrorIs(t, err, authority.ErrLocked)
	require.NoError(t, first.Close())
	block, err := leaseOnce(t, a, b)
	require.NoError(t, err)
	require.EqualValues(t, 11, block.First)
}

func TestFiles_withoutFilesLeaveNoTrace(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "ids")
	_, err := leaseOnce(t, filepath.Join(dir, "a"))
	require.ErrorIs(t, err, authority.ErrNotProvisioned)
	require.NoDirExists(t, dir)
	_, err = leaseOnce(t)
	require.Error(t, err)
}

// A copy that cannot be written: no block is handed out on the strength of the
// other alone, and none is given again afterwards.
func TestFiles_aCopyThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	f := newFiles(t, 3, a, b)
	require.EqualValues(t, 1, lease(t, f, 10).First)
	require.NoError(t, os.Mkdir(b+".next", 0o755))
	_, err := f.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
	require.ErrorContains(t, err, b)
	require.NoError(t, os.Remove(b+".next"))
	require.EqualValues(t, 21, lease(t, f, 10).First, "the first copy was written")
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte("mdb ids 1\nnamespace \"acme\"\nauthority 3\nuid \"x\"\nrevision 2\nsequence \"user\" 0 11 0:0 0:0\ncrc32c 00000000\n"))
	f.Add([]byte("mdb ids 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		// The checksum is put right, so that the fuzzer gets past it.
		text = authority.SealDocument(text)
		again, err := authority.RecodeDocument(text)
		if err == nil {
			require.Equal(t, string(text), string(again), "what is taken is written back the same")
		}
	})
}

// A peek needs no lock, leaves no trace, and never tells less than was handed out.
func TestFiles_Peek(t *testing.T) {
	t.Parallel()
	a, b := pairOf(t)
	begin(t, a, b)
	busy := newFiles(t, 3, a, b)
	block, err := busy.Lease(t.Context(), authority.Request{Sequence: "user", Count: 10})
	require.NoError(t, err)
	other := newFiles(t, 3, a, b)
	_, err = other.Read(t.Context(), "user")
	require.ErrorIs(t, err, authority.ErrLocked)

	require.NoError(t, os.Remove(b))
	state, err := other.Peek(t.Context(), "user")
	require.NoError(t, err)
	require.Equal(t, block.First+block.Count, state.Head)
	require.NoFileExists(t, b)
	_, err = other.Peek(t.Context(), "order")
	require.ErrorIs(t, err, authority.ErrNotProvisioned)

	elsewhere := filepath.Join(t.TempDir(), "ids", "a")
	_, err = newFiles(t, 3, elsewhere).Peek(t.Context(), "user")
	require.ErrorIs(t, err, authority.ErrNotProvisioned)
	require.NoDirExists(t, filepath.Dir(elsewhere))
	overwrite(t, a, "torn")
	_, err = other.Peek(t.Context(), "user")
	require.ErrorIs(t, err, authority.ErrForeignFile)
}
