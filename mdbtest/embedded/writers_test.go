package embedded_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/embedded"
)

const (
	writers = 8
	rounds  = 50
	writes  = writers * rounds
)

// patient is enough lock wait for all writers of a test on a busy machine.
var patient = embedded.Options{LockWait: 5 * time.Minute}

// together runs f for each writer and round, the writers at once.
func together(t *testing.T, f func(writer, round int) error) {
	t.Helper()
	errs := make(chan error, writes)
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() {
			for round := range rounds {
				if err := f(writer, round); err != nil {
					errs <- err
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

// inTx runs f in a transaction.
func inTx(ctx context.Context, db *sql.DB, f func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return fmt.Errorf("%w (rollback: %w)", err, tx.Rollback())
	}
	return tx.Commit()
}

func TestServer_losesNoUpdate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		add  func(ctx context.Context, db *sql.DB, writer int) error
	}{
		{
			name: "one autocommit statement", add: func(ctx context.Context, db *sql.DB, _ int) error {
				_, err := db.ExecContext(ctx, "UPDATE t SET n = n + 1 WHERE id = 0")
				return err
			},
		}, {
			name: "one statement in a transaction", add: func(ctx context.Context, db *sql.DB, _ int) error {
				return inTx(ctx, db, func(tx *sql.Tx) error {
					_, err := tx.ExecContext(ctx, "UPDATE t SET n = n + 1 WHERE id = 0")
					return err
				})
			},
		}, {
			name: "read for update, then write", add: func(ctx context.Context, db *sql.DB, _ int) error {
				return inTx(ctx, db, func(tx *sql.Tx) error {
					var n int64
					if err := tx.QueryRowContext(ctx, "SELECT n FROM t WHERE id = 0 FOR UPDATE").Scan(&n); err != nil {
						return err
					}
					_, err := tx.ExecContext(ctx, "UPDATE t SET n = ? WHERE id = 0", n+1)
					return err
				})
			},
		}, {
			name: "different rows of one table", add: func(ctx context.Context, db *sql.DB, writer int) error {
				return inTx(ctx, db, func(tx *sql.Tx) error {
					_, err := tx.ExecContext(ctx, "UPDATE t SET n = n + 1 WHERE id = ?", writer)
					return err
				})
			},
		},
	}
	for _, tt := range tests {
		for _, interpolate := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, interpolated %v", tt.name, interpolate), func(t *testing.T) {
				t.Parallel()
				server, _ := start(t, patient)
				db := open(t, server, "d", interpolate)
				exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, n BIGINT NOT NULL) ENGINE=InnoDB")
				for id := range writers {
					exec(t, db, "INSERT INTO t VALUES (?, 0)", id)
				}
				together(t, func(writer, _ int) error { return tt.add(t.Context(), db, writer) })
				require.EqualValues(t, writes, number(t, db, "SELECT CAST(SUM(n) AS SIGNED) FROM t"))
			})
		}
	}
}

func TestServer_losesNoRow(t *testing.T) {
	t.Parallel()
	for _, transaction := range []bool{false, true} {
		t.Run(fmt.Sprintf("in a transaction %v", transaction), func(t *testing.T) {
			t.Parallel()
			_, db := start(t, patient)
			exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB")
			insert := func(to execer, id int) error {
				_, err := to.ExecContext(t.Context(), "INSERT INTO t VALUES (?)", id)
				return err
			}
			together(t, func(writer, round int) error {
				id := writer*rounds + round
				if !transaction {
					return insert(db, id)
				}
				return inTx(t.Context(), db, func(tx *sql.Tx) error { return insert(tx, id) })
			})
			require.EqualValues(t, writes, number(t, db, "SELECT COUNT(*) FROM t"))
		})
	}
}

func TestServer_allocatesEachBlockOnce(t *testing.T) {
	t.Parallel()
	_, db := start(t, patient)
	exec(t, db, "CREATE TABLE seq (name VARBINARY(8) PRIMARY KEY, head BIGINT UNSIGNED NOT NULL)")
	exec(t, db, "INSERT INTO seq VALUES ('user', 1)")
	var mu sync.Mutex
	blocks := make(map[int64]bool)
	together(t, func(_, _ int) error {
		result, err := db.ExecContext(t.Context(), "UPDATE seq SET head = LAST_INSERT_ID(GREATEST(head, 0) + 1000) WHERE name = 'user'")
		if err != nil {
			return err
		}
		end, err := result.LastInsertId()
		mu.Lock()
		defer mu.Unlock()
		blocks[end] = true
		return err
	})
	require.Len(t, blocks, writes)
	require.EqualValues(t, 1+writes*1000, number(t, db, "SELECT head FROM seq"))

	result := exec(t, db, "UPDATE seq SET head = LAST_INSERT_ID(head + 1) WHERE name = 'none'")
	end, err := result.LastInsertId()
	require.NoError(t, err)
	require.Zero(t, end, "no row matched")
}

func TestServer_keepsKeysUnique(t *testing.T) {
	t.Parallel()
	_, db := start(t, patient)
	exec(t, db, "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, UNIQUE KEY (k))")
	var mu sync.Mutex
	acknowledged := 0
	together(t, func(_, round int) error {
		err := inTx(t.Context(), db, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO t (k) VALUES (?)", round%30)
			return err
		})
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			acknowledged++
		}
		return nil
	})
	require.Equal(t, 30, acknowledged)
	require.EqualValues(t, 30, number(t, db, "SELECT COUNT(*) FROM t"))
	_, err := db.ExecContext(t.Context(), "INSERT INTO t (k) VALUES (1)")
	requireNumber(t, err, 1062, "23000")
}

func TestServer_readsNeverSeeHalfACommit(t *testing.T) {
	t.Parallel()
	_, db := start(t, patient)
	exec(t, db, "CREATE TABLE a (n INT)")
	exec(t, db, "CREATE TABLE b (n INT)")
	exec(t, db, "INSERT INTO a VALUES (0)")
	exec(t, db, "INSERT INTO b VALUES (0)")
	together(t, func(writer, _ int) error {
		if writer > 1 {
			var difference int
			err := db.QueryRowContext(t.Context(), "SELECT a.n - b.n FROM a JOIN b").Scan(&difference)
			if err == nil && difference != 0 {
				return fmt.Errorf("read between two tables of one commit: %d", difference)
			}
			return err
		}
		return inTx(t.Context(), db, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "UPDATE a SET n = n + 1"); err != nil {
				return err
			}
			_, err := tx.ExecContext(t.Context(), "UPDATE b SET n = n + 1")
			return err
		})
	})
	require.EqualValues(t, 2*rounds, number(t, db, "SELECT n FROM a"))
}
