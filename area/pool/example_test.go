package pool_test

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/mdbrouter/mdb/area/pool"
)

// A driver of a program's own takes the place of the real one, below the check
// of identity and the guard.
func ExamplePools_Shard() {
	pools := pool.New([]pool.Endpoint{{Server: "u1"}}, nil, pool.Options{
		Namespace: namespace,
		Connector: func(pool.Dial, driver.Connector) driver.Connector { return nullConnector{} },
	})
	defer pools.Close()

	db, err := pools.Shard(nullShard).DB()
	if err != nil {
		panic(err)
	}
	var n int
	if err := db.QueryRowContext(context.Background(), "SELECT 1").Scan(&n); err != nil {
		panic(err)
	}
	fmt.Println(n)
	_, err = db.ExecContext(context.Background(), "UPDATE tbl_user SET name = 'Ann'")
	fmt.Println(err)
	_, err = db.ExecContext(context.Background(), "SET autocommit = 0")
	fmt.Println(err)
	// Output:
	// 1
	// mdb: exec user (shard p0/0 on u1): statement refused, not sent: UPDATE runs in a fenced transaction only
	// mdb: exec user (shard p0/0 on u1): statement refused, not sent: SET is not allowed: it could end the transaction or change the session
}
