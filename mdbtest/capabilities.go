package mdbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// Capabilities are what the servers of a cluster can do beyond running SQL.
type Capabilities struct {
	// RowLocks: SELECT ... FOR UPDATE keeps others from that row, and from no
	// other row.
	RowLocks bool
	// Replication: replicas follow their primaries.
	Replication bool
	// Durable: what was committed survives the death of the server.
	Durable bool
	// KillServer: servers can be killed, stopped, started and paused.
	KillServer bool
	// OwnSysvars: SET GLOBAL on one server changes that server alone, and may be
	// done.
	OwnSysvars bool
}

// lacking names what is in want and not in c.
func (c Capabilities) lacking(want Capabilities) []string {
	var names []string
	for _, p := range []struct {
		name       string
		have, want bool
	}{
		{"RowLocks", c.RowLocks, want.RowLocks},
		{"Replication", c.Replication, want.Replication},
		{"Durable", c.Durable, want.Durable},
		{"KillServer", c.KillServer, want.KillServer},
		{"OwnSysvars", c.OwnSysvars, want.OwnSysvars},
	} {
		if p.want && !p.have {
			names = append(names, p.name)
		}
	}
	return names
}

// Capabilities returns what all servers of the cluster can do.
func (c *Cluster) Capabilities() Capabilities { return c.caps }

// Require stops the test if the servers lack something in want: it is skipped if
// the cluster was opened with Options.Skip, else it fails.
func (c *Cluster) Require(tb testing.TB, want Capabilities) {
	tb.Helper()
	lacking := c.caps.lacking(want)
	if len(lacking) == 0 {
		return
	}
	stop := tb.Fatalf
	if c.options.Skip {
		stop = tb.Skipf
	}
	stop("the servers of this cluster lack %s, which this test requires", strings.Join(lacking, ", "))
}

// rowLocks finds out whether a server locks rows, on two rows of a table that
// provisioning filled. An engine that ignores FOR UPDATE gives both rows to
// everybody; one that locks all gives neither; one that does not know NOWAIT
// refuses, and cannot be told from those.
func rowLocks(ctx context.Context, db *sql.DB, database string) (bool, error) {
	first, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = first.Rollback() }() // nothing was written
	second, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = second.Rollback() }() // nothing was written
	for _, try := range []struct {
		tx     *sql.Tx
		stripe int
		given  bool
	}{
		{first, 0, true},
		{second, 1, true},
		{second, 0, false},
	} {
		given, err := lockStripe(ctx, try.tx, database, try.stripe)
		if err != nil || given != try.given {
			return false, err
		}
	}
	return true, nil
}

// lockStripe reports whether a transaction is given a row. Any answer of the
// server but the row is a no.
func lockStripe(ctx context.Context, tx *sql.Tx, database string, stripe int) (bool, error) {
	var got int
	query := fmt.Sprintf("SELECT stripe FROM %s.mdb_fence WHERE stripe = %d FOR UPDATE NOWAIT", quote(database), stripe)
	err := tx.QueryRowContext(ctx, query).Scan(&got)
	if _, answered := errors.AsType[*mysql.MySQLError](err); answered {
		return false, nil
	}
	return err == nil, err
}
