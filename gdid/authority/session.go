package authority

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// A session is one connection, and what was read on it: a connection stays with
// one server for its whole life, so its identity need not be asked again.
type session struct {
	conn     *sql.Conn
	identity string
	rows     map[string]rowSeen // by sequence, as read last
	used     time.Time
	answered bool // a statement succeeded since it was taken last
}

// rowSeen is what a lease must know of a row to be one statement. When it has
// become wrong the statement changes nothing.
type rowSeen struct {
	era     uint32
	bounded bool // there is a ceiling or a hold
}

// open gives a session on a connection of the pool.
func (m *MySQL) open(ctx context.Context) (*session, error) {
	conn, err := m.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, rows: make(map[string]rowSeen)}
	if err := s.identify(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// close gives the connection back to the pool, which drops it if it is broken.
func (s *session) close() { _ = s.conn.Close() }

// mayBeStale reports whether an error can come from a connection that broke while
// it was not used.
func (s *session) mayBeStale(ctx context.Context, err error) bool {
	_, answer := errors.AsType[area.ServerError](err)
	return !s.answered && !answer && ctx.Err() == nil
}

// identify reads which server the connection goes to, and refuses one on which a
// lease would not commit by itself.
func (s *session) identify(ctx context.Context) error {
	names := area.IdentityVariables()
	rows, err := s.conn.QueryContext(ctx, "SHOW VARIABLES WHERE Variable_name IN ('"+strings.Join(names, "', '")+"')")
	if err != nil {
		return err
	}
	defer rows.Close()
	variables := make(map[string]string, len(names))
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		variables[strings.ToLower(name)] = value
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if v := variables["autocommit"]; v != "" && v != "ON" && v != "1" {
		return fmt.Errorf("autocommit is %s on the connection; a lease must commit by itself", v)
	}
	s.identity = area.Identity(variables)
	return nil
}

// lease gives a block. As long as the era is known it is one statement; when that
// changes no row, the row is read to see why.
func (s *session) lease(ctx context.Context, m *MySQL, req Request) (Block, error) {
	if req.Count == 0 {
		return Block{}, errNothingGiven
	}
	if seen, known := s.rows[req.Sequence]; known {
		block, ok, err := s.update(ctx, m, req, seen, req.Count)
		if ok || err != nil {
			return block, err
		}
	}
	for range maxTries {
		state, err := s.read(ctx, s.conn, m.sql.read, m.key(req.Sequence))
		if err != nil {
			return Block{}, err
		}
		seen := rowSeen{era: state.Era, bounded: !state.top().IsZero()}
		s.rows[req.Sequence] = seen
		if state.Unfenced() {
			return Block{}, s.unfenced(state)
		}
		block, err := state.grant(m.config.Number, req)
		if err != nil {
			return Block{}, err
		}
		var ok bool
		if block.Era == state.Era {
			block, ok, err = s.update(ctx, m, req, seen, block.Count)
		} else {
			ok, err = s.advance(ctx, m, req.Sequence, state.Record, block)
		}
		if ok || err != nil {
			return block, err
		}
	}
	return Block{}, fmt.Errorf("others moved the head %d times between reading and writing it", maxTries)
}

func (s *session) unfenced(state State) error {
	return fmt.Errorf("%w: it is on %s, recorded is %s", ErrAuthorityUnfenced, named(s.identity), named(state.Server))
}

func named(identity string) string {
	if identity == "" {
		return "a server without identity"
	}
	return identity
}

// update leases count counters within the era of a row. It reports false when no
// row changed.
func (s *session) update(ctx context.Context, m *MySQL, req Request, seen rowSeen, count uint64) (Block, bool, error) {
	least, lowest, ok := req.within(seen.era)
	if !ok || count > fullHead || least > fullHead-count {
		return Block{}, false, nil
	}
	statement := m.sql.lease
	args := []any{
		least, count, m.config.Namespace, req.Sequence, m.config.Number,
		seen.era, s.identity, lowest, fullHead - count,
	}
	if seen.bounded {
		statement = m.sql.bounded
		args = append(args, least, count)
	}
	result, err := s.conn.ExecContext(ctx, statement, args...)
	if err != nil {
		return Block{}, false, err
	}
	s.answered = true
	if changed, err := result.RowsAffected(); err != nil || changed == 0 {
		return Block{}, false, err
	}
	head, err := result.LastInsertId()
	if err != nil {
		return Block{}, false, err
	}
	if uint64(head) < count || uint64(head)-count < least {
		return Block{}, false, fmt.Errorf("%w: the server answered head %d to a lease of %d ids from %d on", ErrWentBack, head, count, least)
	}
	return Block{Authority: m.config.Number, Era: seen.era, First: uint64(head) - count, Count: count}, true, nil
}

// within gives the bounds of a lease in an era: the least first counter, and the
// lowest head from which to lease. It reports false when the lease cannot be in
// this era.
func (q Request) within(era uint32) (least, lowest uint64, ok bool) {
	if q.After.Era > era || q.Own.Era > era {
		return 0, 0, false
	}
	if q.After.Era == era {
		least = q.After.Counter + 1
		lowest = least - min(q.MaxJump, least)
	}
	if q.Own.Era == era {
		lowest = max(lowest, q.Own.Counter+1)
	}
	return least, lowest, true
}

// advance moves the head into a later era, past a block there. It reports false
// when the row is not as it was read.
func (s *session) advance(ctx context.Context, m *MySQL, sequence string, from Record, b Block) (bool, error) {
	args := []any{b.Era, b.First + b.Count}
	args = append(args, m.key(sequence)...)
	args = append(args, from.Era, from.Head, s.identity)
	args = append(args, bound(from.Ceiling)...)
	args = append(args, bound(from.Hold)...)
	result, err := s.conn.ExecContext(ctx, m.sql.advance, args...)
	if err != nil {
		return false, err
	}
	changed, err := result.RowsAffected()
	return changed > 0, err
}

// A querier is a connection or a transaction on it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read gives the row of a sequence.
func (s *session) read(ctx context.Context, q querier, statement string, key []any) (State, error) {
	state := State{Here: s.identity}
	var ceilingEra, holdEra sql.Null[uint32]
	var ceilingCounter, holdCounter sql.Null[uint64]
	err := q.QueryRowContext(ctx, statement, key...).Scan(&state.Era, &state.Head, &ceilingEra, &ceilingCounter, &holdEra, &holdCounter, &state.Server)
	s.answered = err == nil || errors.Is(err, sql.ErrNoRows)
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, ErrNotProvisioned
	}
	if err != nil {
		return State{}, err
	}
	state.Ceiling = gdid.RangeKey{Era: ceilingEra.V, Counter: ceilingCounter.V}
	state.Hold = gdid.RangeKey{Era: holdEra.V, Counter: holdCounter.V}
	if state.Head > fullHead || !state.Ceiling.Valid() || !state.Hold.Valid() {
		return State{}, fmt.Errorf("the row holds what no sequence can: head %d, ceiling %v, hold %v", state.Head, state.Ceiling, state.Hold)
	}
	return state, nil
}

// bound gives the two columns of a bound.
func bound(k gdid.RangeKey) []any {
	if k.IsZero() {
		return []any{nil, nil}
	}
	return []any{k.Era, k.Counter}
}

// create creates the table and the row, unless they are there.
func (s *session) create(ctx context.Context, m *MySQL, sequence string, first gdid.RangeKey) error {
	for _, statement := range []string{m.sql.database, m.sql.create} {
		if statement == "" {
			continue
		}
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := s.conn.ExecContext(ctx, m.sql.insert, m.config.Namespace, sequence, m.config.Number, first.Era, first.Counter, s.identity)
	return err
}

// change replaces a row in a transaction that keeps leases out.
func (s *session) change(ctx context.Context, m *MySQL, sequence string, change func(State) (Record, error)) error {
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	state, err := s.read(ctx, tx, m.sql.lock, m.key(sequence))
	if err != nil {
		return err
	}
	record, err := change(state)
	if err != nil || record == state.Record {
		return err
	}
	args := []any{record.Era, record.Head}
	args = append(args, bound(record.Ceiling)...)
	args = append(args, bound(record.Hold)...)
	args = append(args, record.Server)
	args = append(args, m.key(sequence)...)
	args = append(args, state.Era, state.Head)
	result, err := tx.ExecContext(ctx, m.sql.write, args...)
	if err != nil {
		return err
	}
	if changed, err := result.RowsAffected(); err != nil || changed != 1 {
		return errors.Join(err, errors.New("the row changed under its lock"))
	}
	return tx.Commit()
}
