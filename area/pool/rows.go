package pool

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"slices"
)

// rows is the result under way: errors that come up while it is read count for
// the transaction too. It is a part of the connection, so that a query costs no
// allocation; database/sql does not touch rows after it closed them.
type rows struct {
	conn  *conn
	inner driver.Rows // nil when closed
}

var (
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

func (c *conn) wrapRows(inner driver.Rows) driver.Rows {
	c.rows.inner = inner
	return &c.rows
}

// Columns names the columns.
func (r *rows) Columns() []string {
	if r.inner == nil {
		return nil
	}
	return r.inner.Columns()
}

// Next reads a row.
func (r *rows) Next(dest []driver.Value) error {
	if r.inner == nil {
		return io.EOF
	}
	err := r.inner.Next(dest)
	if err == nil || err == io.EOF { //nolint:errorlint // database/sql compares it with ==
		return err
	}
	return r.conn.fail("query", err)
}

// Close ends the result. A second Close does nothing.
func (r *rows) Close() error {
	if r.inner == nil {
		return nil
	}
	inner := r.inner
	r.inner = nil
	if err := inner.Close(); err != nil {
		return r.conn.fail("query", err)
	}
	return nil
}

// HasNextResultSet reports whether there is another result.
func (r *rows) HasNextResultSet() bool {
	next, ok := r.inner.(driver.RowsNextResultSet)
	return ok && next.HasNextResultSet()
}

// NextResultSet goes to the next result.
func (r *rows) NextResultSet() error {
	next, ok := r.inner.(driver.RowsNextResultSet)
	if !ok {
		return io.EOF
	}
	return r.conn.fail("query", next.NextResultSet())
}

// ColumnTypeDatabaseTypeName names the type of a column.
func (r *rows) ColumnTypeDatabaseTypeName(index int) string {
	if typed, ok := r.inner.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return typed.ColumnTypeDatabaseTypeName(index)
	}
	return ""
}

// ColumnTypeNullable reports whether a column may be NULL, if that is known.
func (r *rows) ColumnTypeNullable(index int) (nullable, ok bool) {
	if typed, ok := r.inner.(driver.RowsColumnTypeNullable); ok {
		return typed.ColumnTypeNullable(index)
	}
	return false, false
}

// ColumnTypePrecisionScale gives the size of a decimal column.
func (r *rows) ColumnTypePrecisionScale(index int) (precision, scale int64, ok bool) {
	if typed, ok := r.inner.(driver.RowsColumnTypePrecisionScale); ok {
		return typed.ColumnTypePrecisionScale(index)
	}
	return 0, 0, false
}

// ColumnTypeScanType gives the Go type of a column.
func (r *rows) ColumnTypeScanType(index int) reflect.Type {
	if typed, ok := r.inner.(driver.RowsColumnTypeScanType); ok {
		return typed.ColumnTypeScanType(index)
	}
	return reflect.TypeFor[any]()
}

// readAll runs a statement without arguments and gives all its rows; the caller
// owns them.
func readAll(ctx context.Context, queryer driver.QueryerContext, text string) (all [][]any, err error) {
	result, err := queryer.QueryContext(ctx, text, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := result.Close(); err == nil {
			err = closeErr
		}
	}()
	dest := make([]driver.Value, len(result.Columns()))
	for {
		switch err := result.Next(dest); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		row := make([]any, len(dest))
		for i, v := range dest {
			if b, ok := v.([]byte); ok { // the driver's buffer
				v = slices.Clone(b)
			}
			row[i] = v
		}
		all = append(all, row)
	}
}
