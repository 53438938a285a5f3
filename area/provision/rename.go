package provision

import (
	"context"
	"database/sql"
	"fmt"
)

// checkRenamed refuses a database that has another name than its stamp says, unless
// it is the only one of its shard: otherwise it may be a copy.
func checkRenamed(stamp Stamp, at spot, states []ServerState) error {
	for i := range states {
		s := &states[i]
		if s.Err != nil {
			return fmt.Errorf("database %s was made as %s; whether that stands on %s cannot be told: %w", at.database, stamp.Database, s.Server, s.Err)
		}
		for j := range s.Databases {
			db := &s.Databases[j]
			other := db.identity()
			if other != nil && other.place() == stamp.place() && at != (spot{s.Server, db.Name}) {
				return fmt.Errorf("database %s was made as %s; the shard stands in database %s on %s too, so one is a copy", at.database, stamp.Database, db.Name, s.Server)
			}
		}
	}
	return nil
}

// rename writes down the name that a database has now.
func (s *session) rename(ctx context.Context, database string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{shardTable, provisionTable} {
			if _, err := tx.ExecContext(ctx, "UPDATE "+qualified(database, table)+" SET database_name = ? WHERE one = 1", []byte(database)); err != nil {
				return fmt.Errorf("note the name of database %s: %w", database, err)
			}
		}
		return nil
	})
}
