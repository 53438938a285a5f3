package hcl_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

// The example of the documentation has one of everything.
func sampleConfig(tb testing.TB) *hcl.Config {
	tb.Helper()
	cfg, found := hcl.Check("../cmd/mdbcheck/testdata/check/sample", hcl.Options{Getenv: func(string) (string, bool) { return "", false }})
	require.False(tb, found.HasErrors(), "%v", found)
	require.NotNil(tb, cfg.Registry)
	return cfg
}

func readLock(tb testing.TB, text []byte) (*hcl.Lock, error) {
	tb.Helper()
	return hcl.LoadLock("dir/mdb.lock.json", hcl.Options{FS: fstest.MapFS{"dir/mdb.lock.json": {Data: text}}})
}

func TestLock_roundTrip(t *testing.T) {
	t.Parallel()
	cfg := sampleConfig(t)
	heads := map[string]gdid.RangeKey{"user": {Counter: 612_044}}
	l, err := hcl.NewLock(cfg, heads)
	require.NoError(t, err)
	again, err := readLock(t, l.Text())
	require.NoError(t, err)
	require.Equal(t, string(l.Text()), string(again.Text()))
	require.Equal(t, heads, again.Heads)
	require.Equal(t, cfg.Registry.Fingerprint(), again.Config().Registry.Fingerprint())
	require.Empty(t, hcl.Compare(cfg, again.Config(), hcl.CompareOptions{}).Changes)
	require.Empty(t, hcl.Compare(again.Config(), cfg, hcl.CompareOptions{}).Changes)

	same, err := again.Extend(cfg, heads)
	require.NoError(t, err)
	require.Same(t, again, same, "nothing is to be appended")
}

// What a lock has is never changed: every version begins with the lines of the
// one before it, and routes as its configuration.
func TestLock_isAppendOnly(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(8, seed))
		a := newRandomArea(r)
		l, err := hcl.NewLock(a.config(), nil)
		require.NoError(t, err)
		for range 5 {
			b := a.edit(r)
			cfg := b.config()
			if cfg == nil {
				continue
			}
			next, err := l.Extend(cfg, nil)
			require.NoError(t, err, "seed %d", seed)
			require.Equal(t, cfg.Registry.Fingerprint(), next.Config().Registry.Fingerprint(), "seed %d", seed)
			require.GreaterOrEqual(t, next.Len(), l.Len())
			before, after := entryLines(l), entryLines(next)
			require.Equal(t, before, after[:len(before)], "seed %d", seed)
			read, err := readLock(t, next.Text())
			require.NoError(t, err)
			require.Empty(t, hcl.Compare(cfg, read.Config(), hcl.CompareOptions{}).Changes, "seed %d", seed)
			l, a = read, b
		}
	}
}

func entryLines(l *hcl.Lock) []string {
	var out []string
	for line := range strings.Lines(string(l.Text())) {
		if line = strings.TrimRight(strings.TrimSpace(line), ","); strings.HasPrefix(line, `{"kind"`) {
			out = append(out, line)
		}
	}
	return out
}

func TestLock_headsOnlyRise(t *testing.T) {
	t.Parallel()
	cfg := sampleConfig(t)
	l, err := hcl.NewLock(cfg, map[string]gdid.RangeKey{"user": {Counter: 100}})
	require.NoError(t, err)
	_, err = l.Extend(cfg, map[string]gdid.RangeKey{"user": {Counter: 99}})
	require.ErrorContains(t, err, "heads only rise")
	next, err := l.Extend(cfg, map[string]gdid.RangeKey{"user": {Counter: 101}})
	require.NoError(t, err)
	require.Equal(t, gdid.RangeKey{Counter: 101}, next.Heads["user"])
	require.Equal(t, l.Len()+1, next.Len())
}

// Whatever is done to a lock by hand or by a merge is noticed.
func TestLoadLock_refuses(t *testing.T) {
	t.Parallel()
	l, err := hcl.NewLock(sampleConfig(t), map[string]gdid.RangeKey{"user": {Counter: 100}})
	require.NoError(t, err)
	text := string(l.Text())
	lines := strings.SplitAfter(text, "\n")
	first := slices.IndexFunc(lines, func(s string) bool { return strings.Contains(s, `"kind"`) })
	without := func(i int) string { return strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "") }
	swapped := slices.Clone(lines)
	swapped[first+1], swapped[first+2] = swapped[first+2], swapped[first+1]
	tests := []struct{ name, text, want string }{
		{"an empty file", "", "ends too early"},
		{"half a file", text[:len(text)/2], "ends too early"},
		{"no object", "[]", "not that of a lock"},
		{"a conflict", "<<<<<<< HEAD\n" + text, "merge conflict"},
		{"something after the end", text + "{}", "not that of a lock"},
		{"an unknown member", strings.Replace(text, `"entries"`, `"extra": 1, "entries"`, 1), `a lock has no "extra"`},
		{"an unknown key of an entry", strings.Replace(text, `{"kind"`, `{"color": 1, "kind"`, 1), "unknown field"},
		{"an unknown kind", strings.Replace(text, `"kind":"sequence"`, `"kind":"sequins"`, 1), "does not follow"},
		{"two lists of entries", strings.Replace(text, `"entries"`, `"entries": [], "entries"`, 1), "not that of a lock"},
		{"another version", strings.Replace(text, `"1.0"`, `"2.0"`, 1), "another version"},
		{"an entry dropped", without(first + 1), "entry 2 does not follow"},
		{"the last entry dropped", strings.Replace(without(first+l.Len()-1), "},\n  ]", "}\n  ]", 1), "last entry"},
		{"two entries swapped", strings.Join(swapped, ""), "entry 2 does not follow"},
		{"an entry edited", strings.Replace(text, "0:250000", "0:250001", 1), "does not follow"},
		{"the fingerprint edited", strings.Replace(text, `"fingerprint": "`, `"fingerprint": "0`, 1), "fingerprint is not that of the entries"},
		{"a database without a server", strings.Replace(text, `"u1/user_p0_0"`, `"user_p0_0"`, 1), "server/name"},
		{"deep nesting", strings.Repeat("[", 100_000), "nesting"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, text, tt.text, "the case changes the lock")
			_, err := readLock(t, []byte(tt.text))
			failed := &hcl.DiagnosticsError{}
			require.ErrorAs(t, err, &failed)
			require.Equal(t, "MDB923", failed.Diagnostics[0].Rule)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestLoadLock_absent(t *testing.T) {
	t.Parallel()
	_, err := hcl.LoadLock("mdb.lock.json", hcl.Options{FS: fstest.MapFS{}})
	require.ErrorIs(t, err, fs.ErrNotExist)
}

const lockedText = `mdb {
  namespace = "locked"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "local" { address = "127.0.0.1:3306" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
profile "solo" {
  collapse_to = server.local
}
`

const appended = `  partition "p1" {
    start  = "0:500"
    shards = [server.u2, server.u1]
  }
}
profile`

// A lock that lies beside a configuration must agree with it, if it is asked for.
func TestLoad_demandsTheLock(t *testing.T) {
	t.Parallel()
	l, err := hcl.NewLock(load(t, lockedText), nil)
	require.NoError(t, err)
	edited := strings.Replace(lockedText, "}\nprofile", appended, 1)
	require.NotEqual(t, lockedText, edited)
	broken := strings.Replace(string(l.Text()), "0:0", "0:1", 1)
	tests := []struct {
		name, text, lock, profile string
		demand                    hcl.LockDemand
		want                      string
	}{
		{"ignored", edited, string(l.Text()), "", hcl.LockIgnored, ""},
		{"present and right", lockedText, string(l.Text()), "", hcl.LockIfPresent, ""},
		{"required and right", lockedText, string(l.Text()), "", hcl.LockRequired, ""},
		{"right under a profile", lockedText, string(l.Text()), "solo", hcl.LockRequired, ""},
		{"absent", lockedText, "", "", hcl.LockIfPresent, ""},
		{"absent and required", lockedText, "", "", hcl.LockRequired, "MDB922"},
		{"of another version", edited, string(l.Text()), "", hcl.LockIfPresent, "MDB922"},
		{"of another version under a profile", edited, string(l.Text()), "solo", hcl.LockIfPresent, "MDB922"},
		{"of a newer version", lockedText, lockOf(t, edited), "", hcl.LockIfPresent, "MDB922"},
		{"broken", lockedText, broken, "", hcl.LockIfPresent, "MDB923"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"dir/main.mdb.hcl": {Data: []byte(tt.text)}}
			if tt.lock != "" {
				files["dir/mdb.lock.json"] = &fstest.MapFile{Data: []byte(tt.lock)}
			}
			_, err := hcl.Load("dir", hcl.Options{FS: files, Lock: tt.demand, Profile: tt.profile})
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
			failed := &hcl.DiagnosticsError{}
			require.ErrorAs(t, err, &failed)
			require.False(t, failed.Diagnostics[0].Range.IsZero(), "it is placed")
		})
	}
}

func lockOf(tb testing.TB, text string) string {
	tb.Helper()
	l, err := hcl.NewLock(load(tb, text), nil)
	require.NoError(tb, err)
	return string(l.Text())
}

// Two branches that both append to the lock meet in a conflict, in one area or in
// two, and also when both append the same partition with other shards.
func TestLock_conflictsInGit(t *testing.T) {
	t.Parallel()
	const two = "\narea \"order\" {\n  database = \"order_${partition.name}_${shard.index}\"\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [server.u1]\n  }\n}\n"
	base := lockedText + two
	branch := func(area, start, shards string) string {
		return strings.Replace(base, "area \""+area+"\" {", "area \""+area+"\" {\n  partition \"p1\" {\n    start = \""+start+"\"\n    shards = ["+shards+"]\n  }\n", 1)
	}
	tests := []struct{ name, ours, theirs string }{
		{"one area", branch("user", "0:500", "server.u1"), branch("user", "0:600", "server.u2")},
		{"two areas", branch("user", "0:500", "server.u1"), branch("order", "0:600", "server.u2")},
		{"one partition, other shards", branch("user", "0:500", "server.u1"), branch("user", "0:500", "server.u2")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			git := func(args ...string) (string, error) {
				cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)...)
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			must := func(args ...string) {
				t.Helper()
				out, err := git(args...)
				require.NoError(t, err, out)
			}
			first, err := hcl.NewLock(load(t, base), nil)
			require.NoError(t, err)
			commit := func(l *hcl.Lock, message string) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, hcl.LockFile), l.Text(), 0o644))
				must("add", hcl.LockFile)
				must("commit", "-qm", message)
			}
			must("init", "-q", "-b", "main")
			commit(first, "base")
			for name, text := range map[string]string{"ours": tt.ours, "theirs": tt.theirs} {
				must("checkout", "-q", "-b", name, "main")
				l, err := first.Extend(load(t, text), nil)
				require.NoError(t, err)
				commit(l, name)
			}
			must("checkout", "-q", "ours")
			out, err := git("merge", "theirs")
			require.Error(t, err, out)
			require.Contains(t, out, "CONFLICT")

			// Keeping both sides is no way out: the chain does not fit.
			_, err = git("checkout", "--conflict=merge", hcl.LockFile)
			require.NoError(t, err)
			text, err := os.ReadFile(filepath.Join(dir, hcl.LockFile))
			require.NoError(t, err)
			_, err = readLock(t, text)
			require.ErrorContains(t, err, "merge conflict")
			var kept []string
			for line := range strings.Lines(string(text)) {
				if !strings.HasPrefix(line, "<<<<<<<") && !strings.HasPrefix(line, "=======") && !strings.HasPrefix(line, ">>>>>>>") {
					kept = append(kept, line)
				}
			}
			_, err = readLock(t, []byte(strings.Join(kept, "")))
			require.Error(t, err)
		})
	}
}
