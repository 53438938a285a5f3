package live_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

func TestStatusStatement(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"10.11.14-MariaDB-0+deb12u2": "SHOW ALL SLAVES STATUS",
		"8.0.21":                     "SHOW SLAVE STATUS",
		"8.0.22":                     "SHOW REPLICA STATUS",
		"8.4.3-log":                  "SHOW REPLICA STATUS",
		"9.1.0":                      "SHOW REPLICA STATUS",
	} {
		require.Equal(t, want, live.StatusStatement(version), version)
	}
}

// The three forms in which servers tell whom they follow are read alike.
func TestSourceOf(t *testing.T) {
	t.Parallel()
	want := live.SourceFacts{
		Host: "u1.db", Port: "3306", ServerID: "7", Receiving: true, ApplyErr: 1062, Behind: 42 * time.Second, Known: true, Delay: 30 * time.Second,
	}
	mariaDB := map[string]string{
		"Connection_name": "", "Master_Host": "u1.db", "Master_Port": "3306", "Master_Server_Id": "7", "Slave_IO_Running": "Yes", "Slave_SQL_Running": "No",
		"Last_IO_Errno": "0", "Last_SQL_Errno": "1062", "Last_SQL_Error": "Duplicate entry 'secret'", "Seconds_Behind_Master": "42", "SQL_Delay": "30",
	}
	require.Equal(t, want, live.SourceOf(mariaDB))

	want.UUID = "3e11fa47"
	old := map[string]string{"Master_UUID": "3e11fa47"}
	maps.Copy(old, mariaDB)
	require.Equal(t, want, live.SourceOf(old))
	require.Equal(t, want, live.SourceOf(map[string]string{
		"Channel_Name": "", "Source_Host": "u1.db", "Source_Port": "3306", "Source_Server_Id": "7", "Source_UUID": "3e11fa47",
		"Replica_IO_Running": "Yes", "Replica_SQL_Running": "No", "Last_IO_Errno": "0", "Last_SQL_Errno": "1062", "Seconds_Behind_Source": "42", "SQL_Delay": "30",
	}))
	require.Equal(t, live.SourceFacts{Host: "u1.db"}, live.SourceOf(map[string]string{"Source_Host": "u1.db"}), "a source that was never reached")
}
