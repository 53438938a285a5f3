package live_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	centralkey "github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/gdid"
)

var sampled = live.Options{Sample: 200}

// idsOf gives n ids of a shard "p0/1" from a counter on, of several authorities.
func (s *site) idsOf(label string, from uint64, n int) []gdid.GDID {
	s.t.Helper()
	a, ok := s.config().Registry.Area("user")
	require.True(s.t, ok)
	var ids []gdid.GDID
	for counter := from; len(ids) < n; counter++ {
		id, err := gdid.New(0, uint8(counter%3), counter)
		require.NoError(s.t, err)
		shard, err := a.Shard(id)
		require.NoError(s.t, err)
		if shard.Label() == label {
			ids = append(ids, id)
		}
	}
	return ids
}

// shard gives a shard of the area by its label.
func (s *site) shard(label string) area.Shard {
	s.t.Helper()
	for _, shard := range s.config().Registry.Shards() {
		if shard.Label() == label {
			return shard
		}
	}
	require.Fail(s.t, "no shard", label)
	return area.Shard{}
}

// insert inserts ids into the root table of a shard, whether they belong there or
// not.
func (s *site) insert(label string, ids ...gdid.GDID) {
	s.t.Helper()
	shard := s.shard(label)
	for start := 0; start < len(ids); start += 1000 {
		var rows []string
		for _, id := range ids[start:min(start+1000, len(ids))] {
			rows = append(rows, "(x'"+id.Hex()+"')")
		}
		s.exec(shard.Server, "INSERT INTO `"+shard.Database+"`.tbl_user (g_user) VALUES "+strings.Join(rows, ","))
	}
}

func TestLive_misplacedRows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.insert("p0/0", s.idsOf("p0/0", 1, 2000)...)
	s.insert("p0/1", s.idsOf("p0/1", 1, 10)...)
	s.insert("p1/2", s.idsOf("p1/2", 250_000, 300)...)
	require.Empty(t, s.found(sampled, "MDB814"))

	// What an old file has written past the end, of any authority: of thousands of
	// rows a single one at the end is found.
	s.insert("p0/0", gdid.MustParse("0:0:250000"))
	s.insert("p0/1", gdid.MustParse("0:2:250001"))
	report := s.check(sampled)
	lines := s.lines(report, "MDB814")
	require.Len(t, lines, 2)
	require.Equal(t, "MDB814 area.user.partition.p0: 1 of 11 ids in table tbl_user of shard p0/1 on u2 lead elsewhere", lines[0])
	require.Regexp(t, `^MDB814 area\.user\.partition\.p0: 1 of \d+ sampled ids in table tbl_user of shard p0/0 on u1 lead elsewhere$`, lines[1])
	require.Regexp(t, `0:0:250000 belongs to p1/\d on u\d`, details(report))

	// Rows of another shard of the same partition are found by chance, in proportion.
	s.insert("p1/2", s.idsOf("p1/0", 250_000, 300)...)
	require.Contains(t, strings.Join(s.found(sampled, "MDB814"), "\n"), "of shard p1/2 on u3 lead elsewhere")
	require.Empty(t, s.found(live.Options{}, "MDB814"), "without a sample nothing is read")
}

func TestLive_misplacedRows_keysThatAreNoIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec("u1", "INSERT INTO {user_p0_0}.tbl_user (g_user) VALUES (x'000000000000000000000000')")
	s.exec("u2", "ALTER TABLE {user_p0_1}.tbl_order MODIFY g_user VARBINARY(16) NOT NULL")
	s.exec("u2", "INSERT INTO {user_p0_1}.tbl_order (g_user, g_order) VALUES (x'0102', x'000000000000000000000001'), (x'00000000000000000000000000000001', x'000000000000000000000001')")
	require.Equal(t, []string{
		"MDB814 area.user.partition.p0: 1 of 1 keys in table tbl_user of shard p0/0 on u1 are no ids",
		"MDB814 area.user.partition.p0: 2 of 2 keys in table tbl_order of shard p0/1 on u2 are no ids",
	}, s.found(sampled, "MDB814"))
}

// Where a briefcase moved to, its rows are no longer misplaced.
func TestLive_misplacedRows_ofBriefcasesThatMoved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := s.idsOf("p0/0", 1, 4)
	s.insert("p0/1", ids...)
	require.Equal(t, []string{
		"MDB814 area.user.partition.p0: 4 of 4 ids in table tbl_user of shard p0/1 on u2 lead elsewhere",
	}, s.found(sampled, "MDB814"))
	for _, id := range ids[:3] {
		s.exec("u2", fmt.Sprintf("INSERT INTO {user_p0_1}.mdb_case (gdid, stripe, state, epoch, token, move_id, peer) VALUES (x'%s', %d, %d, 1, 1, '', '')", id.Hex(), area.Stripe(id), area.CaseHome))
	}
	require.Equal(t, []string{
		"MDB814 area.user.partition.p0: 1 of 4 ids in table tbl_user of shard p0/1 on u2 lead elsewhere",
	}, s.found(sampled, "MDB814"))
	s.exec("u2", fmt.Sprintf("UPDATE {user_p0_1}.mdb_fence SET state = %d WHERE stripe = %d", area.StripeMoved, area.Stripe(ids[3])))
	require.Empty(t, s.found(sampled, "MDB814"))
}

// However large a table is, few of its rows are read, and none changes.
func TestLive_sampleIsBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const n = 200_000
	s.exec("u1", fmt.Sprintf("INSERT INTO {user_p0_0}.tbl_user (g_user) SELECT CONCAT(x'00000000', UNHEX(LPAD(HEX(seq + (seq %% 3 << 60)), 16, '0'))) FROM {user_p0_0}.seq_1_to_%d", n))
	s.exec("u1", "INSERT INTO {user_p0_0}.tbl_order (g_user, g_order) SELECT x'000000000000000000000005', g_user FROM {user_p0_0}.tbl_user")
	s.exec("u1", "INSERT INTO {central_0}.mdb_index_email (`key`, gdid, state, token, version, created, changed) SELECT CONCAT(HEX(g_user), '@example.com'), g_user, 2, '', 1, NOW(), NOW() FROM {user_p0_0}.tbl_user")
	bounded := func() {
		for _, sample := range []int{100, 1000} {
			rows, report := live.RowsRead(t, s.config(), "u1", live.Options{Sample: sample})
			require.NotEmpty(t, s.lines(report, "MDB814"))
			// Each of the tables on u1, with the first rows, the ends of 16 cells, and those at random.
			require.Less(t, rows, int64(8*(3*sample+16*2*4+10)), "sample %d", sample)
		}
	}
	bounded()
	// Where no index has the ids, nothing is read at all.
	s.exec("u1", "ALTER TABLE {user_p0_0}.tbl_order DROP PRIMARY KEY, DROP KEY total, ADD PRIMARY KEY (g_order)")
	bounded()
}

// key inserts a key of the index email, live for a day, where it belongs, and changes
// it to what set says.
func (s *site) key(text string, id gdid.GDID, set string) (label string) {
	s.t.Helper()
	shard := centralkey.Shard([]byte(text), 4)
	s.keyIn(shard, "email", text, id, set)
	return fmt.Sprint(shard)
}

func (s *site) keyIn(shard int, index, text string, id gdid.GDID, set string) {
	s.t.Helper()
	place := s.config().Registry.Central().ShardList()[shard]
	table := fmt.Sprintf("`%s`.mdb_index_%s", place.Database, index)
	s.exec(place.Server, fmt.Sprintf("INSERT INTO %s SET `key` = '%s', gdid = x'%s', state = 2, token = '', version = 1, created = UTC_TIMESTAMP(6) - INTERVAL 1 DAY, changed = created", table, text, id.Hex()))
	if set != "" {
		s.exec(place.Server, fmt.Sprintf("UPDATE %s SET %s WHERE `key` = '%s'", table, set, text))
	}
}

func TestLive_indexOrphans(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	there := append(s.idsOf("p0/0", 1, 20), s.idsOf("p1/1", 250_000, 20)...)
	s.insert("p0/0", there[:20]...)
	s.insert("p1/1", there[20:]...)
	for i, id := range there {
		s.key(fmt.Sprintf("ann%d@example.com", i), id, "")
		s.keyIn(centralkey.Shard([]byte("555"), 4), "phone", "555", id, "")
	}
	gone := s.idsOf("p0/1", 1, 4)
	s.key("reserved@example.com", gone[0], "state = 1, expires = created")
	s.key("young@example.com", gone[1], "changed = UTC_TIMESTAMP(6) - INTERVAL 9 MINUTE")
	require.Empty(t, s.found(sampled, "MDB818"))

	label := s.key("orphan@example.com", gone[2], "")
	report := s.check(sampled)
	require.Equal(t, []string{"MDB818 central.index.email: 1 of 43 keys of index email lead to no briefcase"}, s.lines(report, "MDB818"))
	require.Contains(t, report.Diagnostics[len(report.Diagnostics)-1].Detail, gone[2].String()+", whose key is in CENTRAL shard "+label)
	require.NotContains(t, fmt.Sprintf("%+v", report), "example.com", "keys are not shown")

	// A briefcase that moved is elsewhere.
	s.exec("u2", fmt.Sprintf("INSERT INTO {user_p0_1}.mdb_case (gdid, stripe, state, epoch, token, move_id, peer) VALUES (x'%s', 1, %d, 1, 1, '', '')", gone[2].Hex(), area.CaseMoved))
	require.Empty(t, s.found(sampled, "MDB818"))

	// Of a shard that does not answer as itself, nothing is said.
	s.key("unknown@example.com", gone[3], "")
	require.Len(t, s.found(sampled, "MDB818"), 1)
	s.exec("u2", "UPDATE {user_p0_1}.mdb_shard SET shard = 7")
	require.Empty(t, s.found(sampled, "MDB818"))
}

// An old file does not know where later ids live; their keys are no orphans.
func TestLive_indexOrphans_ofAnOldFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := s.idsOf("p1/1", 250_000, 3)
	s.insert("p1/1", ids...)
	for i, id := range ids {
		s.key(fmt.Sprintf("ann%d@example.com", i), id, "")
	}
	s.key("orphan@example.com", s.idsOf("p0/1", 1, 1)[0], "")
	s.edit("  partition \"p1\" {\n    start  = \"0:250_000\"\n    shards = [server.u1, server.u2, server.u3]\n  }\n", "")
	require.Equal(t, []string{"MDB818 central.index.email: 1 of 4 keys of index email lead to no briefcase"}, s.found(sampled, "MDB818"))

	// Nor where the file has another number of shards.
	s.edit("shards = [server.u1, server.u2]\n", "shards = [server.u1]\n")
	require.Empty(t, s.found(sampled, "MDB818"))
}

// A deletion takes the briefcase first and its keys after; what it is about is no
// orphan.
func TestLive_indexOrphans_whileABriefcaseIsDeleted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := s.idsOf("p0/0", 1, 3)
	for i, id := range ids {
		s.key(fmt.Sprintf("ann%d@example.com", i), id, "")
	}
	index := func(text string) (server, table string) {
		place := s.config().Registry.Central().ShardList()[centralkey.Shard([]byte(text), 4)]
		return place.Server, "`" + place.Database + "`.mdb_index_email"
	}
	require.Equal(t, 1, live.OrphansAfter(t, s.config(), sampled, func() {
		server, table := index("ann0@example.com")
		s.exec(server, "DELETE FROM "+table+" WHERE `key` = 'ann0@example.com'") // released
		server, table = index("ann1@example.com")
		s.exec(server, "UPDATE "+table+" SET version = version + 1 WHERE `key` = 'ann1@example.com'") // and this one is relied on
	}))
}

func TestLive_indexOrphans_inTheWrongShard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := s.idsOf("p0/0", 1, 2)
	s.insert("p0/0", ids...)
	right := centralkey.Shard([]byte("ann@example.com"), 4)
	s.keyIn(right, "email", "ann@example.com", ids[0], "")
	s.keyIn((right+1)%4, "email", "ann@example.com", ids[1], "")
	s.keyIn(right, "phone", "none", gdid.GDID{}, "")
	report := s.check(sampled)
	require.Equal(t, []string{
		"MDB818 central.index.email: 1 of 2 keys of index email are in the wrong CENTRAL shard, where no lookup finds them",
		"MDB818 central.index.phone: 1 of 1 keys of index phone lead to no id",
	}, func() []string {
		lines := s.lines(report, "MDB818")
		for i := range lines { // the key of phone may be astray as well
			lines[i] = strings.TrimSpace(lines[i])
		}
		return lines
	}())
}
