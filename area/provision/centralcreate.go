package provision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/mdbrouter/mdb/area"
)

// centralString is String for the creation of a CENTRAL shard.
func (s Step) centralString(shard string) string {
	verb := "create"
	if s.Resume {
		verb = "finish"
	}
	if s.Statements == 1 {
		return verb + " " + shard + ", 1 index"
	}
	return fmt.Sprintf("%s %s, %d indexes", verb, shard, s.Statements)
}

// central takes the steps of CENTRAL on one server.
func (r *run) central(ctx context.Context, d *decision, server string) error {
	s := r.sessions[server]
	for i := range d.centrals {
		c := &d.centrals[i]
		if c.shard.Server != server {
			continue
		}
		if !c.stands {
			if err := r.step(c.steps()[0], func() error { return s.createCentral(ctx, c) }); err != nil {
				return err
			}
			continue
		}
		for _, step := range c.steps() {
			if err := r.step(step, func() error { return s.extendCentral(ctx, c, step) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// createCentral makes a database a CENTRAL shard, or finishes what an earlier run
// began. Each statement may be the last one of a run.
func (s *session) createCentral(ctx context.Context, c *centralCreation) error {
	database := c.shard.Database
	statement := "CREATE DATABASE IF NOT EXISTS " + quoted(database) + " CHARACTER SET utf8mb4 COLLATE " + collation
	if err := s.exec(ctx, statement); err != nil {
		return fmt.Errorf("create database %s: %w", database, err)
	}
	for i, t := range centralTables {
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
	for _, a := range c.admit {
		if err := s.admit(ctx, database, a); err != nil {
			return err
		}
	}
	for _, x := range c.indexes {
		if err := s.createIndex(ctx, database, x); err != nil {
			return err
		}
	}
	if err := s.stampCentral(ctx, c); err != nil {
		return fmt.Errorf("stamp database %s: %w", database, err)
	}
	return nil
}

// createIndex creates the table of an index, and writes down then how its keys are
// made.
func (s *session) createIndex(ctx context.Context, database string, x *area.Index) error {
	if err := s.exec(ctx, indexDef(x).create(database)); err != nil {
		return fmt.Errorf("create table %s in database %s: %w", x.Table(), database, err)
	}
	err := s.exec(ctx, "INSERT IGNORE INTO "+qualified(database, indexTable)+" (name, spec, created) VALUES (?, ?, UTC_TIMESTAMP(6))", []byte(x.Name), []byte(x.Recipe()))
	if err != nil {
		return fmt.Errorf("note index %s in database %s: %w", x.Name, database, err)
	}
	return nil
}

// extendCentral takes a step on a CENTRAL shard that stands.
func (s *session) extendCentral(ctx context.Context, c *centralCreation, step Step) error {
	for _, x := range c.indexes {
		if step.Kind == CreateIndex && step.Index == x.Name {
			return s.createIndex(ctx, c.shard.Database, x)
		}
	}
	for _, a := range c.admit {
		if step.Kind == AdmitReplica && step.Identity == a.Identity {
			return s.admit(ctx, c.shard.Database, a)
		}
	}
	return nil
}

// stampCentral makes the database a CENTRAL shard: from its commit on services
// accept it.
func (s *session) stampCentral(ctx context.Context, c *centralCreation) error {
	database := c.shard.Database
	return s.inTx(ctx, func(tx *sql.Tx) error {
		changed, err := execCount(ctx, tx, "UPDATE "+qualified(database, provisionTable)+" SET phase = ? WHERE one = 1 AND phase = ?", Done, Building)
		if err != nil {
			return err
		}
		if changed != 1 {
			return errors.New("it was finished by somebody else")
		}
		// The layout is written into the text: it may exceed what some drivers pass.
		_, err = tx.ExecContext(ctx, strings.Join([]string{
			"INSERT INTO", qualified(database, shardTable), "(one,", stampColumns + ", layout, schema_version, created)",
			"SELECT one,", stampColumns + fmt.Sprintf(", %d, %d, UTC_TIMESTAMP(6) FROM", c.shard.Layout, schemaVersion), qualified(database, provisionTable), "WHERE one = 1",
		}, " "))
		return err
	})
}
