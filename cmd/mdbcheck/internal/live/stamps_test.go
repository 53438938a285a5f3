package live_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var identityRules = []string{"MDB803", "MDB806", "MDB807", "MDB808", "MDB809", "MDB823"}

func TestStamps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		wreck func(s *site)
		want  []string
	}{
		{"a database is gone", func(s *site) {
			s.exec("u3", "DROP DATABASE {user_p1_2}")
		}, []string{"MDB806 area.user.partition.p1: u3/user_p1_2 does not exist"}},
		{"a database is empty", func(s *site) {
			s.exec("u3", "DROP DATABASE {user_p1_2}")
			s.exec("u3", "CREATE DATABASE {user_p1_2}")
		}, []string{"MDB807 area.user.partition.p1: u3/user_p1_2 is not stamped as a shard, and others of partition p1 of area user are in use"}},
		{"a database is empty, and its partition new", func(s *site) {
			s.declareP2()
			s.exec("u3", "CREATE DATABASE {user_p2_1}")
		}, []string{
			"MDB806 area.user.partition.p2: u2/user_p2_0 does not exist",
			"MDB808 area.user.partition.p2: u3/user_p2_1 is not stamped as a shard",
		}},
		{"the store of an authority is gone", func(s *site) {
			s.exec("u2", "DROP DATABASE {ids}")
		}, []string{"MDB806 authority.nyc.store: u2/ids does not exist"}},
		{"a shard of CENTRAL is gone", func(s *site) {
			s.exec("u3", "DROP DATABASE {central_2}")
		}, []string{"MDB806 central.shards: u3/central_2 does not exist"}},
		{"another namespace", func(s *site) {
			s.exec("u1", "UPDATE {user_p0_0}.mdb_shard SET namespace = 'other'")
		}, []string{"MDB807 area.user.partition.p0: u1/user_p0_0 is stamped area.user from 0:0, shard 0 of 2, namespace other"}},
		{"another layout of CENTRAL", func(s *site) {
			s.exec("u2", "UPDATE {central_1}.mdb_shard SET layout = 17")
		}, []string{"MDB807 central.shards: u2/central_1 is stamped CENTRAL, shard 1 of 4, namespace acme"}},
		{"servers of a partition reordered in the file", func(s *site) {
			s.edit("shards = [server.u1, server.u2]\n", "shards = [server.u2, server.u1]\n")
		}, []string{
			"MDB806 area.user.partition.p0: u1/user_p0_1 does not exist",
			"MDB806 area.user.partition.p0: u2/user_p0_0 does not exist",
		}},
		{"addresses of two servers swapped", func(s *site) {
			s.addr["u1"], s.addr["u2"] = s.process("u2").Addr(), s.process("u1").Addr()
			s.write()
		}, []string{
			"MDB807 server.u1: u1 has none of its 4 databases: they stand on u2",
			"MDB807 server.u2: u2 has none of its 3 databases: they stand on u1",
		}},
		{"two labels of one server", func(s *site) {
			s.addr["u3"] = s.process("u2").Addr()
			s.write()
		}, []string{
			"MDB803 server.u3: u2 and u3 are one server",
		}},
		{"two labels of one server that holds what both have", func(s *site) {
			for _, name := range []string{"{user_p1_2}", "{central_2}"} {
				s.copy("u3", "u2", name)
			}
			s.addr["u3"] = s.process("u2").Addr()
			s.write()
		}, []string{
			"MDB803 server.u3: u2 and u3 are one server",
			"MDB807 server.u3: u3 was not admitted to user_p1_2, central_2",
		}},
		{"a partition that is declared and not provisioned", func(s *site) { s.declareP2() }, []string{
			"MDB806 area.user.partition.p2: partition p2 of area user has none of its 2 databases: u2/user_p2_0, u3/user_p2_1",
		}},
		{"a machine that was not admitted", func(s *site) {
			for _, name := range []string{"{user_p1_2}", "{central_2}"} {
				s.exec("u3", "UPDATE "+name+".mdb_server SET identity = 'uid:gone/7'")
			}
		}, []string{"MDB807 server.u3: u3 was not admitted to user_p1_2, central_2"}},
		{"a table of mdb is gone", func(s *site) {
			s.exec("u1", "DROP TABLE {user_p0_0}.mdb_case")
		}, []string{"MDB809 area.user.partition.p0: u1/user_p0_0 has no table mdb_case"}},
		{"the stamp is gone", func(s *site) {
			s.exec("u1", "DELETE FROM {user_p0_0}.mdb_shard")
		}, []string{"MDB807 area.user.partition.p0: u1/user_p0_0 no longer says which shard it is"}},
		{"stripes are gone", func(s *site) {
			s.exec("u1", "DELETE FROM {user_p0_0}.mdb_fence WHERE stripe > 999")
		}, []string{"MDB807 area.user.partition.p0: mdb_fence of u1/user_p0_0 has 1000 rows instead of 1024"}},
		{"provisioning stopped", func(s *site) {
			s.exec("u1", "UPDATE {user_p0_0}.mdb_provision SET phase = 2")
		}, []string{"MDB808 area.user.partition.p0: u1/user_p0_0 is not finished"}},
		{"a copy beside the shard", func(s *site) {
			s.exec("u3", "CREATE DATABASE {copy}")
			s.exec("u3", "CREATE TABLE {copy}.mdb_shard SELECT * FROM {user_p1_2}.mdb_shard")
		}, []string{"MDB807 area.user.partition.p1: u3/copy says that it is the shard in u3/user_p1_2 too"}},
		{"an old file", func(s *site) {
			s.edit("  partition \"p1\" {\n    start  = \"0:250_000\"\n    shards = [server.u1, server.u2, server.u3]\n  }\n", "")
		}, []string{"MDB823 area.user: u1/user_p1_0, u2/user_p1_1, u3/user_p1_2: stamped as shards that this configuration does not have"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			require.Empty(t, s.found(live.Options{}, identityRules...))
			tt.wreck(s)
			report := s.check(live.Options{})
			require.Equal(t, tt.want, s.lines(report, identityRules...))
			require.Empty(t, report.Unasked)
		})
	}
}

// A shard that stands elsewhere is named where it is missing.
func TestStamps_saysWhereTheShardStands(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("shards = [server.u1, server.u2]\n", "shards = [server.u2, server.u1]\n")
	for _, d := range s.check(live.Options{}).Diagnostics {
		require.Contains(t, []string{
			"the shard stands in u1/user_p0_0: put the file back to what was provisioned, or the database back to its place; only if it was moved there for good, let the file say so",
			"the shard stands in u2/user_p0_1: put the file back to what was provisioned, or the database back to its place; only if it was moved there for good, let the file say so",
		}, s.plain(d.Help))
	}
}

// The rows of a database that is another shard are not misplaced in it, and what is
// provisioned there is no gap in the ids.
func TestStamps_ofSwappedServersNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill()
	s.at(300_000, 300_000)
	s.addr["u1"], s.addr["u3"] = s.process("u3").Addr(), s.process("u1").Addr()
	s.write()
	require.Equal(t, []string{
		"MDB807 server.u1: u1 has none of its 4 databases: they stand on u3",
		"MDB807 server.u3: u3 has none of its 2 databases: they stand on u1",
	}, s.found(sampled))
}

func TestStamps_ofSwappedDatabasesNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.edit("shards = [server.u1, server.u2]\n", "shards = [server.u1, server.u1]\n")
	s.exec("u2", "DROP DATABASE {user_p0_1}")
	s.exec("u1", "DROP DATABASE {user_p0_0}")
	s.provision()
	s.at(1000, 1000)
	s.insert("p0/0", s.idsOf("p0/0", 1, 5)...)
	s.insert("p0/1", s.idsOf("p0/1", 1, 5)...)
	require.Empty(t, s.found(sampled))
	s.exec("u1", "UPDATE {user_p0_0}.mdb_shard SET shard = 1")
	s.exec("u1", "UPDATE {user_p0_1}.mdb_shard SET shard = 0")
	require.Equal(t, []string{
		"MDB807 area.user.partition.p0: u1/user_p0_0 is stamped area.user from 0:0, shard 1 of 2, namespace acme",
		"MDB807 area.user.partition.p0: u1/user_p0_1 is stamped area.user from 0:0, shard 0 of 2, namespace acme",
	}, s.found(sampled))
}

// A database that was lost is no partition that begins too low: another start would
// route its ids otherwise.
func TestStamps_aLostDatabaseOfAPartitionInUse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(300_000, 300_000)
	s.exec("u3", "DROP DATABASE {user_p1_2}")
	report := s.check(live.Options{})
	require.Equal(t, []string{"MDB806 area.user.partition.p1: u3/user_p1_2 does not exist"}, s.lines(report))
	require.Contains(t, report.Diagnostics[0].Help, "restore it from its backup")
}

// copy copies a database from one server to another, without its rows but the
// stamp's.
func (s *site) copy(from, to, name string) {
	s.t.Helper()
	name = strings.Trim(name, "{}")
	s.exec(to, "CREATE DATABASE {"+name+"}")
	tables, err := s.process(from).DB().QueryContext(s.t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'", s.prefix+name)
	require.NoError(s.t, err)
	defer tables.Close()
	for tables.Next() {
		var table string
		require.NoError(s.t, tables.Scan(&table))
		s.copyTable(from, to, name, table)
	}
	require.NoError(s.t, tables.Err())
}

// copyTable copies a table with its rows, whose values are few and short.
func (s *site) copyTable(from, to, database, table string) {
	s.t.Helper()
	var ignored, create string
	require.NoError(s.t, s.process(from).DB().QueryRowContext(s.t.Context(), "SHOW CREATE TABLE `"+s.prefix+database+"`."+table).Scan(&ignored, &create))
	s.exec(to, strings.Replace(create, "CREATE TABLE ", "CREATE TABLE `"+s.prefix+database+"`.", 1))
	rows, err := s.process(from).DB().QueryContext(s.t.Context(), "SELECT * FROM `"+s.prefix+database+"`."+table)
	require.NoError(s.t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(s.t, err)
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(s.t, rows.Scan(targets...))
		_, err := s.process(to).DB().ExecContext(s.t.Context(),
			"INSERT INTO `"+s.prefix+database+"`."+table+" VALUES ("+strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")+")", values...)
		require.NoError(s.t, err)
	}
	require.NoError(s.t, rows.Err())
}

// A clone that took its original's address has another identity than the one that
// was admitted.
func TestStamps_aClone(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	require.Empty(t, s.found(live.Options{}))
	s.exec("u3", "SET GLOBAL server_id = 4000000")
	got := s.found(live.Options{}, "MDB807")
	require.Equal(t, []string{"MDB807 server.u3: u3 was not admitted to user_p1_2, central_2"}, got)
}
