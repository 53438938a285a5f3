package live_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
)

func TestPrivileges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		statements []string // <rw> and <admin> are the users, <all> all databases of the site
		want       []string
	}{
		{"a service that may not delete", []string{"REVOKE DELETE ON <all>.* FROM <rw>"}, []string{
			"MDB822 server.u3: the service's login lacks DELETE on u3",
		}},
		{"a service that may only read", []string{"REVOKE INSERT, UPDATE, DELETE ON <all>.* FROM <rw>"}, []string{
			"MDB822 server.u3: the service's login lacks INSERT, UPDATE, DELETE on u3",
		}},
		{"a service that may only what it needs", []string{
			"REVOKE ALL ON <all>.* FROM <rw>",
			"GRANT SELECT ON {user_p1_2}.mdb_shard TO <rw>",
			"GRANT SELECT ON {user_p1_2}.mdb_server TO <rw>",
			"GRANT SELECT ON {user_p1_2}.mdb_fence TO <rw>",
			"GRANT SELECT ON {user_p1_2}.mdb_case TO <rw>",
			"GRANT SELECT, INSERT ON {user_p1_2}.mdb_claim TO <rw>",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON {user_p1_2}.tbl_user TO <rw>",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON {user_p1_2}.tbl_order TO <rw>",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON {central_2}.* TO <rw>",
		}, nil},
		{"a service without one database", []string{
			"REVOKE ALL ON <all>.* FROM <rw>",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON {user_p1_2}.* TO <rw>",
		}, []string{
			"MDB822 server.u3: the service's login lacks SELECT, INSERT, UPDATE, DELETE on u3",
		}},
		{"a service by its role", []string{
			"REVOKE ALL ON <all>.* FROM <rw>",
			"CREATE ROLE <role>",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON <all>.* TO <role>",
			"GRANT <role> TO <rw>",
			"SET DEFAULT ROLE <role> FOR <rw>",
		}, nil},
		{"an admin that may not create", []string{"REVOKE CREATE, ALTER ON <all>.* FROM <admin>"}, []string{
			"MDB822 server.u3.admin: the admin's login lacks CREATE, ALTER on u3",
		}},
		{"an admin that sees no database", []string{"REVOKE ALL ON <all>.* FROM <admin>"}, []string{
			"MDB822 server.u3.admin: the admin's login lacks SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES on u3",
		}},
		{"an admin that may do everything", []string{"GRANT ALL ON *.* TO <admin>"}, nil},
		{"an admin that may not read the stamps", []string{
			"REVOKE ALL ON <all>.* FROM <admin>",
			"GRANT CREATE, ALTER ON <all>.* TO <admin>",
		}, []string{"MDB822 server.u3.admin: the admin's login may not read mdb's own tables on u3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			role := s.prefix + "role"
			t.Cleanup(func() {
				_, err := s.process("u3").DB().ExecContext(context.WithoutCancel(t.Context()), "DROP ROLE IF EXISTS "+role)
				require.NoError(t, err)
			})
			for _, statement := range tt.statements {
				s.exec("u3", strings.NewReplacer(
					"<rw>", "'"+s.prefix+"rw'@'127.0.0.1'", "<admin>", "'"+s.prefix+"admin'@'127.0.0.1'", "<role>", role,
					"<all>", "`"+strings.ReplaceAll(s.prefix, "_", `\_`)+"%`",
				).Replace(statement))
			}
			require.Equal(t, tt.want, s.found(live.Options{}, "MDB806", "MDB822"))
		})
	}
}
