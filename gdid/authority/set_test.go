package authority_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// newSet gives a set of three authorities in files, with the heads given.
func newSet(t *testing.T, heads ...string) (*authority.Set, []authority.Store) {
	t.Helper()
	stores := make([]authority.Store, len(heads))
	for i, head := range heads {
		name := []string{"chi", "nyc", "sfo"}[i]
		f := authority.NewFiles(authority.FilesConfig{Name: name, Number: uint8(i), Namespace: namespace, Paths: []string{filepath.Join(t.TempDir(), name)}})
		t.Cleanup(func() { require.NoError(t, f.Close()) })
		if head != "" {
			create(t, f, "user", head)
		}
		stores[i] = f
	}
	return authority.NewSet(stores), stores
}

func heads(t *testing.T, set *authority.Set) []string {
	t.Helper()
	var out []string
	for _, s := range set.Status(t.Context(), "user") {
		require.NoError(t, s.Err)
		end, err := s.State.End()
		require.NoError(t, err)
		out = append(out, end.String())
	}
	return out
}

func TestSet_Create(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		heads []string
		least string
		want  []string
	}{
		{name: "a new sequence begins at one", heads: []string{"", "", ""}, least: "0:0", want: []string{"0:1", "0:1", "0:1"}},
		{name: "a new authority begins where the others are", heads: []string{"0:700", "", "1:5"}, least: "1:4", want: []string{"0:700", "1:5", "1:5"}},
		{name: "a new authority begins where it is told to", heads: []string{"0:700", "", ""}, least: "0:1234567", want: []string{"0:700", "0:1234567", "0:1234567"}},
		{name: "those that are there stay", heads: []string{"0:700", "0:3", "0:1"}, least: "9:0", want: []string{"0:700", "0:3", "0:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, _ := newSet(t, tt.heads...)
			for range 2 {
				require.NoError(t, set.Create(t.Context(), "user", key(tt.least)))
				require.Equal(t, tt.want, heads(t, set))
			}
		})
	}
}

func TestSet_Create_refusesToGuess(t *testing.T) {
	t.Parallel()
	set, stores := newSet(t, "0:700", "")
	require.NoError(t, stores[0].Close())
	err := set.Create(t.Context(), "user", gdid.RangeKey{})
	require.ErrorContains(t, err, "chi")
	_, err = stores[1].Read(t.Context(), "user")
	require.ErrorIs(t, err, authority.ErrNotProvisioned)
}

func TestSet_Head(t *testing.T) {
	t.Parallel()
	set, stores := newSet(t, "0:700", "1:5", "0:9")
	head, err := set.Head(t.Context(), "user")
	require.NoError(t, err)
	require.Equal(t, key("1:5"), head)

	put(t, stores[0], "user", authority.Record{Era: 1, Head: full})
	head, err = set.Head(t.Context(), "user")
	require.NoError(t, err)
	require.Equal(t, key("2:0"), head, "the next id after a spent era is the first of the next")

	put(t, stores[0], "user", authority.Record{Era: lastEra, Head: full})
	_, err = set.Head(t.Context(), "user")
	require.ErrorIs(t, err, authority.ErrExhausted)

	put(t, stores[0], "user", authority.Record{Head: 9})
	require.NoError(t, stores[2].Close())
	_, err = set.Head(t.Context(), "user")
	require.ErrorContains(t, err, "not known")
	require.ErrorContains(t, err, "sfo")

	_, err = authority.NewSet(nil).Head(t.Context(), "user")
	require.ErrorContains(t, err, "no authority")
}

func TestSet_SetCeiling(t *testing.T) {
	t.Parallel()
	set, stores := newSet(t, "0:700", "0:500")
	require.NoError(t, set.Ceiling(t.Context(), "user", key("0:900")))
	require.Error(t, set.SetCeiling(t.Context(), "user", key("0:699")), "one is past it")
	require.Zero(t, read(t, stores[1], "user").Hold, "then none holds")
	require.Error(t, set.SetCeiling(t.Context(), "user", key("0:0")))

	for range 2 {
		require.NoError(t, set.SetCeiling(t.Context(), "user", key("0:700")))
	}
	require.NoError(t, set.SetCeiling(t.Context(), "user", key("0:800")), "the lower one holds")
	_, err := stores[0].Lease(t.Context(), authority.Request{Sequence: "user", Count: 1})
	require.ErrorIs(t, err, authority.ErrCeiling)
	require.EqualValues(t, 200, lease(t, stores[1], 1000).Count)

	for range 2 {
		require.NoError(t, set.RestoreCeilings(t.Context(), "user"))
	}
	require.EqualValues(t, 200, lease(t, stores[0], 1000).Count, "the ceiling from before is in force again")
	require.Error(t, set.Ceiling(t.Context(), "user", key("0:899")))
	require.NoError(t, set.Ceiling(t.Context(), "user", gdid.RangeKey{}))
	require.EqualValues(t, 900, lease(t, stores[0], 1000).First)
}

func TestSet_Floor(t *testing.T) {
	t.Parallel()
	set, stores := newSet(t, "0:700", "0:5000", "0:1")
	require.NoError(t, set.Floor(t.Context(), "user", key("0:1234567")))
	require.Equal(t, []string{"0:1234567", "0:1234567", "0:1234567"}, heads(t, set))
	require.NoError(t, set.Floor(t.Context(), "user", key("0:9")))
	require.Equal(t, []string{"0:1234567", "0:1234567", "0:1234567"}, heads(t, set), "a floor moves nothing back")
	require.NoError(t, set.Floor(t.Context(), "user", key("1:0")))
	require.Equal(t, []string{"1:0", "1:0", "1:0"}, heads(t, set))

	require.NoError(t, set.Ceiling(t.Context(), "user", key("1:100")))
	require.ErrorIs(t, set.Floor(t.Context(), "user", key("1:101")), authority.ErrCeiling)
	require.NoError(t, set.Floor(t.Context(), "user", key("1:100")))
	require.NoError(t, stores[1].Close())
	require.Error(t, set.Floor(t.Context(), "user", key("1:100")))
	require.Error(t, set.Floor(t.Context(), "user", gdid.RangeKey{Counter: full}))
}

func TestSet_Fence(t *testing.T) {
	t.Parallel()
	const almost = "0:1152921504606846970" // six ids are left in the era
	tests := []struct {
		name    string
		heads   []string
		ceiling string
		opts    authority.FenceOptions
		want    string
		err     string
	}{
		{name: "past its own recorded head", heads: []string{"0:700", "0:500"}, opts: authority.FenceOptions{Skip: 100}, want: "0:800"},
		{name: "past the head of another", heads: []string{"0:700", "0:900"}, opts: authority.FenceOptions{Skip: 100}, want: "0:1000"},
		{name: "into the era of another", heads: []string{"0:700", "1:900"}, opts: authority.FenceOptions{Skip: 100}, want: "1:1000"},
		{name: "by nothing", heads: []string{"0:700", "0:500"}, want: "0:700"},
		{name: "to the end of the era", heads: []string{almost, "0:500"}, opts: authority.FenceOptions{Skip: 5}, want: "0:1152921504606846975"},
		{name: "not into a new era", heads: []string{almost, "0:500"}, opts: authority.FenceOptions{Skip: 6}, err: "new era"},
		{name: "into a new era when allowed and needed", heads: []string{almost, "0:500"}, opts: authority.FenceOptions{Skip: 9, NewEra: true}, want: "1:3"},
		{name: "not into a new era when not needed", heads: []string{"0:700", "0:500"}, opts: authority.FenceOptions{Skip: 9, NewEra: true}, err: "not spent"},
		{name: "not past the ceiling", heads: []string{"0:700", "0:500"}, ceiling: "0:750", opts: authority.FenceOptions{Skip: 51}, err: "ceiling"},
		{name: "up to the ceiling", heads: []string{"0:700", "0:500"}, ceiling: "0:750", opts: authority.FenceOptions{Skip: 50}, want: "0:750"},
		{name: "not past the last era", heads: []string{"4294967295:700", "0:500"}, opts: authority.FenceOptions{Skip: full, NewEra: true}, err: "last era"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			set, stores := newSet(t, tt.heads...)
			if tt.ceiling != "" {
				require.NoError(t, set.Ceiling(t.Context(), "user", key(tt.ceiling)))
			}
			head, err := set.Fence(t.Context(), "user", "chi", tt.opts)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				require.Equal(t, tt.heads, heads(t, set))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, head.String())
			require.Equal(t, []string{tt.want, tt.heads[1]}, heads(t, set))
			require.Equal(t, head.Counter, read(t, stores[0], "user").Head)
		})
	}
}

func TestSet_Fence_ofAnAuthorityThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	set, _ := newSet(t, "0:1")
	_, err := set.Fence(t.Context(), "user", "lax", authority.FenceOptions{})
	require.ErrorContains(t, err, "lax")
}

func TestSet_Take(t *testing.T) {
	t.Parallel()
	set, stores := newSet(t, "0:1")
	batch, err := set.Take(t.Context(), "user", 3)
	require.NoError(t, err)
	require.Equal(t, []gdid.GDID{gdid.MustParse("0:0:1"), gdid.MustParse("0:0:2"), gdid.MustParse("0:0:3")}, slices.Collect(batch.All()))
	require.EqualValues(t, 4, read(t, stores[0], "user").Head, "no more was leased")

	put(t, stores[0], "user", authority.Record{Head: full - 2})
	batch, err = set.Take(t.Context(), "user", 5)
	require.NoError(t, err)
	require.Equal(t, 5, batch.Len())
	_, err = set.Take(t.Context(), "user", 0)
	require.Error(t, err)
	require.NoError(t, set.Close())
	_, err = set.Take(t.Context(), "user", 1)
	require.ErrorIs(t, err, authority.ErrNoAuthority)
	require.NotErrorIs(t, err, authority.ErrNotProvisioned)
}

func TestGenerator_theLastIDOfAll(t *testing.T) {
	t.Parallel()
	last := newFiles(t, 15, filepath.Join(t.TempDir(), "a"))
	create(t, last, "user", "4294967295:1152921504606846973")
	g := newGenerator(t, authority.Options{Block: 2}, last)
	for _, want := range []string{"4294967295:15:1152921504606846973", "4294967295:15:1152921504606846974", "4294967295:15:1152921504606846975"} {
		require.Equal(t, gdid.MustParse(want), next(t, g))
	}
	for range 3 {
		_, err := g.Next(t.Context())
		require.ErrorIs(t, err, authority.ErrExhausted)
		require.ErrorIs(t, err, authority.ErrNoAuthority)
	}
}
