package provision

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// create makes a database a shard, or finishes what an earlier run began. Each
// statement may be the last one of a run.
func (r *run) create(ctx context.Context, s *session, c *creation) error {
	database := c.shard.Database
	statement := "CREATE DATABASE IF NOT EXISTS " + quoted(database) + " CHARACTER SET utf8mb4 COLLATE " + collation
	if err := s.exec(ctx, statement); err != nil {
		return fmt.Errorf("create database %s: %w", database, err)
	}
	for i, t := range tables {
		if err := s.exec(ctx, t.create(database)); err != nil {
			return fmt.Errorf("create table %s in database %s: %w", t.name, database, err)
		}
		if i > 0 {
			continue
		}
		if err := s.claim(ctx, database, c.want); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, insertFence(database)); err != nil {
		return fmt.Errorf("insert the stripes of database %s: %w", database, err)
	}
	for _, a := range c.admit {
		if err := s.admit(ctx, database, a); err != nil {
			return err
		}
	}
	tell := func(st Statement) { r.tell(c.step(), Began, fmt.Sprintf("%s:%d", st.File, st.Line)) }
	if err := s.applySchema(ctx, database, c.statements, tell); err != nil {
		return err
	}
	if err := s.stamp(ctx, c); err != nil {
		return fmt.Errorf("stamp database %s: %w", database, err)
	}
	return nil
}

// claim writes down which shard the database is to be, before anything else is in
// it, unless that stands there already.
func (s *session) claim(ctx context.Context, database string, w Stamp) error {
	var uid [16]byte
	if _, err := rand.Read(uid[:]); err != nil {
		return err
	}
	err := s.exec(ctx, "INSERT IGNORE INTO "+qualified(database, provisionTable)+" (one, "+stampColumns+", phase) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		[]byte(w.Namespace), []byte(w.Area), w.Start.Era, w.Start.Counter, w.Shard, w.Shards, []byte(w.Hash), []byte(database), uid[:], Building)
	if err != nil {
		return fmt.Errorf("claim database %s: %w", database, err)
	}
	d := DatabaseState{Name: database}
	if err := d.readDraft(ctx, s.conn); err != nil {
		return fmt.Errorf("read the claim on database %s: %w", database, err)
	}
	if d.Draft == nil {
		return fmt.Errorf("the claim on database %s is not there", database)
	}
	return d.Draft.difference(w, s.server, database)
}

// admit lets a server serve a database, under the label and in the role that it
// has now.
func (s *session) admit(ctx context.Context, database string, a Admitted) error {
	err := s.exec(ctx, "INSERT INTO "+qualified(database, serverTable)+" (identity, server, role, admitted) VALUES (?, ?, ?, UTC_TIMESTAMP(6))"+
		" ON DUPLICATE KEY UPDATE server = VALUES(server), role = VALUES(role)",
		[]byte(a.Identity), []byte(a.Server), []byte(a.Role))
	if err != nil {
		return fmt.Errorf("admit %s to database %s: %w", a.Identity, database, err)
	}
	return nil
}

// stamp makes the database a shard: from its commit on services accept it.
func (s *session) stamp(ctx context.Context, c *creation) error {
	database := c.shard.Database
	state, phase := area.StripeOpen, Done
	if c.sealed {
		state, phase = area.StripeSealed, Sealed
	}
	era, counter := any(nil), any(nil)
	if c.ended {
		era, counter = c.end.Era, c.end.Counter
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		// The claim is locked first. If it was stamped already, by a COMMIT whose
		// answer was lost to nobody we know, nothing is left to do here.
		changed, err := execCount(ctx, tx, "UPDATE "+qualified(database, provisionTable)+" SET phase = ? WHERE one = 1 AND phase = ?", phase, Building)
		if err != nil {
			return err
		}
		if changed != 1 {
			return errors.New("it was finished by somebody else")
		}
		if _, err := tx.ExecContext(ctx, "UPDATE "+qualified(database, fenceTable)+" SET state = ?, end_era = ?, end_counter = ? WHERE stripe >= 0", state, era, counter); err != nil {
			return err
		}
		var rows int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+qualified(database, fenceTable)).Scan(&rows); err != nil {
			return err
		}
		if rows != area.Stripes {
			return fmt.Errorf("%s has %d rows instead of %d: did the schema touch it?", fenceTable, rows, area.Stripes)
		}
		_, err = tx.ExecContext(ctx, strings.Join([]string{
			"INSERT INTO", qualified(database, shardTable), "(one,", stampColumns + ", layout, schema_version, created)",
			"SELECT one,", stampColumns + ", ?, ?, UTC_TIMESTAMP(6) FROM", qualified(database, provisionTable), "WHERE one = 1",
		}, " "), area.Layout, schemaVersion)
		return err
	})
}
