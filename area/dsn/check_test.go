package dsn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/dsn"
)

func TestCheckParams(t *testing.T) {
	t.Parallel()
	type params map[string]string
	tests := []struct {
		name    string
		params  params
		kind    dsn.FaultKind // 0: no fault
		suggest string
	}{
		{name: "driver parameters are known", params: params{"timeout": "2s", "parseTime": "true", "collation": "utf8mb4_bin", "loc": "UTC"}},
		{name: "session variables are known to the server alone", params: params{"wait_timeout": "60", "sql_mode": "'ANSI'", "innodb_lock_wait_timeout": "5", "time_zone": "'+00:00'", "timestamp": "1", "max_allowed_packet": "1", "profiling": "1"}},
		{name: "readTimout", params: params{"readTimout": "1s"}, kind: dsn.Misspelt, suggest: "readTimeout"},
		{name: "readtimeout", params: params{"readtimeout": "1s"}, kind: dsn.Misspelt, suggest: "readTimeout"},
		{name: "read_timeout", params: params{"read_timeout": "1s"}, kind: dsn.Misspelt, suggest: "readTimeout"},
		{name: "parsTime", params: params{"parsTime": "true"}, kind: dsn.Misspelt, suggest: "parseTime"},
		{name: "TLS", params: params{"TLS": "true"}, kind: dsn.Misspelt, suggest: "tls"},
		{name: "interpolateParam", params: params{"interpolateParam": "true"}, kind: dsn.Misspelt, suggest: "interpolateParams"},
		{name: "allowAllFiles", params: params{"allowAllFiles": "true"}, kind: dsn.Unsafe},
		{name: "allowAllFiles off is harmless", params: params{"allowAllFiles": "false"}},
		{name: "the password", params: params{"password": "s3cret"}, kind: dsn.Misplaced, suggest: "password"},
		{name: "the password under another name", params: params{"@@session.Pass_Word": "s3cret"}, kind: dsn.Misplaced, suggest: "password"},
		{name: "the user", params: params{"user": "root"}, kind: dsn.Misplaced, suggest: "user"},
		{name: "the address", params: params{"addr": "u1"}, kind: dsn.Misplaced, suggest: "address"},
		{name: "the port", params: params{"port": "3306"}, kind: dsn.Misplaced, suggest: "address"},
		{name: "the network", params: params{"net": "tcp"}, kind: dsn.Misplaced, suggest: "address"},
		{name: "the database", params: params{"dbname": "x"}, kind: dsn.Misplaced, suggest: "database"},
		{name: "a session variable that begins like a part", params: params{"net_read_timeout": "5"}},
		{name: "multiStatements", params: params{"multiStatements": "1"}, kind: dsn.Unsafe},
		{name: "rejectReadOnly", params: params{"rejectReadOnly": "true"}, kind: dsn.Unsafe},
		{name: "clear text passwords without TLS", params: params{"allowCleartextPasswords": "true"}, kind: dsn.Unsafe},
		{name: "clear text passwords with TLS at the server's pleasure", params: params{"allowCleartextPasswords": "true", "tls": "preferred"}, kind: dsn.Unsafe},
		{name: "clear text passwords behind TLS", params: params{"allowCleartextPasswords": "true", "tls": "true"}},
		{name: "autocommit off", params: params{"autocommit": "0"}, kind: dsn.Unsafe},
		{name: "autocommit off in capitals with a scope", params: params{"@@SESSION.AutoCommit": "off"}, kind: dsn.Unsafe},
		{name: "autocommit on is what is demanded anyway", params: params{"autocommit": "1"}},
		{name: "completion_type", params: params{"completion_type": "'CHAIN'"}, kind: dsn.Unsafe},
		{name: "completion_type no chain", params: params{"completion_type": "NO_CHAIN"}},
		{name: "transaction_read_only", params: params{"transaction_read_only": "0"}, kind: dsn.Unsafe},
		{name: "tx_read_only", params: params{"tx_read_only": "1"}, kind: dsn.Unsafe},
		{name: "a bad duration", params: params{"timeout": "2"}, kind: dsn.BadValue},
		{name: "a name that ends the SET statement", params: params{"x=1,autocommit": "0"}, kind: dsn.BadValue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := dsn.CheckParams(tt.params)
			if tt.kind == 0 {
				require.Empty(t, faults)
				return
			}
			require.Len(t, faults, 1)
			require.Equal(t, tt.kind, faults[0].Kind)
			require.Equal(t, tt.suggest, faults[0].Suggest)
			require.NotEmpty(t, faults[0].Reason)
		})
	}
}

func TestDSN_Check(t *testing.T) {
	t.Parallel()
	kinds := func(text string) (out []dsn.FaultKind) {
		d, err := dsn.Parse(text)
		require.NoError(t, err)
		for _, f := range d.Check() {
			out = append(out, f.Kind)
		}
		return out
	}
	require.Equal(t, []dsn.FaultKind{dsn.NoTimeout, dsn.NoTLS}, kinds("u@tcp(h:1)/"))
	require.Equal(t, []dsn.FaultKind{dsn.SkipVerify}, kinds("u@tcp(h:1)/?timeout=2s&tls=skip-verify"))
	require.Empty(t, kinds("u@tcp(127.0.0.1:1)/?timeout=2s&tls=skip-verify"))
	require.Empty(t, kinds("u@tcp(h:1)/?readTimeout=2s&tls=true"))
	require.Equal(t, []dsn.FaultKind{dsn.NoTLS}, kinds("u@tcp(h:1)/?readTimeout=2s&tls=preferred"))
	require.Empty(t, dsn.DSN{}.Check())
}
