package mdbtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
)

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// names returns the first column of a query's rows.
func names(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string, args ...any,
) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		all = append(all, name)
	}
	return all, rows.Err()
}

// runText runs statements separated by semicolons.
func runText(ctx context.Context, conn driver.Conn, text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	_, err := conn.(driver.ExecerContext).ExecContext(ctx, text, nil)
	return err
}
