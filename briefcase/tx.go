package briefcase

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mdbrouter/mdb/area"
)

const (
	// maxAttempts is how often InTx runs a transaction at most.
	maxAttempts = 4
	// firstPause is the mean pause before the second run; it doubles each time.
	firstPause = 10 * time.Millisecond
)

// BeginTx begins a fenced transaction. It fails with [area.ErrOutOfRange],
// [area.ErrMoving] or [area.ErrMoved] when the shard refuses the id. The
// transaction is never run again by itself. After a server error that ended it
// on the server, every later statement and Commit fail with [area.ErrTxDead].
//
// With ReadOnly the transaction is checked by the fence but not locked. It reads
// one snapshot, the one that was checked, under REPEATABLE READ, the default of the
// servers; under a lower level each statement reads its own.
func (b *Briefcase) BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error) {
	db, err := b.home.db.DB()
	if err != nil {
		return nil, b.wrap("begin", err)
	}
	f := fence{id: b.id, readOnly: opts != nil && opts.ReadOnly}
	tx, err := db.BeginTx(area.WithFence(ctx, f), opts)
	if err != nil {
		return nil, b.wrap("begin", err)
	}
	return tx, nil
}

// InTx runs fn in a fenced transaction and commits it; it rolls back when fn
// fails or panics. It runs fn again, up to four times in all, when the whole
// transaction is known to have left no trace and another try may help: after a
// deadlock, a lock wait timeout, a lost connection before the commit, an
// overloaded server, or a briefcase that is moving. So fn may run more than once
// and must not have effects elsewhere. It is never run again when the commit may
// have landed: that error is an [area.ErrOutcomeUnknown]. fn must not commit or
// roll back itself: then it is not run again either, and an InTx that finds
// nothing left to commit fails with [area.ErrOutcomeUnknown].
//
// Errors of fn come back as they are; those of begin and commit in an
// [area.Error].
func (b *Briefcase) InTx(ctx context.Context, opts *sql.TxOptions, fn func(tx *sql.Tx) error) error {
	return b.run(ctx, "commit", opts, fn)
}

func (b *Briefcase) run(ctx context.Context, op string, opts *sql.TxOptions, fn func(tx *sql.Tx) error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		again, err := b.once(ctx, op, opts, fn)
		if err == nil || attempt == maxAttempts || !again || !wait(ctx, pause) {
			return err
		}
		if b.home.retry != nil {
			b.home.retry(Retry{ID: b.id, Shard: b.home.shard, Attempt: attempt, Err: err})
		}
		pause *= 2
	}
}

// once runs fn in one transaction, and reports whether it may run again. op names
// the step in the error of a commit.
func (b *Briefcase) once(ctx context.Context, op string, opts *sql.TxOptions, fn func(tx *sql.Tx) error) (again bool, err error) {
	tx, err := b.BeginTx(ctx, opts)
	if err != nil {
		return mayRunAgain(err), err
	}
	returned := false
	defer func() {
		if !returned { // fn panicked or ended its goroutine
			_ = tx.Rollback()
		}
	}()
	err = fn(tx)
	returned = true
	if err != nil {
		// What fn has ended itself may have landed, whatever its error says.
		open := !errors.Is(tx.Rollback(), sql.ErrTxDone)
		return open && mayRunAgain(err), err
	}
	err = tx.Commit()
	if errors.Is(err, sql.ErrTxDone) {
		if err = ctx.Err(); err == nil { // otherwise database/sql rolled back when the context ended
			err = errEnded
		}
	}
	return mayRunAgain(err), b.wrap(op, err)
}

// errEnded is returned when fn leaves nothing to commit or roll back.
var errEnded = fmt.Errorf("the function has ended the transaction itself: %w; %w", sql.ErrTxDone, area.ErrOutcomeUnknown)

// mayRunAgain reports whether a failed transaction left no trace and may succeed
// when it is run again on the same server.
func mayRunAgain(err error) bool {
	class := area.Classify(err)
	if class.Outcome != area.NotApplied {
		return false
	}
	return class.Advice == area.Retry || class.Advice == area.BackOff || errors.Is(err, area.ErrConnLost)
}

// wait pauses for between half and one and a half times d. It reports false at
// once when the context is over or would be by then.
func wait(ctx context.Context, d time.Duration) bool {
	d = d/2 + rand.N(d)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
