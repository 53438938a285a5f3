package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, statement string
		want            []string
	}{
		{"a primary takes no writes", "SET GLOBAL read_only = 1", []string{"MDB804 server.u3: u3 takes no writes"}},
		{"a primary whose transactions only read", "SET GLOBAL tx_read_only = 1", []string{"MDB804 server.u3: u3 takes no writes"}},
		{"a mode that cuts values", "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'", []string{
			"MDB819 server.u3: sql_mode differs among servers", "MDB819 server.u3: sql_mode of u3 is not strict",
		}},
		{"modes in another order", "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION,STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,ERROR_FOR_DIVISION_BY_ZERO'", nil},
		{"another time zone", "SET GLOBAL time_zone = '+01:00'", []string{"MDB819 server.u3: time_zone differs among servers"}},
		{"smaller packets", "SET GLOBAL max_allowed_packet = 1048576", []string{"MDB819 server.u3: max_allowed_packet differs among servers"}},
		{"another collation", "SET GLOBAL collation_server = 'latin1_swedish_ci'", []string{
			"MDB819 server.u3: character_set_server differs among servers", "MDB819 server.u3: collation_server differs among servers",
		}},
		{"transactions that chain", "SET GLOBAL completion_type = 'CHAIN'", []string{"MDB819 server.u3: completion_type of u3 is CHAIN"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
			s.exec("u3", tt.statement)
			require.Equal(t, tt.want, s.found(live.Options{}, "MDB804", "MDB819"))
		})
	}
}

// A server whose sessions do not work as mdb needs them answers, and is not read.
func TestSettings_thatKeepFromReading(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	s.exec("u3", "SET GLOBAL autocommit = 0")
	report := s.check(live.Options{})
	require.Equal(t, []string{"MDB819 server.u3: autocommit of u3 is OFF"}, s.lines(report))
	require.Equal(t, []live.Unasked{{Server: "u3", Reason: "its autocommit is not what mdb relies on, so its databases were not read"}}, report.Unasked)
}

func TestSettings_namesWhoHasWhat(t *testing.T) {
	t.Parallel()
	s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{}))
	s.exec("u3", "SET GLOBAL max_allowed_packet = 1048576")
	report := s.check(live.Options{})
	require.Len(t, report.Diagnostics, 1)
	require.Equal(t, "16777216 on u1, u2; 1048576 on u3", report.Diagnostics[0].Detail)
}

func TestSettings_anOldServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		version string
		want    []string
	}{
		{"10.6.18-MariaDB", []string{
			"MDB820 server.u1: u1 runs MariaDB 10.6.18", "MDB820 server.u2: u2 runs MariaDB 10.6.18", "MDB820 server.u3: u3 runs MariaDB 10.6.18",
		}},
		{"11.4.2-MariaDB", nil},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			t.Parallel()
			s := newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{Flags: []string{"--version=" + tt.version}}))
			require.Equal(t, tt.want, s.found(live.Options{}, "MDB820"))
		})
	}
}

// A table of another engine takes no part in transactions.
func TestSettings_anotherEngine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	require.Empty(t, s.found(live.Options{}, "MDB820"))
	s.exec("u2", "ALTER TABLE {user_p0_1}.tbl_order ENGINE = MyISAM")
	require.Equal(t, []string{"MDB820 area.user.partition.p0: u2/user_p0_1.tbl_order is kept by MyISAM"}, s.found(live.Options{}, "MDB820"))
}

// u1 has 4 databases and an id store: each process may open 5 x 32 connections.
func TestSettings_overcommit(t *testing.T) {
	t.Parallel()
	s := newSite(t) // max_connections is 400
	require.Empty(t, s.found(live.Options{}, "MDB821"))
	require.Empty(t, s.found(live.Options{Instances: 2}, "MDB821"))
	report := s.check(live.Options{Instances: 3})
	require.Equal(t, []string{"MDB821 server.u1.pool: u1 takes 400 connections, and its clients may open 488"}, s.lines(report, "MDB821"))
	require.Equal(t, "max_open 32 x 5 databases x 3 processes, and 8 for the admin", report.Diagnostics[0].Detail)
	require.Equal(t, "lower max_open to 25, spread the shards over more servers, or raise max_connections to 488", report.Diagnostics[0].Help)
	s.edit("  admin {\n", "  pool { max_open = 25 }\n  admin {\n")
	require.Empty(t, s.found(live.Options{Instances: 3}, "MDB821"))
}
