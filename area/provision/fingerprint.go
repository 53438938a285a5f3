package provision

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
)

// routines lists what SHOW CREATE TABLE does not show.
var routines = []string{
	"SELECT trigger_name, action_timing, event_manipulation, event_object_table, action_statement FROM information_schema.triggers WHERE trigger_schema = ? ORDER BY trigger_name",
	"SELECT routine_name, routine_type, routine_definition FROM information_schema.routines WHERE routine_schema = ? ORDER BY routine_type, routine_name",
	"SELECT event_name, event_definition, interval_value, interval_field, status FROM information_schema.events WHERE event_schema = ? ORDER BY event_name",
}

// fingerprint gives a hash of all tables, views, triggers, routines and events of
// a database, without the mdb_ tables.
func (s *session) fingerprint(ctx context.Context, database string) ([sha256.Size]byte, error) {
	d := DatabaseState{Name: database}
	if err := d.readTables(ctx, s.conn); err != nil {
		return [sha256.Size]byte{}, err
	}
	h := sha256.New()
	for _, name := range d.Tables {
		if slices.ContainsFunc(tables, func(t tableDef) bool { return t.name == name }) {
			continue
		}
		if err := hashRows(ctx, s.conn, h, "SHOW CREATE TABLE "+qualified(database, name)); err != nil {
			return [sha256.Size]byte{}, fmt.Errorf("show table %s: %w", name, err)
		}
	}
	for _, query := range routines {
		if err := hashRows(ctx, s.conn, h, query, database); err != nil {
			return [sha256.Size]byte{}, err
		}
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// hashRows adds every value of an answer to a hash, each behind its length.
func hashRows(ctx context.Context, q querier, h hash.Hash, query string, args ...any) error {
	return scanAll(ctx, q, query, args, func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]sql.RawBytes, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for _, v := range values {
			var length [8]byte
			binary.BigEndian.PutUint64(length[:], uint64(len(v)))
			h.Write(length[:])
			h.Write(v)
		}
		return nil
	})
}
