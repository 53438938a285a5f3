package hcl_test

import (
	"fmt"
	"testing/fstest"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/hcl"
)

func ExampleLoad() {
	files := fstest.MapFS{"main.mdb.hcl": {Data: []byte(`
mdb { namespace = "acme" }
server "u1" { address = "u1.db:3306" }
server "u2" { address = "u2.db:3306" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [for i in range(8) : server["u${i % 2 + 1}"]]
  }
}
`)}}
	cfg, err := hcl.Load(".", hcl.Options{FS: files})
	if err != nil {
		fmt.Println(err)
		return
	}
	route, err := cfg.Registry.Route("user", gdid.MustParse("0:0:250123"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(route.Partition, route.Shard, route.Server, route.Database)
	// Output: p1 0 u1 user_p1_0
}

func ExampleCheck() {
	files := fstest.MapFS{"main.mdb.hcl": {Data: []byte(`mdb { namespace = "acme" }
server "primary" { address = "u1.db:3306" }
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:250_000"
    shards = [server.primry]
  }
}
`)}}
	_, found := hcl.Check(".", hcl.Options{FS: files})
	for _, d := range found {
		fmt.Println(d)
		fmt.Println("  " + d.Detail)
	}
	// Output:
	// main.mdb.hcl:6:14: error[MDB304] partition-hole: ids 0:0 to 0:249999 of area "user" have no partition
	//   the first partition of a range table has start = "0:0"
	// main.mdb.hcl:7:15: error[MDB201] undeclared-reference: no server "primry" is declared
	//   did you mean server.primary?
}
