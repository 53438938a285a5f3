package live

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
)

// connect opens the session.
func (s *server) connect(ctx context.Context) error {
	db, err := s.run.pools.Admin(s.name)
	if err != nil {
		return err
	}
	s.conn, err = openSession(ctx, db)
	return loginFault(s.adminLogin(), err)
}

// openSession opens a connection that may not write, and whose statements end at
// the server when the context does.
func openSession(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := restrict(ctx, conn); err != nil {
		discard(conn)
		return nil, err
	}
	return conn, nil
}

// unknownVariable is the error of a server that has no such setting.
const unknownVariable = 1193

// restrict takes the right to write from a session and limits its statements.
func restrict(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY"); err != nil {
		return err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	left := max(time.Until(deadline), time.Second)
	// Each server knows one of the first two, or none.
	for _, setting := range []string{
		fmt.Sprintf("max_statement_time = %.3f", left.Seconds()),
		fmt.Sprintf("max_execution_time = %d", left.Milliseconds()),
		fmt.Sprintf("lock_wait_timeout = %d", int(left.Seconds())),
	} {
		if _, err := conn.ExecContext(ctx, "SET SESSION "+setting); err != nil && errorNumber(err) != unknownVariable {
			return err
		}
	}
	return nil
}

// discard closes a connection instead of giving it back to its pool, so that a
// check of many shards does not keep as many connections open.
func discard(conn *sql.Conn) {
	// Raw returns the very error that makes the pool drop the connection.
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// variableNames are the settings that the rules look at.
var variableNames = append(area.IdentityVariables(),
	"version", "version_comment", "read_only", "super_read_only", "sql_mode", "lower_case_table_names", "time_zone", "system_time_zone",
	"character_set_server", "collation_server", "max_allowed_packet", "innodb_page_size", "max_connections", "max_user_connections",
)

// variablesOf gives settings by their names in lower case.
func variablesOf(ctx context.Context, conn *sql.Conn) (map[string]string, error) {
	variables := make(map[string]string, len(variableNames))
	query := "SHOW VARIABLES WHERE Variable_name IN ('" + strings.Join(variableNames, "', '") + "')"
	err := queryOn(ctx, conn, query, func(rows *sql.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		variables[strings.ToLower(name)] = value
		return err
	})
	return variables, err
}

// isMariaDB reports whether settings are those of a MariaDB.
func isMariaDB(variables map[string]string) bool {
	return strings.Contains(strings.ToLower(variables["version"]+variables["version_comment"]), "mariadb")
}

// isOn reads a setting that is on or off; read_only has more values on newer
// servers, and all but OFF refuse writes.
func isOn(value string) bool {
	switch strings.ToUpper(value) {
	case "", "OFF", "0":
		return false
	}
	return true
}
