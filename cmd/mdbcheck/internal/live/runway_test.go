package live_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

// created says how old the shards of p1 are.
func (s *site) created(days float64) {
	s.t.Helper()
	for i := range 3 {
		s.exec(fmt.Sprintf("u%d", i+1), fmt.Sprintf("UPDATE {user_p1_%d}.mdb_shard SET created = UTC_TIMESTAMP(6) - INTERVAL %d SECOND", i, int(days*86400)))
	}
}

func TestLive_runway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	runway := func(days int) []string {
		return s.found(live.Options{Runway: time.Duration(days) * 24 * time.Hour}, "MDB816")
	}
	s.created(10)
	s.at(350_000, 349_000)
	require.Empty(t, runway(30), "p1 goes on to the last id")

	s.declareP2()
	require.Equal(t, []string{
		"MDB816 area.user.partition.p2: in 15 days sequence user reaches partition p2 at 0:500000, which is not in use",
	}, runway(30))
	report := s.check(live.Options{})
	require.Contains(t, details(report), "150000 ids are left at 10000 ids a day, the average of the 10 days since partition p1 was created; the head is 0:350000")
	require.Empty(t, runway(15))

	s.created(0.01)
	require.Empty(t, runway(30), "a quarter of an hour gives no rate")
	s.created(0.5)
	require.Len(t, runway(30), 1)
	s.at(250_000, 250_000)
	require.Empty(t, runway(30), "the first id of p1 is still to come")

	s.at(350_000, 349_000)
	s.created(10)
	s.provision()
	require.Empty(t, runway(30), "p2 is in use when it is reached")
}

func TestLive_runway_toTheCeiling(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.created(10)
	s.at(350_000, 349_000)
	s.exec("u1", "UPDATE {ids}.mdb_sequence SET ceiling_era = 0, ceiling_counter = 400000 WHERE sequence = 'user'")
	require.Empty(t, s.found(live.Options{}, "MDB816"), "the other authority goes on")
	s.exec("u2", "UPDATE {ids}.mdb_sequence SET ceiling_era = 1, ceiling_counter = 0, hold_era = 0, hold_counter = 370000 WHERE sequence = 'user'")
	require.Equal(t, []string{
		"MDB816 area.user: in 5 days sequence user reaches the ceiling 0:400000 of all authorities",
	}, s.found(live.Options{}, "MDB816"))
}

// line is one line of a history.
func line(at time.Time, namespace, head string) string {
	return fmt.Sprintf(`{"time":%q,"namespace":%q,"sequence":"user","head":%q}`, at.Format(time.RFC3339Nano), namespace, head)
}

func TestLive_runway_withAHistory(t *testing.T) {
	t.Parallel()
	s, _ := historic(t)
	namespace := s.prefix + "acme"
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	average := "the average of the 10 days since partition p1 was created"
	for _, tt := range []struct {
		name  string
		lines []string
		want  string // of the detail
		kept  int    // lines that stay
	}{
		{"an empty file", nil, average, 0},
		{"a week", []string{line(ago(7*day), namespace, "0:315000")}, "at 5000 ids a day, the rate of the last 7 days", 1},
		{"the earliest of a week", []string{
			line(ago(30*day), namespace, "0:1"), line(ago(6*day), namespace, "0:320000"), line(ago(day), namespace, "0:349000"),
		}, "at 5000 ids a day, the rate of the last 6 days", 3},
		{"some hours", []string{line(ago(5*time.Hour), namespace, "0:345000")}, "at 24000 ids a day, the rate of the last 5 hours", 1},
		{"too short", []string{line(ago(59*time.Minute), namespace, "0:1")}, average, 1},
		{"lines that cannot be read", []string{
			"{", "null", `{"time":"yesterday"}`, strings.Repeat("x", 20_000), line(ago(6*day), namespace, "0:320000"), "\x00\x01", line(ago(2*day), namespace, "0:-1"),
		}, "the rate of the last 6 days", 7},
		{"a clock that went back", []string{line(now.Add(day), namespace, "0:300000"), line(ago(6*day), namespace, "0:320000"), line(ago(-2*day), namespace, "0:1")}, "the rate of the last 6 days", 3},
		{"a head that fell", []string{line(ago(7*day), namespace, "0:400000"), line(ago(6*day), namespace, "0:320000")}, "the rate of the last 6 days", 2},
		{"another namespace", []string{line(ago(6*day), "other", "0:320000")}, average, 1},
		{"old lines are taken out", []string{
			line(ago(91*day), namespace, "0:1"), line(ago(6*day), namespace, "0:320000"), line(ago(5*day), "other", "0:1"), line(ago(100*day), "other", "0:1"),
		}, "the rate of the last 6 days", 2},
	} {
		path := filepath.Join(t.TempDir(), "heads.jsonl")
		text := strings.Join(tt.lines, "\n") // the last line has no end: it was torn
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		opts := live.Options{Runway: 90 * day, History: path, Now: func() time.Time { return now }}
		report := s.check(opts)
		require.Len(t, s.lines(report, "MDB816"), 1, tt.name)
		require.Contains(t, details(report), tt.want, tt.name)
		after := readLines(t, path)
		require.Len(t, after, tt.kept+1, tt.name)
		require.Equal(t, line(now, namespace, "0:350000"), after[tt.kept], tt.name)

		// Once more at once adds nothing, and later it does.
		s.check(opts)
		require.Len(t, readLines(t, path), tt.kept+1, tt.name)
		opts.Now = func() time.Time { return now.Add(time.Hour) }
		s.check(opts)
		require.Len(t, readLines(t, path), tt.kept+2, tt.name)
	}
}

// historic gives a site that soon reaches a partition, and a path.
func historic(t *testing.T) (s *site, path string) {
	t.Helper()
	s = newSite(t)
	s.created(10)
	s.declareP2()
	s.at(350_000, 349_000)
	return s, filepath.Join(t.TempDir(), "heads.jsonl")
}

func TestLive_runway_withAHugeHistory(t *testing.T) {
	t.Parallel()
	s, path := historic(t)
	now := time.Now()
	text := line(now.Add(-168*time.Hour), s.prefix+"acme", "0:1") + "\n" + strings.Repeat("x", 65<<20) + "\n" + line(now.Add(-144*time.Hour), s.prefix+"acme", "0:320000") + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	report := s.check(live.Options{Runway: 90 * 24 * time.Hour, History: path, Now: func() time.Time { return now }})
	require.Contains(t, details(report), "the rate of the last 6 days")
	require.Len(t, readLines(t, path), 2)
}

// A head that is not known for sure is not noted.
func TestLive_runway_historyOfAnUnknownHead(t *testing.T) {
	t.Parallel()
	s, path := historic(t)
	s.exec("u2", "RENAME TABLE {ids}.mdb_sequence TO {ids}.mdb_gone")
	s.check(live.Options{History: path})
	require.Empty(t, readLines(t, path))
}

func TestLive_runway_historiesThatAreNone(t *testing.T) {
	t.Parallel()
	s, path := historic(t)
	dir := filepath.Dir(path)
	other := filepath.Join(dir, "main.hcl")
	require.NoError(t, os.WriteFile(other, []byte("mdb {}\n"), 0o600))
	for _, path := range []string{dir, other, filepath.Join(dir, "no", "file")} {
		_, err := live.Check(t.Context(), s.config(), live.Options{History: path})
		require.ErrorContains(t, err, "history")
	}
	require.Equal(t, []string{"mdb {}"}, readLines(t, other))
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
