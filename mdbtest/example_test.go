package mdbtest_test

import (
	"context"
	"fmt"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest"
)

// In TestMain, or wherever there is no test to hand.
func ExampleOpen() {
	ctx := context.Background()
	cluster, err := mdbtest.Open(ctx, "testdata/shop", mdbtest.Options{})
	if err != nil {
		panic(err)
	}
	defer cluster.Close()

	id := gdid.MustParse("0:1:250")
	ann, err := cluster.Router.Briefcase("user", id)
	if err != nil {
		panic(err)
	}
	if _, err := ann.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, 'Ann')", id); err != nil {
		panic(err)
	}
	var name string
	row := ann.QueryRowContext(ctx, "SELECT name FROM tbl_user WHERE g_user = ?", id)
	if err := row.Scan(&name); err != nil {
		panic(err)
	}
	fmt.Println(name, "lives on", ann.Route().Server)
	// Output: Ann lives on u2
}
