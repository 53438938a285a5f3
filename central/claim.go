package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// The states of a claim in mdb_claim. A row is written once and never changes.
const (
	claimMade = 1
	claimVoid = 2
)

// settleTime bounds the wait for a transaction that uses an expired reservation at
// this very moment.
const settleTime = 2 * time.Second

var (
	// errInUse is returned when a transaction that may use the reservation is still
	// under way.
	errInUse = errors.New("a transaction that may use the reservation is under way; try again when it has ended")
	// errChanged is returned when others have changed the row that was to be ended.
	errChanged = errors.New("the reservation was changed meanwhile")
	// errVoid is returned by claims whose reservation was ended by somebody else.
	errVoid = fmt.Errorf("%w: another claimant or a sweep ended it before the transaction", ErrLapsed)
)

// Claim writes, in the transaction that creates the briefcase, that the
// reservation is used. A transaction that commits with it keeps the key for good,
// however late: [Reservation.Confirm] only makes it visible, and others do so when
// this process dies. Without a claim, whoever confirms after the reservation has
// expired may find it gone. It fails with [ErrLapsed] when the reservation was
// ended by others; the transaction must then be rolled back.
func (r *Reservation) Claim(ctx context.Context, tx *sql.Tx) error {
	_, err := Claim(ctx, tx, r)
	return err
}

// Claim is [Reservation.Claim] for several reservations of one id, in one
// statement. It reports whether a committed transaction has used all of them
// before, so that there is nothing left to do but to confirm.
func Claim(ctx context.Context, tx *sql.Tx, reservations ...*Reservation) (used bool, err error) {
	if len(reservations) == 0 {
		return false, nil
	}
	first := reservations[0]
	fail := func(err error) (bool, error) {
		return false, first.index.failID("claim", place{id: first.place.id}, err)
	}
	if reservations, err = distinct(reservations); err != nil {
		return fail(err)
	}
	err = insertClaims(ctx, tx, claimMade, reservations)
	if err == nil {
		return false, nil
	}
	if !isDuplicate(err) {
		return fail(err)
	}
	var left []*Reservation
	for _, r := range reservations {
		state, err := readClaim(ctx, tx, r)
		switch {
		case err != nil:
			return fail(err)
		case state == claimVoid:
			return fail(errVoid)
		case state == 0:
			left = append(left, r)
		}
	}
	if len(left) == 0 {
		return true, nil
	}
	if err := insertClaims(ctx, tx, claimMade, left); err != nil {
		return fail(err)
	}
	return false, nil
}

// distinct gives each reservation once, however often it was joined. All must be of
// one id: a claim counts in the shard of its own briefcase alone.
func distinct(reservations []*Reservation) ([]*Reservation, error) {
	var once []*Reservation
	for _, r := range reservations {
		if r.place.id != reservations[0].place.id {
			return nil, errors.New("the reservations are of several ids; claim each in a transaction of its own briefcase")
		}
		if !slices.ContainsFunc(once, func(o *Reservation) bool { return o.row.token == r.row.token }) {
			once = append(once, r)
		}
	}
	return once, nil
}

// Claimed reports whether committed transactions have claimed all of the
// reservations. It waits for one under way that has claimed them. So it tells what
// became of a transaction that came as far as its commit: if a reservation that it
// claimed is not claimed now, it has left no trace and never will.
func Claimed(ctx context.Context, tx *sql.Tx, reservations ...*Reservation) (bool, error) {
	for _, r := range reservations {
		state, err := readClaim(ctx, tx, r)
		if err != nil || state != claimMade {
			return false, err
		}
	}
	return true, nil
}

func insertClaims(ctx context.Context, tx *sql.Tx, state int, reservations []*Reservation) error {
	args := make([]any, 0, 4*len(reservations))
	for _, r := range reservations {
		args = append(args, r.place.id, r.index.Name(), r.row.token[:], state)
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO mdb_claim (gdid, `index`, token, state) VALUES (?, ?, ?, ?)"+
		strings.Repeat(", (?, ?, ?, ?)", len(reservations)-1), args...)
	return err
}

// readClaim gives the state of a claim, 0 when there is none. The row is locked,
// so that what is read is what is committed.
func readClaim(ctx context.Context, tx *sql.Tx, r *Reservation) (int, error) {
	var state int
	err := tx.QueryRowContext(ctx, "SELECT state FROM mdb_claim WHERE gdid = ? AND `index` = ? AND token = ? LOCK IN SHARE MODE",
		r.place.id, r.index.Name(), r.row.token[:]).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return state, err
}

// settle makes sure that no transaction can use an expired reservation any more,
// and reports whether one has. It asks the shard of the briefcase that the
// reservation was made for, the only place that knows.
func (x *Index) settle(ctx context.Context, p place, old *row) (used bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	r := &Reservation{index: x, place: place{shard: p.shard, key: p.key, id: old.id}, row: *old}
	reached := false
	err = x.briefcases.InTx(bounded, x.spec, old.id, func(tx *sql.Tx) error {
		used, reached = false, true
		err := insertClaims(bounded, tx, claimVoid, []*Reservation{r})
		if !isDuplicate(err) {
			return err
		}
		state, err := readClaim(bounded, tx, r)
		if err == nil && state == 0 { // who wrote it has left no trace
			return insertClaims(bounded, tx, claimVoid, []*Reservation{r})
		}
		used = state == claimMade
		return err
	})
	switch {
	case err == nil:
		return used, nil
	case ctx.Err() != nil:
		return false, withoutID(err)
	case reached && bounded.Err() != nil:
		return false, errInUse
	}
	return false, &unsettledError{cause: withoutID(err)}
}

// An unsettledError is returned when the shard that knows what became of an expired
// reservation cannot be asked. It is never a deadline: that is not the caller's.
type unsettledError struct{ cause error }

// Error says whose answer is missing, and what to do.
func (e *unsettledError) Error() string {
	return fmt.Sprintf("the key has a reservation that expired, and whether it was used only the shard of its holder can tell; try again when that answers: %v", e.cause)
}

// Unwrap gives the class.
func (e *unsettledError) Unwrap() error {
	if errors.Is(e.cause, context.DeadlineExceeded) {
		return area.ErrUnavailable
	}
	return e.cause
}

// withoutID hides whose reservation could not be settled: it may be another's.
func withoutID(err error) error {
	e, ok := errors.AsType[*area.Error](err)
	if !ok {
		return err
	}
	nameless := *e
	nameless.ID = gdid.GDID{}
	return &nameless
}

// finish makes a used reservation live, for whoever did not come to it.
func (x *Index) finish(ctx context.Context, p place, old *row) error {
	p.id = old.id
	_, err := x.exec(ctx, p.shard, x.enliven(p, old.token))
	return err
}

// end ends an unused reservation of an id, perhaps before its time. It reports
// whether a committed transaction had used it; then it is live. It fails with
// errChanged if the row is no longer what it was.
func (x *Index) end(ctx context.Context, p place, now *row) (used bool, err error) {
	if now.expired {
		return x.endExpired(ctx, p, now)
	}
	changed, err := x.exec(ctx, p.shard, x.expire(p, now))
	switch {
	case err != nil:
		return false, err
	case changed == 0:
		return false, errChanged
	}
	now.version++
	return x.endExpired(ctx, p, now)
}

// endExpired is end for a reservation that nobody can join any more. Where the row is
// no longer what it was, it stays, and the answer is right all the same.
func (x *Index) endExpired(ctx context.Context, p place, now *row) (used bool, err error) {
	if used, err = x.settle(ctx, p, now); err != nil {
		return false, err
	}
	if used {
		return true, x.finish(ctx, p, now)
	}
	_, err = x.exec(ctx, p.shard, x.remove(p, now))
	return false, err
}
