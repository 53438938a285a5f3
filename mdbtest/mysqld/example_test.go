package mysqld_test

import (
	"context"
	"fmt"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

func ExampleStart() {
	ctx := context.Background()
	cluster, err := mysqld.Start(ctx, 2, mysqld.Options{})
	if err != nil {
		panic(err)
	}
	defer cluster.Close()

	server := cluster.Servers[1]
	if err := server.Kill(); err != nil {
		panic(err)
	}
	fmt.Println("running:", server.Running())
	if err := server.Restart(ctx); err != nil {
		panic(err)
	}
	fmt.Println("running:", server.Running())
	// Output:
	// running: false
	// running: true
}
