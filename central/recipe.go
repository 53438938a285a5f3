package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mdbrouter/mdb/area"
)

// open gives the connections to a shard for a statement of the index. Before the
// first one it makes sure, in a round trip of its own, that the index of the shard
// is the one that this process knows: one that makes keys in another way would give
// them twice. What it found does not change, so it is asked once per process.
func (x *Index) open(ctx context.Context, s *shard) (*sql.DB, error) {
	db, err := s.db.DB()
	if err != nil || x.known[s.place.Index].Load() {
		return db, err
	}
	return db, x.compare(ctx, db, s)
}

// compare holds what stands in the shard about the index against the configuration.
// A column that is too short would have a server cut keys off, if it is lax.
func (x *Index) compare(ctx context.Context, db *sql.DB, s *shard) error {
	differs := func(fact, want, got string) error {
		return &area.IdentityError{Server: s.place.Server, Database: s.place.Database, Fact: fact + " of index " + x.spec.Name, Want: want, Got: got}
	}
	var recipe, column sql.NullString
	err := db.QueryRowContext(ctx, x.selectRecipe()).Scan(&recipe, &column)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return differs("recipe", x.spec.Recipe(), `none; run "mdbctl provision"`)
	case err != nil:
		return err
	case recipe.String != x.spec.Recipe():
		return differs("recipe", x.spec.Recipe(), recipe.String)
	}
	var width int
	if _, err := fmt.Sscanf(column.String, "varbinary(%d)", &width); err != nil || width < x.codec.MaxBytes() {
		return differs("key column", fmt.Sprintf("varbinary(%d)", x.codec.MaxBytes()), column.String)
	}
	x.known[s.place.Index].Store(true)
	return nil
}

// selectRecipe gives no row where the index was never created.
func (x *Index) selectRecipe() string {
	return "SELECT m.spec, LOWER(c.column_type) FROM mdb_index m LEFT JOIN information_schema.columns c ON c.table_schema = DATABASE() AND c.table_name = '" +
		x.spec.Table() + "' AND c.column_name = 'key' WHERE m.name = '" + x.spec.Name + "'"
}

// Check opens a connection to the shard with an index in CENTRAL's list, or takes an
// idle one, and makes sure that all indexes are there as this process knows them.
func (c *Central) Check(ctx context.Context, shard int) error {
	s := c.shards[shard]
	db, err := s.db.DB()
	if err == nil {
		err = db.PingContext(ctx)
	}
	if err != nil {
		return err
	}
	var faults []error
	for _, x := range c.indexes {
		faults = append(faults, x.compare(ctx, db, s))
	}
	return errors.Join(faults...)
}
