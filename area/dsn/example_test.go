package dsn_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/area/dsn"
)

func ExampleParse() {
	d, err := dsn.Parse("mdb_rw:hunter2@tcp(u1.db:3306)/?readTimeout=30s")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%v %+v %#v\n", d, d, d)
	// Output: tcp(u1.db:3306)/ tcp(u1.db:3306)/ tcp(u1.db:3306)/
}
