package proxy_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// A commit whose answer is lost: the client sees an error, the row is there.
func ExampleProxy_CutReply() {
	ctx := context.Background()
	cluster, err := mysqld.Start(ctx, 1, mysqld.Options{})
	if err != nil {
		panic(err)
	}
	defer cluster.Close()
	server := cluster.Servers[0]
	if _, err := server.DB().ExecContext(ctx, "CREATE DATABASE shop"); err != nil {
		panic(err)
	}
	if _, err := server.DB().ExecContext(ctx, "CREATE TABLE shop.orders (id INT PRIMARY KEY)"); err != nil {
		panic(err)
	}

	wire, err := proxy.Start(ctx, server.Addr())
	if err != nil {
		panic(err)
	}
	defer wire.Close()
	db, err := sql.Open("mysql", "root@tcp("+wire.Addr()+")/shop")
	if err != nil {
		panic(err)
	}
	defer db.Close()

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		panic(err)
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO orders VALUES (1)"); err != nil {
		panic(err)
	}
	wire.CutReply(proxy.Query("COMMIT"))
	fmt.Println("commit failed:", tx.Commit() != nil)

	var rows int
	if err := server.DB().QueryRowContext(ctx, "SELECT COUNT(*) FROM shop.orders").Scan(&rows); err != nil {
		panic(err)
	}
	fmt.Println("rows:", rows)
	// Output:
	// commit failed: true
	// rows: 1
}
