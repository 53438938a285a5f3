package live_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// column gives a sheet with one column.
func column(name, kind, null string) live.Sheet {
	return live.Sheet{"column " + name: {"type": kind, "null": null}}
}

// also adds the items of other sheets to a sheet.
func also(s live.Sheet, others ...live.Sheet) live.Sheet {
	all := maps.Clone(s)
	for _, o := range others {
		maps.Copy(all, o)
	}
	return all
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	short, long := column("state", "VARCHAR(16)", "NULL"), column("state", "VARCHAR(32)", "NULL")
	id := column("id", "INT", "NOT NULL")
	tests := []struct {
		name   string
		sheets []live.Sheet
		want   []string // shards: words
	}{
		{"nothing to compare", nil, nil},
		{"one shard", []live.Sheet{id}, nil},
		{"all alike", []live.Sheet{id, id, id}, nil},
		{"most are right", []live.Sheet{short, long, long}, []string{"[0] column state: VARCHAR(16) here, VARCHAR(32) in the other 2 shards"}},
		{"of as many the first is right", []live.Sheet{short, long}, []string{"[1] column state: VARCHAR(32) here, VARCHAR(16) in the other shard"}},
		{
			"only what differs is said",
			[]live.Sheet{id, id, column("id", "INT", "NULL")},
			[]string{"[2] column id: NULL here, NOT NULL in the other 2 shards"},
		},
		{
			"a column that is missing",
			[]live.Sheet{also(id, long), also(id, long), id},
			[]string{"[2] column state: missing here, NULL VARCHAR(32) in the other 2 shards"},
		},
		{
			"a column that one has alone",
			[]live.Sheet{id, also(id, long), id},
			[]string{"[1] column state: NULL VARCHAR(32) here, missing in the other 2 shards"},
		},
		{
			"a column that few have, in two forms",
			[]live.Sheet{id, also(id, long), id, also(id, short), id},
			[]string{
				"[1] column state: NULL VARCHAR(32) here, missing in 3 other shards",
				"[3] column state: NULL VARCHAR(16) here, missing in 3 other shards",
			},
		},
		{
			"a change that many lack is one difference",
			[]live.Sheet{long, short, short, long, long, short, long},
			[]string{"[1 2 5] column state: VARCHAR(16) here, VARCHAR(32) in the other 4 shards"},
		},
		{
			"three forms",
			[]live.Sheet{long, short, long, column("state", "TEXT", "NULL"), long},
			[]string{
				"[1] column state: VARCHAR(16) here, VARCHAR(32) in 3 other shards",
				"[3] column state: TEXT here, VARCHAR(32) in 3 other shards",
			},
		},
		{
			"what cannot be seen is no difference",
			[]live.Sheet{id, column("id", live.Unseen, "NOT NULL"), id},
			nil,
		},
		{
			"what cannot be seen does not count",
			[]live.Sheet{long, short, column("state", live.Unseen, "NULL")},
			[]string{"[1] column state: VARCHAR(16) here, VARCHAR(32) in 1 other shard"},
		},
		{
			"what most cannot see",
			[]live.Sheet{column("id", live.Unseen, "NULL"), column("id", live.Unseen, "NULL"), column("id", "INT", "NULL")},
			nil,
		},
		{
			"each change has its own majority",
			[]live.Sheet{also(id, short), also(id, short), also(column("id", "BIGINT", "NOT NULL"), long), also(id, long), also(id, long)},
			[]string{
				"[2] column id: BIGINT here, INT in the other 4 shards",
				"[0 1] column state: VARCHAR(16) here, VARCHAR(32) in the other 3 shards",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range live.Differences(tt.sheets, nil) {
				got = append(got, fmt.Sprint(d.Shards, " ", d.Words(len(tt.sheets))))
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestDifferences_ties(t *testing.T) {
	t.Parallel()
	a, b := column("c", "A", "NULL"), column("c", "B", "NULL")
	tests := []struct {
		name   string
		rank   []int
		wrong  []int
		sheets []live.Sheet
	}{
		{"the lowest rank is right", []int{2, 3, 0, 1}, []int{0, 1}, []live.Sheet{a, a, b, b}},
		{"also where it stands last", []int{3, 2, 1, 0}, []int{0, 2}, []live.Sheet{a, b, a, b}},
		{"more are right whatever the rank", []int{1, 2, 0}, []int{2}, []live.Sheet{a, a, b}},
		{"to have a column", []int{1, 0}, []int{0}, []live.Sheet{{}, a}},
		{"to have none", []int{0, 1}, []int{1}, []live.Sheet{{}, a}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found := live.Differences(tt.sheets, tt.rank)
			require.Len(t, found, 1)
			require.Equal(t, tt.wrong, found[0].Shards)
		})
	}
}

// Nothing is said if all sheets are equal, and otherwise every item that differs is
// named: the shards of which nothing is said of an item have it alike.
func TestDifferences_nameAll(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 810))
	for range 3000 {
		sheets := randomSheets(random)
		rank := random.Perm(len(sheets))
		found := live.Differences(sheets, rank)
		equal := true
		for _, s := range sheets[1:] {
			equal = equal && fmt.Sprint(s) == fmt.Sprint(sheets[0])
		}
		require.Equal(t, equal, len(found) == 0, "%v", sheets)
		for _, subject := range []string{"a", "b", "c"} {
			var forms []string
			for shard, s := range sheets {
				if !slices.ContainsFunc(found, func(d live.Difference) bool { return d.Subject == subject && slices.Contains(d.Shards, shard) }) {
					forms = append(forms, fmt.Sprint(s[subject]))
				}
			}
			slices.Sort(forms)
			require.LessOrEqual(t, len(slices.Compact(forms)), 1, "%s in %v: %v", subject, sheets, found)
		}
		for _, d := range found {
			require.NotEqual(t, d.Here, d.There)
			require.True(t, slices.IsSorted(d.Shards))
			require.NotEmpty(t, d.Shards)
			require.LessOrEqual(t, d.Like+len(d.Shards), len(sheets))
		}
	}
}

func randomSheets(random *rand.Rand) []live.Sheet {
	sheets := make([]live.Sheet, 2+random.IntN(6))
	usual := randomSheet(random)
	for i := range sheets {
		sheets[i] = usual
		if random.IntN(3) == 0 {
			sheets[i] = randomSheet(random)
		}
	}
	return sheets
}

func randomSheet(random *rand.Rand) live.Sheet {
	s := live.Sheet{}
	for _, subject := range []string{"a", "b", "c"} {
		if random.IntN(4) > 0 {
			s[subject] = map[string]string{"x": "X" + fmt.Sprint(random.IntN(2)), "y": "Y" + fmt.Sprint(random.IntN(3))}
		}
	}
	return s
}
