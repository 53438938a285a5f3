package briefcase_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/briefcase"
)

// serverError is an error as a server sends one.
type serverError uint16

func (e serverError) Error() string    { return fmt.Sprintf("error %d", uint16(e)) }
func (e serverError) Number() uint16   { return uint16(e) }
func (e serverError) SQLState() string { return "HY000" }

const deadlock = serverError(1213)

func insert(ctx context.Context) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT")
		return err
	}
}

func TestInTx_runs_again_when_nothing_was_applied(t *testing.T) {
	t.Parallel()
	again := map[string]error{
		"deadlock at commit":       deadlock,
		"lost before the commit":   area.ErrConnLost,
		"too many connections":     serverError(1040),
		"moving":                   area.ErrMoving,
		"dead of a swallowed 1213": fmt.Errorf("%w: %w", area.ErrTxDead, deadlock),
	}
	for name, failure := range again {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeDB(t)
			f.commit = []error{failure}
			var retries []briefcase.Retry
			b := f.handle(briefcase.Options{Retry: func(r briefcase.Retry) { retries = append(retries, r) }})
			require.NoError(t, b.InTx(t.Context(), nil, insert(t.Context())))
			require.Equal(t, []string{"begin", "INSERT", "commit", "begin", "INSERT", "commit"}, f.noted())
			require.Len(t, retries, 1)
			require.Equal(t, 1, retries[0].Attempt)
			require.ErrorIs(t, retries[0].Err, failure)
			require.Equal(t, id, retries[0].ID)
		})
	}
}

func TestInTx_never_runs_again(t *testing.T) {
	t.Parallel()
	never := map[string]error{
		"the commit may have landed":                   fmt.Errorf("%w: %w", area.ErrConnLost, area.ErrOutcomeUnknown),
		"the commit may have landed, after a deadlock": fmt.Errorf("%w: %w", deadlock, area.ErrOutcomeUnknown),
		"a duplicate key":                              serverError(1062),
		"out of range":                                 area.ErrOutOfRange,
		"moved":                                        area.ErrMoved,
		"an error nobody knows":                        errors.New("x"),
	}
	for name, failure := range never {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeDB(t)
			f.commit = []error{failure}
			err := f.handle(briefcase.Options{}).InTx(t.Context(), nil, insert(t.Context()))
			require.ErrorIs(t, err, failure)
			require.Equal(t, []string{"begin", "INSERT", "commit"}, f.noted())
			facts, ok := errors.AsType[*area.Error](err)
			require.True(t, ok)
			require.Equal(t, "mdb: commit user 0:1:250122 (shard p1/2 on u3): "+failure.Error(), facts.Error())
		})
	}
}

// A function that commits by itself, against the rules, and fails then with
// something that invites another try.
func TestInTx_never_runs_again_what_the_function_has_ended(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*sql.Tx) error{"commit": (*sql.Tx).Commit, "rollback": (*sql.Tx).Rollback} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeDB(t)
			err := f.handle(briefcase.Options{}).InTx(t.Context(), nil, func(tx *sql.Tx) error {
				require.NoError(t, insert(t.Context())(tx))
				require.NoError(t, end(tx))
				return deadlock
			})
			require.Equal(t, deadlock, err)
			require.Equal(t, []string{"begin", "INSERT", name}, f.noted())

			err = f.handle(briefcase.Options{}).InTx(t.Context(), nil, end)
			require.ErrorIs(t, err, sql.ErrTxDone)
			require.ErrorContains(t, err, "ended the transaction itself")
			require.Equal(t, area.Class{Advice: area.Fail, Outcome: area.Unknown}, area.Classify(err), "it may well have landed")
			require.Equal(t, []string{"begin", "INSERT", name, "begin", name}, f.noted())
		})
	}
}

func TestInTx_gives_up(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	runs := 0
	err := f.handle(briefcase.Options{}).InTx(t.Context(), nil, func(*sql.Tx) error {
		runs++
		return deadlock
	})
	require.Equal(t, deadlock, err, "an error of the function comes back as it is")
	require.Equal(t, briefcase.MaxAttempts, runs)
}

func TestInTx_does_not_outlast_the_context(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := f.handle(briefcase.Options{}).InTx(ctx, nil, func(*sql.Tx) error {
		runs++
		cancel()
		return deadlock
	})
	require.Equal(t, deadlock, err)
	require.Equal(t, 1, runs)
}

func TestInTx_reports_the_end_of_the_context(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := f.handle(briefcase.Options{}).InTx(ctx, nil, func(*sql.Tx) error {
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NotContains(t, f.noted(), "commit")
	require.Equal(t, area.NotApplied, area.Classify(err).Outcome)
}

func TestInTx_rolls_back_a_panic(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	require.PanicsWithValue(t, "boom", func() {
		_ = f.handle(briefcase.Options{}).InTx(t.Context(), nil, func(*sql.Tx) error { panic("boom") })
	})
	require.Equal(t, []string{"begin", "rollback"}, f.noted())
}

func TestInTx_fences_readers_too(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	require.NoError(t, f.handle(briefcase.Options{}).InTx(t.Context(), &sql.TxOptions{ReadOnly: true}, func(*sql.Tx) error { return nil }))
	require.Equal(t, []string{"begin read only", "commit"}, f.noted())
}

func TestBeginTx_is_never_run_again(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	f.begin = []error{area.ErrMoving}
	_, err := f.handle(briefcase.Options{}).BeginTx(t.Context(), nil)
	require.ErrorIs(t, err, area.ErrMoving)
	require.Equal(t, []string{"begin"}, f.noted())
}

func TestExecContext(t *testing.T) {
	t.Parallel()
	f := newFakeDB(t)
	f.commit = []error{deadlock}
	result, err := f.handle(briefcase.Options{}).ExecContext(t.Context(), "INSERT")
	require.NoError(t, err)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, []string{"begin", "INSERT", "commit", "begin", "INSERT", "commit"}, f.noted())
}

// closed is a shard whose connections cannot be had.
type closed struct{}

func (closed) DB() (*sql.DB, error) { return nil, area.ErrClosed }

func TestBriefcase_without_connections(t *testing.T) {
	t.Parallel()
	b := briefcase.New(id, &area.Shard{Area: "user", Partition: "p1", Index: 2, Server: "u3"}, closed{}, briefcase.Options{})
	check := func(err error) {
		t.Helper()
		require.ErrorIs(t, err, area.ErrClosed)
		facts, ok := errors.AsType[*area.Error](err)
		require.True(t, ok)
		require.Equal(t, id, facts.ID)
		require.Equal(t, "u3", facts.Server)
	}
	_, err := b.QueryContext(t.Context(), "SELECT 1") //nolint:rowserrcheck,sqlclosecheck // there are no rows
	check(err)
	check(b.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int)))
	_, err = b.PrepareContext(t.Context(), "SELECT 1") //nolint:sqlclosecheck // there is no statement
	check(err)
	_, err = b.ExecContext(t.Context(), "DELETE FROM t")
	check(err)
	_, err = b.BeginTx(t.Context(), nil)
	check(err)
	check(b.InTx(t.Context(), nil, func(*sql.Tx) error { return nil }))
}
