package provision

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
)

// The states of a statement in mdb_schema.
const (
	statementRuns   = 1 // it may have landed; before_it tells
	statementRan    = 2
	statementBroken = 3 // it failed half-way
)

// A note is a row of mdb_schema: what became of a statement.
type note struct {
	checksum [sha256.Size]byte
	state    uint8
	before   [sha256.Size]byte // fingerprint of the schema before it ran
}

// applySchema runs the statements that have not run yet, each exactly once
// however often a run is cut short. A statement that changes rows commits
// together with the note that it ran. One that changes the schema commits by
// itself; whether it landed is told by the schema, whose fingerprint was noted
// before.
func (s *session) applySchema(ctx context.Context, database string, statements []Statement, tell func(Statement)) error {
	notes, err := s.notes(ctx, database)
	if err != nil {
		return fmt.Errorf("read what ran on database %s: %w", database, err)
	}
	if err := checkNotes(notes, statements, database); err != nil {
		return err
	}
	if len(statements) == 0 {
		return nil
	}
	if err := s.exec(ctx, "USE "+quoted(database)); err != nil {
		return fmt.Errorf("use database %s: %w", database, err)
	}
	for i, st := range statements {
		n, noted := notes[i]
		if noted && n.state == statementRan {
			continue
		}
		tell(st)
		if err := s.apply(ctx, database, i, st, n); err != nil {
			return &SchemaError{File: st.File, Line: st.Line, Err: fmt.Errorf("on database %s: %w", database, err)}
		}
	}
	for _, setting := range sessionSettings {
		if err := s.exec(ctx, "SET SESSION "+setting+" = 1"); err != nil && !fromServer(err) {
			return fmt.Errorf("reset %s: %w", setting, err)
		}
	}
	return nil
}

// checkNotes refuses a schema that is not the one whose statements have run.
func checkNotes(notes map[int]note, statements []Statement, database string) error {
	for i, n := range notes {
		if n.state != statementRan {
			continue
		}
		if i >= len(statements) {
			return fmt.Errorf("the schema has fewer statements than ran on database %s already; %s", database, startOver)
		}
		if st := statements[i]; n.checksum != st.checksum() {
			return &SchemaError{File: st.File, Line: st.Line, Err: fmt.Errorf("the schema was changed up to here after it ran on database %s, which is not finished; put it back, or %s", database, startOver)}
		}
	}
	return nil
}

// startOver is the way out of an unfinished database.
const startOver = "drop the database, which was never open, and run again"

func (st Statement) checksum() [sha256.Size]byte { return sha256.Sum256([]byte(st.Text)) }

func (s *session) apply(ctx context.Context, database string, position int, st Statement, n note) error {
	switch st.kind {
	case changesSession:
		return s.exec(ctx, st.Text)
	case changesRows:
		return s.inTx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, st.Text); err != nil {
				return err
			}
			return write(ctx, tx, database, position, st, note{state: statementRan})
		})
	default:
		return s.applyChange(ctx, database, position, st, n)
	}
}

// applyChange runs a statement that commits by itself.
func (s *session) applyChange(ctx context.Context, database string, position int, st Statement, n note) error {
	before, err := s.fingerprint(ctx, database)
	if err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	switch {
	case n.state == statementBroken:
		return errors.New("an earlier run failed half-way through it; " + startOver)
	case n.state == statementRuns && n.before != before && n.checksum == st.checksum():
		return write(ctx, s.conn, database, position, st, note{state: statementRan})
	case n.state == statementRuns && n.before != before:
		return errors.New("an earlier run was cut short within it, and it was changed since; put it back, or " + startOver)
	}
	if err := write(ctx, s.conn, database, position, st, note{state: statementRuns, before: before}); err != nil {
		return err
	}
	if err := s.exec(ctx, st.Text); err != nil {
		if fromServer(err) { // otherwise it may have landed: the next run looks
			err = errors.Join(err, s.afterFailure(ctx, database, position, st, before))
		}
		return err
	}
	return write(ctx, s.conn, database, position, st, note{state: statementRan})
}

// afterFailure notes a statement that the server refused but that left a trace, so
// that the trace is not taken for its success.
func (s *session) afterFailure(ctx context.Context, database string, position int, st Statement, before [sha256.Size]byte) error {
	after, err := s.fingerprint(ctx, database)
	if err != nil || after == before {
		return err
	}
	return write(ctx, s.conn, database, position, st, note{state: statementBroken})
}

func (s *session) notes(ctx context.Context, database string) (map[int]note, error) {
	notes := make(map[int]note)
	query := "SELECT position, checksum, state, before_it FROM " + qualified(database, schemaTable)
	err := scanAll(ctx, s.conn, query, nil, func(rows *sql.Rows) error {
		var position int
		var n note
		var checksum, before []byte
		err := rows.Scan(&position, &checksum, &n.state, &before)
		copy(n.checksum[:], checksum)
		copy(n.before[:], before)
		notes[position] = n
		return err
	})
	return notes, err
}

// write notes what became of a statement.
func write(ctx context.Context, r runner, database string, position int, st Statement, n note) error {
	checksum := st.checksum()
	_, err := r.ExecContext(ctx, "REPLACE INTO "+qualified(database, schemaTable)+
		" (position, file, line, checksum, state, before_it, at) VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))",
		position, []byte(st.File), st.Line, checksum[:], n.state, n.before[:])
	if err != nil {
		return fmt.Errorf("note its progress: %w", err)
	}
	return nil
}
