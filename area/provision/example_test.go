package provision_test

import (
	"fmt"

	"github.com/mdbrouter/mdb/area/provision"
)

// The files of a schema are run statement by statement, so that a run that was
// killed goes on behind the last one.
func ExampleSplit() {
	statements, err := provision.Split(provision.File{Name: "001.sql", SQL: `-- users
CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, note VARCHAR(9) DEFAULT ';');
ALTER TABLE tbl_user ADD COLUMN age INT;
`})
	if err != nil {
		panic(err)
	}
	for _, s := range statements {
		fmt.Printf("%s:%d: %.20s...\n", s.File, s.Line, s.Text)
	}
	_, err = provision.Split(provision.File{Name: "002.sql", SQL: "DROP DATABASE shop"})
	fmt.Println(err)
	// Output:
	// 001.sql:2: CREATE TABLE tbl_use...
	// 001.sql:3: ALTER TABLE tbl_user...
	// 002.sql:1: DROP DATABASE reaches beyond the shard's database
}
