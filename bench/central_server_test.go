package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

const centralConfig = `mdb { namespace = "bench" }
variable "addr" { type = string }
server_defaults {
  user   = "root"
  params = { timeout = "5s", readTimeout = "60s", writeTimeout = "60s" }
}
server "s" { address = var.addr }
central {
  database = "central_${shard.index}"
  shards   = [for i in range(%d) : server.s]
  index "email" {
    briefcase = briefcase.customer
    max_bytes = 320
  }
%s}
area "user" {
  database = "user_${partition.name}_${shard.index}"
  schema   = "schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.s]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
`

// serve gives a router on a server of its own, with CENTRAL in n shards.
func serve(b *testing.B, n int, cache string) (*mdb.Router, *mysqld.Server) {
	b.Helper()
	server := mysqld.ForTest(b, 1, mysqld.Options{Flags: []string{"--innodb-buffer-pool-size=512M"}}).Servers[0]
	opts := mdb.Options{Vars: map[string]string{"addr": server.Addr()}, FS: fstest.MapFS{
		"a.mdb.hcl":    {Data: fmt.Appendf(nil, centralConfig, n, cache)},
		"schema/1.sql": {Data: []byte("CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY) ENGINE=InnoDB;")},
	}}
	require.NoError(b, mdb.Provision(b.Context(), ".", opts))
	router, err := mdb.Open(b.Context(), ".", opts)
	require.NoError(b, err)
	b.Cleanup(func() { _ = router.Close() })
	require.NoError(b, router.Ready(b.Context()))
	return router, server
}

// raw gives plain connections to a database.
func raw(b *testing.B, server *mysqld.Server, database string) *sql.DB {
	b.Helper()
	db, err := sql.Open("mysql", server.DSN(database)+"?interpolateParams=true")
	require.NoError(b, err)
	db.SetMaxIdleConns(8)
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// insertKeys makes n live keys in a CENTRAL of shards shards.
func insertKeys(b *testing.B, server *mysqld.Server, shards int, keys []string) {
	b.Helper()
	lists := make([][]string, shards)
	for i, k := range keys {
		shard := key.Shard([]byte(k), shards)
		lists[shard] = append(lists[shard], fmt.Sprintf("('%s', x'%024x', 2, x'%032x', 1, NULL, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", k, i+1, i+1))
	}
	for shard, values := range lists {
		for len(values) > 0 {
			n := min(len(values), 5000)
			_, err := server.DB().ExecContext(b.Context(), fmt.Sprintf("INSERT INTO central_%d.mdb_index_email VALUES %s", shard, strings.Join(values[:n], ",")))
			require.NoError(b, err)
			values = values[n:]
		}
	}
}

// LookupMany of 1,000 keys over 4 shards, beside the four IN queries it must make.
func BenchmarkGoalCentral_lookupMany(b *testing.B) {
	const shards, most = 4, 1000
	keys := emails()
	for name, cache := range map[string]string{"uncached": "", "cold": "  cache {\n    max_entries = 1000000\n    ttl = \"10m\"\n  }\n"} {
		b.Run(name, func(b *testing.B) {
			router, server := serve(b, shards, cache)
			insertKeys(b, server, shards, keys)
			email := router.Central().Index("email")
			dbs := make([]*sql.DB, shards)
			for i := range dbs {
				dbs[i] = raw(b, server, fmt.Sprint("central_", i))
			}
			rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			wanted, asked, at := make([]string, most), make([]any, most), 0
			choose := func() { // keys that were never asked for
				copy(wanted, keys[at:])
				for i, k := range wanted {
					asked[i] = k
				}
				at += most
			}
			choose()
			var ratio float64
			for b.Loop() {
				best := fastest(1, 60,
					contestant{name: "raw", run: func() { inQueries(b.Context(), dbs, wanted) }},
					contestant{name: "many", run: func() {
						if _, err := email.LookupMany(b.Context(), asked); err != nil {
							panic(err)
						}
						choose()
					}},
				)
				ratio = best["many"] / best["raw"]
				b.ReportMetric(best["raw"]/1e3, "raw-us")
				b.ReportMetric(best["many"]/1e3, "many-us")
				b.ReportMetric(ratio, "ratio")
			}
			if ratio > 1.3 {
				b.Errorf("LookupMany takes %.2f times what the queries take", ratio)
			}
		})
	}
}

// inQueries asks for the ids of keys as plainly as one can.
func inQueries(ctx context.Context, dbs []*sql.DB, keys []string) {
	lists := make([][]any, len(dbs))
	for _, k := range keys {
		shard := key.Shard([]byte(k), len(dbs))
		lists[shard] = append(lists[shard], []byte(k))
	}
	var running sync.WaitGroup
	for i, args := range lists {
		running.Go(func() {
			found := make(map[string]gdid.GDID, len(args))
			rows, err := dbs[i].QueryContext(ctx, "SELECT `key`, gdid FROM mdb_index_email WHERE state = 2 AND `key` IN (?"+strings.Repeat(",?", len(args)-1)+")", args...)
			if err != nil {
				panic(err)
			}
			defer rows.Close()
			for rows.Next() {
				var k string
				var id gdid.GDID
				if err := rows.Scan(&k, &id); err != nil {
					panic(err)
				}
				found[k] = id
			}
			if rows.Err() != nil || len(found) == 0 {
				panic(rows.Err())
			}
		})
	}
	running.Wait()
}

// A sweep of a million live rows, beside the keyset scan it must make.
func BenchmarkGoalCentral_sweep(b *testing.B) {
	const most = 1_000_000
	router, server := serve(b, 1, "")
	db := raw(b, server, "central_0")
	_, err := db.ExecContext(b.Context(), fmt.Sprintf("INSERT INTO mdb_index_email"+
		" SELECT CONCAT('user', seq, '@example.com'), UNHEX(LPAD(HEX(seq), 24, '0')), 2, UNHEX(LPAD(HEX(seq), 32, '0')), 1, NULL, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_%d", most))
	require.NoError(b, err)
	for b.Loop() {
		best := fastest(1, 8,
			contestant{name: "scan", run: func() { require.Equal(b, most, scan(b.Context(), db)) }},
			contestant{name: "sweep", run: func() {
				report, err := router.Central().Index("email").Sweep(b.Context(), mdb.SweepOptions{})
				require.NoError(b, err)
				require.Equal(b, most, report.Rows)
			}},
		)
		ratio := best["sweep"] / best["scan"]
		b.ReportMetric(best["scan"]/1e6, "scan-ms")
		b.ReportMetric(best["sweep"]/1e6, "sweep-ms")
		b.ReportMetric(ratio, "ratio")
		if ratio > 1.2 {
			b.Errorf("a sweep takes %.2f times what the scan takes", ratio)
		}
	}
}

// scan reads all rows in pages behind the last key.
func scan(ctx context.Context, db *sql.DB) (n int) {
	last := []byte{}
	page := func() (n int) {
		rows, err := db.QueryContext(ctx, "SELECT `key`, gdid, state FROM mdb_index_email WHERE `key` > ? ORDER BY `key` LIMIT 1000", last)
		if err != nil {
			panic(err)
		}
		defer rows.Close()
		var k, id sql.RawBytes
		var state int
		for rows.Next() {
			if err := rows.Scan(&k, &id, &state); err != nil {
				panic(err)
			}
			if n++; n == 1000 {
				last = append(last[:0], k...)
			}
		}
		if err := rows.Err(); err != nil {
			panic(err)
		}
		return n
	}
	for {
		read := page()
		if n += read; read < 1000 {
			return n
		}
	}
}

// A registration with one key, beside the transaction it runs and the three round
// trips that it adds.
func BenchmarkCentral_register(b *testing.B) {
	router, server := serve(b, 4, "")
	users, err := router.Area("user")
	require.NoError(b, err)
	plain := raw(b, server, "central_0")
	next := uint64(0)
	insert := func(id mdb.GDID) func(tx *sql.Tx) error {
		return func(tx *sql.Tx) error {
			_, err := tx.ExecContext(b.Context(), "INSERT INTO tbl_user VALUES (?)", id)
			return err
		}
	}
	id := func() mdb.GDID {
		next++
		id, _ := gdid.New(0, 1, next)
		return id
	}
	for b.Loop() {
		best := fastest(1, 200,
			contestant{name: "tx", run: func() {
				id := id()
				bc, err := users.Briefcase(id)
				require.NoError(b, err)
				require.NoError(b, bc.InTx(b.Context(), nil, insert(id)))
			}},
			contestant{name: "register", run: func() {
				id := id()
				require.NoError(b, router.Register(b.Context(), id, []mdb.Key{{Index: "email", Value: "user" + id.String()}}, insert(id)))
			}},
			contestant{name: "roundTrip", run: func() {
				_, err := plain.ExecContext(b.Context(), "DO 1")
				require.NoError(b, err)
			}},
		)
		b.ReportMetric(best["tx"]/1e3, "tx-us")
		b.ReportMetric(best["register"]/1e3, "register-us")
		b.ReportMetric(best["roundTrip"]/1e3, "round-trip-us")
	}
}
