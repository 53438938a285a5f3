package mdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing/fstest"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/gdid"
)

// A service opens its configuration, makes sure of every server, and then reads and
// writes briefcases by their ids.
func Example() {
	placeOrder := func(ctx context.Context, id mdb.GDID) error {
		router, err := mdb.Open(ctx, "deploy/mdb", mdb.Options{}) // reads the files; no network I/O
		if err != nil {
			return err // every mistake of the files, each with its place
		}
		defer router.Close()
		if err := router.Ready(ctx); err != nil { // dials every server, proves every database is the shard it should be
			return err
		}
		users, err := router.Area("user")
		if err != nil {
			return err
		}
		customer, err := users.Briefcase(id) // pure, no I/O
		if err != nil {
			return err
		}
		return customer.InTx(ctx, nil, func(tx *sql.Tx) error { // one server, fenced
			_, err := tx.ExecContext(ctx, "INSERT INTO tbl_order (g_user, id, total) VALUES (?, ?, ?)", customer.ID(), 1, 4200)
			return err
		})
	}
	_ = placeOrder
}

// Where an id lives is known from the files alone.
func ExampleArea_Route() {
	files := fstest.MapFS{"deploy/mdb/shop.mdb.hcl": &fstest.MapFile{Data: []byte(`
mdb { namespace = "shop" }
server "a" { dsn = env("SHOP_A_DSN") }
server "b" { dsn = env("SHOP_B_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.a]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.a, server.b]
  }
}
`)}}
	ctx := context.Background()
	router, err := mdb.Open(ctx, "deploy/mdb", mdb.Options{FS: files})
	if err != nil {
		panic(err)
	}
	defer router.Close()
	users, err := router.Area("user")
	if err != nil {
		panic(err)
	}
	for _, text := range []string{"0:1:249999", "0:1:250122", "0:0:250122", "0:1:250123"} {
		route, err := users.Route(gdid.MustParse(text))
		if err != nil {
			panic(err)
		}
		fmt.Println(text, "in", route.Partition, "on", route.Server, "in", route.Database)
	}
	// Output:
	// 0:1:249999 in p0 on a in user_p0_0
	// 0:1:250122 in p1 on b in user_p1_1
	// 0:0:250122 in p1 on b in user_p1_1
	// 0:1:250123 in p1 on a in user_p1_0
}
