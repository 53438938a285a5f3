package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

func TestGrants(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                   string
		lines                  []string
		right, database, table string
		want                   bool
	}{
		{"everything", []string{"GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION"}, "INSERT", "a", "t", true},
		{"one right everywhere", []string{"GRANT SELECT, INSERT ON *.* TO `a`@`%`"}, "INSERT", "a", "", true},
		{"another right", []string{"GRANT SELECT, INSERT ON *.* TO `a`@`%`"}, "DELETE", "a", "", false},
		{"a pattern", []string{"GRANT INSERT ON `user\\_%`.* TO `a`@`%`"}, "INSERT", "user_p0_0", "t", true},
		{"an escaped underscore is itself", []string{"GRANT INSERT ON `user\\_%`.* TO `a`@`%`"}, "INSERT", "userp0", "t", false},
		{"a plain underscore is any character", []string{"GRANT INSERT ON `user_p`.* TO `a`@`%`"}, "INSERT", "user-p", "t", true},
		{"one table", []string{"GRANT INSERT ON `d`.`t` TO `a`@`%`"}, "INSERT", "d", "t", true},
		{"one table is not the database", []string{"GRANT INSERT ON `d`.`t` TO `a`@`%`"}, "INSERT", "d", "", false},
		{"names of tables are no patterns", []string{"GRANT INSERT ON `d_`.`t` TO `a`@`%`"}, "INSERT", "dx", "t", false},
		{"columns do not count", []string{"GRANT SELECT, INSERT (`a`, `b`) ON `d`.`t` TO `a`@`%`"}, "INSERT", "d", "t", false},
		{"behind columns", []string{"GRANT INSERT (`a`, `b`), SELECT ON `d`.`t` TO `a`@`%`"}, "SELECT", "d", "t", true},
		{"a revoked database", []string{"GRANT SELECT ON *.* TO `a`@`%`", "REVOKE SELECT ON `d`.* FROM `a`@`%`"}, "SELECT", "d", "t", false},
		{"another database than the revoked one", []string{"GRANT SELECT ON *.* TO `a`@`%`", "REVOKE SELECT ON `d`.* FROM `a`@`%`"}, "SELECT", "e", "t", true},
		{"nothing", []string{"GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*1 ON `d`.*'"}, "SELECT", "d", "t", false},
		{"a role is no right", []string{"GRANT `reader`@`%` TO `a`@`%`"}, "SELECT", "d", "t", false},
		{"a proxy is no right", []string{"GRANT PROXY ON ''@'%' TO 'root'@'localhost'"}, "PROXY", "d", "t", false},
		{"a routine is no table", []string{"GRANT EXECUTE ON PROCEDURE `d`.`t` TO `a`@`%`"}, "EXECUTE", "d", "t", false},
		{"a name with a backtick and words", []string{"GRANT SELECT ON `d`` ON x TO`.* TO `a`@`%`"}, "SELECT", "d` ON x TO", "t", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, live.Allowed(tt.lines, tt.right, tt.database, tt.table))
		})
	}
}
