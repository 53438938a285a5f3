package embedded_test

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

func Example() {
	server, err := embedded.Start(embedded.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = server.Close() }()

	db, err := sql.Open("mysql", server.DSN())
	if err != nil {
		panic(err)
	}
	defer func() { _ = db.Close() }()
	var answer int
	if err := db.QueryRowContext(context.Background(), "SELECT 6 * 7").Scan(&answer); err != nil {
		panic(err)
	}
	fmt.Println(answer)
	// Output: 42
}
