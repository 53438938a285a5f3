package mdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

// deployment is a configuration as a service would embed it.
var deployment = fstest.MapFS{"mdb/shop.mdb.hcl": {Data: []byte(`
mdb { namespace = "shop" }
server "u1" { address = "u1.db.internal:3306" }
server "u2" { address = "u2.db.internal:3306" }
server "u3" { address = "u3.db.internal:3306" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1, server.u2, server.u3]
  }
}
`)}}

// Routing needs no server: Open reads the files, and an id's place is computed.
func ExampleOpen() {
	router, err := mdb.Open(context.Background(), "mdb", mdb.Options{FS: deployment})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer router.Close()
	for _, text := range []string{"0:1:7", "0:1:250122"} {
		route, err := router.Route("user", gdid.MustParse(text))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(text, "lives in", route.Database, "on", route.Server)
	}
	// Output:
	// 0:1:7 lives in user_p0_0 on u1
	// 0:1:250122 lives in user_p1_2 on u3
}

// Ids are grouped by the shard they live in, for reading many at once.
func ExampleArea_Group() {
	router, err := mdb.Open(context.Background(), "mdb", mdb.Options{FS: deployment})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer router.Close()
	users, err := router.Area("user")
	if err != nil {
		fmt.Println(err)
		return
	}
	groups, err := users.Group([]mdb.GDID{gdid.MustParse("0:1:7"), gdid.MustParse("0:1:250122"), gdid.MustParse("0:2:7")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range groups {
		fmt.Println(g.Shard, g.IDs)
	}
	// Output:
	// user p0/0 on u1 [0:1:7 0:2:7]
	// user p1/2 on u3 [0:1:250122]
}

// A transaction is on one server, behind the fence. It may run more than once.
func Example_transaction() {
	order := func(ctx context.Context, customer *mdb.Briefcase, total int) error {
		err := customer.InTx(ctx, nil, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO tbl_order (g_user, id, total) VALUES (?, 1, ?)", customer.ID(), total)
			return err
		})
		if errors.Is(err, mdb.ErrOutcomeUnknown) {
			return fmt.Errorf("look for the order before trying again: %w", err)
		}
		return err
	}
	_ = order
}
