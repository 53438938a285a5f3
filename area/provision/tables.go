package provision

import (
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// schemaVersion is the version of the mdb_ tables below.
const schemaVersion = 1

// collation is what new databases compare text by, unless a table says otherwise:
// it is the one that every server knows and that means the same everywhere.
const collation = "utf8mb4_bin"

const (
	shardTable     = "mdb_shard"
	provisionTable = "mdb_provision"
	serverTable    = "mdb_server"
	fenceTable     = "mdb_fence"
	caseTable      = "mdb_case"
	claimTable     = "mdb_claim"
	schemaTable    = "mdb_schema"
)

// A Phase tells how far a shard's creation has come. Phases only rise.
type Phase uint8

// The phases, as in mdb_provision.
const (
	// Building: not a shard yet.
	Building Phase = iota + 1
	// Sealed: a shard that waits for the end of its predecessor.
	Sealed
	// Opened: open; the ceilings are still to be restored.
	Opened
	// Done: nothing is left to do.
	Done
)

// identityColumns say which shard a database is. They stand in mdb_provision from
// the first moment and are copied to mdb_shard in the last.
const identityColumns = `namespace VARBINARY(128) NOT NULL,
  area VARBINARY(64) NOT NULL,
  start_era INT UNSIGNED NOT NULL,
  start_counter BIGINT UNSIGNED NOT NULL,
  shard INT UNSIGNED NOT NULL,
  shards INT UNSIGNED NOT NULL,
  hash VARBINARY(32) NOT NULL,
  database_name VARBINARY(192) NOT NULL,
  uid BINARY(16) NOT NULL`

// A tableDef is one of the mdb_ tables.
type tableDef struct{ name, columns string }

// tables are created in this order. The first takes the database, the others
// follow.
var tables = []tableDef{
	{provisionTable, `one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  ` + identityColumns + `,
  phase TINYINT UNSIGNED NOT NULL`},
	{shardTable, `one TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  ` + identityColumns + `,
  layout BIGINT UNSIGNED NOT NULL,
  schema_version INT UNSIGNED NOT NULL,
  created DATETIME(6) NOT NULL`},
	{serverTable, `identity VARBINARY(160) NOT NULL PRIMARY KEY,
  server VARBINARY(64) NOT NULL,
  role VARBINARY(16) NOT NULL,
  admitted DATETIME(6) NOT NULL`},
	{fenceTable, `stripe SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  layout BIGINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  cases INT UNSIGNED NOT NULL DEFAULT 0,
  end_era INT UNSIGNED NULL,
  end_counter BIGINT UNSIGNED NULL,
  token_floor BIGINT UNSIGNED NOT NULL DEFAULT 0,
  epoch_floor BIGINT UNSIGNED NOT NULL DEFAULT 0,
  seq BIGINT UNSIGNED NOT NULL DEFAULT 0`},
	{caseTable, `gdid BINARY(12) NOT NULL PRIMARY KEY,
  stripe SMALLINT UNSIGNED NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  claimed TINYINT UNSIGNED NOT NULL DEFAULT 0,
  purged TINYINT UNSIGNED NOT NULL DEFAULT 0,
  epoch BIGINT UNSIGNED NOT NULL,
  token BIGINT UNSIGNED NOT NULL,
  move_id BINARY(16) NOT NULL,
  peer VARBINARY(128) NOT NULL,
  deadline DATETIME(6) NULL,
  purge_after DATETIME(6) NULL,
  KEY state_deadline (state, deadline),
  KEY stripe (stripe)`},
	{claimTable, "gdid BINARY(12) NOT NULL,\n  `index` VARBINARY(64) NOT NULL,\n  token BINARY(16) NOT NULL,\n  state TINYINT UNSIGNED NOT NULL,\n  PRIMARY KEY (gdid, `index`, token)"},
	{schemaTable, `position INT UNSIGNED NOT NULL PRIMARY KEY,
  file VARBINARY(255) NOT NULL,
  line INT UNSIGNED NOT NULL,
  checksum BINARY(32) NOT NULL,
  state TINYINT UNSIGNED NOT NULL,
  before_it BINARY(32) NOT NULL,
  at DATETIME(6) NOT NULL`},
}

// create gives the statement that creates the table in a database.
func (t tableDef) create(database string) string {
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (\n  %s\n) ENGINE=InnoDB", qualified(database, t.name), t.columns)
}

// quoted gives a name between backticks.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// qualified gives a table's name with its database. Every statement of this
// package names the database: sessions have no reliable default.
func qualified(database, table string) string { return quoted(database) + "." + quoted(table) }

// insertFence gives the statement that inserts all stripes, sealed and without an
// end, or those that are missing.
func insertFence(database string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT IGNORE INTO %s (stripe, layout, state) VALUES ", qualified(database, fenceTable))
	for i := range area.Stripes {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(%d,%d,%d)", i, area.Layout, area.StripeSealed)
	}
	return b.String()
}
