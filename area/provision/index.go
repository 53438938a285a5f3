package provision

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// indexTable says in each CENTRAL shard how the keys of its indexes are made.
const indexTable = "mdb_index"

// centralTables are created in a CENTRAL shard, the first one first.
var centralTables = []tableDef{
	tables[0], // mdb_provision takes the database
	tables[1], // mdb_shard
	tables[2], // mdb_server
	{indexTable, `name VARBINARY(64) NOT NULL PRIMARY KEY,
  spec VARBINARY(1024) NOT NULL,
  created DATETIME(6) NOT NULL`},
}

// indexDef gives the table of an index. An index that is not unique has a row for
// each key and id.
func indexDef(x *area.Index) tableDef {
	primary := "`key`"
	if !x.Unique {
		primary = "`key`, gdid"
	}
	return tableDef{x.Table(), "`key` " + keyType(x) + ` NOT NULL,
  gdid BINARY(12) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  token BINARY(16) NOT NULL,
  version INT UNSIGNED NOT NULL,
  expires DATETIME(6) NULL,
  created DATETIME(6) NOT NULL,
  changed DATETIME(6) NOT NULL,
  PRIMARY KEY (` + primary + `),
  KEY gdid (gdid)`}
}

func keyType(x *area.Index) string { return fmt.Sprintf("varbinary(%d)", x.Width()) }

// An IndexState is an index as it was found in a CENTRAL shard.
type IndexState struct {
	Name  string
	Spec  string // how its keys are made
	Table bool   // its table exists
	Key   string // the type of the table's key column
}

// readIndexes reads the indexes of a CENTRAL shard.
func (d *DatabaseState) readIndexes(ctx context.Context, q querier) error {
	if !d.has(indexTable) {
		return nil
	}
	err := scanAll(ctx, q, "SELECT name, spec FROM "+qualified(d.Name, indexTable)+" ORDER BY name", nil, func(rows *sql.Rows) error {
		var x IndexState
		err := rows.Scan(&x.Name, &x.Spec)
		d.Indexes = append(d.Indexes, x)
		return err
	})
	if err != nil {
		return err
	}
	types := make(map[string]string)
	err = scanAll(ctx, q, "SELECT table_name, column_type FROM information_schema.columns WHERE table_schema = ? AND column_name = 'key'", []any{d.Name}, func(rows *sql.Rows) error {
		var table, kind string
		err := rows.Scan(&table, &kind)
		types[table] = strings.ToLower(kind)
		return err
	})
	for i := range d.Indexes {
		x := &d.Indexes[i]
		x.Key, x.Table = types[(&area.Index{Name: x.Name}).Table()]
	}
	return err
}

// index gives the state of an index by name.
func (d *DatabaseState) index(name string) (IndexState, bool) {
	i := slices.IndexFunc(d.Indexes, func(x IndexState) bool { return x.Name == name })
	if i < 0 {
		return IndexState{}, false
	}
	return d.Indexes[i], true
}
