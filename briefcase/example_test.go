package briefcase_test

import (
	"context"
	"database/sql"

	"github.com/mdbrouter/mdb/briefcase"
)

// Several statements that belong together run in one transaction, behind the fence
// of the id. The function may be run again, so it has no effects elsewhere.
func ExampleBriefcase_InTx() {
	cancelOrder := func(ctx context.Context, customer *briefcase.Briefcase, order int) error {
		return customer.InTx(ctx, nil, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "DELETE FROM tbl_order_line WHERE g_user = ? AND id_order = ?", customer.ID(), order); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "DELETE FROM tbl_order WHERE g_user = ? AND id = ?", customer.ID(), order)
			return err
		})
	}
	_ = cancelOrder
}

// BeginTx gives a plain transaction behind the same fence, for libraries that end
// transactions themselves. Nothing runs it again.
func ExampleBriefcase_BeginTx() {
	rename := func(ctx context.Context, customer *briefcase.Briefcase, name string) error {
		tx, err := customer.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // nothing after a commit
		if _, err := tx.ExecContext(ctx, "UPDATE tbl_user SET name = ? WHERE g_user = ?", name, customer.ID()); err != nil {
			return err
		}
		return tx.Commit()
	}
	_ = rename
}
