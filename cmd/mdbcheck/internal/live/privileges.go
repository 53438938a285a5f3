package live

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A need is what a login must be allowed to do with a table of a database.
type need struct {
	database string
	table    string // empty: the database as a whole
	rights   []string
}

var rowRights = []string{"SELECT", "INSERT", "UPDATE", "DELETE"}

// adminRights are what provisioning needs of each database.
var adminRights = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX", "REFERENCES"}

// serviceNeeds gives what the service's login needs on a server.
func (s *server) serviceNeeds() []need {
	var list []need
	for i := range s.shards {
		d := s.shards[i].Database
		for _, own := range []string{"mdb_shard", "mdb_server", "mdb_fence", "mdb_case"} {
			list = append(list, need{d, own, []string{"SELECT"}})
		}
		list = append(list, need{d, "mdb_claim", []string{"SELECT", "INSERT"}})
		for _, name := range s.run.tablesOf(s.shards[i].Area) {
			list = append(list, need{d, name, rowRights})
		}
	}
	for _, shard := range s.central {
		for _, own := range []string{"mdb_shard", "mdb_server"} {
			list = append(list, need{shard.Database, own, []string{"SELECT"}})
		}
		for _, x := range s.run.registry.Central().Indexes {
			list = append(list, need{shard.Database, x.Table(), rowRights})
		}
	}
	for _, a := range s.stores {
		list = append(list, need{a.Store.Name, "mdb_sequence", []string{"SELECT", "UPDATE"}})
	}
	return list
}

// tablesOf gives the tables of an area's briefcases.
func (r *run) tablesOf(areaName string) []string {
	var names []string
	for _, b := range r.registry.Topology().Briefcases {
		if b.Area == areaName {
			for _, t := range b.Tables {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// adminNeeds gives what the admin's login needs on a server.
func (s *server) adminNeeds() []need {
	var list []need
	for _, name := range s.placed() {
		list = append(list, need{database: name, rights: adminRights})
	}
	return list
}

// placed gives the databases that the configuration places on the server.
func (s *server) placed() []string {
	var names []string
	for i := range s.shards {
		names = append(names, s.shards[i].Database)
	}
	for i := range s.central {
		names = append(names, s.central[i].Database)
	}
	for _, a := range s.stores {
		names = append(names, a.Store.Name)
	}
	return names
}

// checkRights applies MDB822 to one login: one finding for all databases that lack
// the same rights. It gives the rights that each database lacks.
func (s *server) checkRights(ctx context.Context, conn *sql.Conn, who, address string, needs []need) (map[string][]string, error) {
	held, err := grantsOf(ctx, conn, isMariaDB(s.vars))
	if isDenied(err) {
		return nil, nil // some servers tell nobody
	}
	if err != nil {
		return nil, err
	}
	held.folds = s.foldsNames()
	lacking := missingRights(held, needs)
	databases := map[string][]string{} // by the rights that they lack
	for database, rights := range lacking {
		text := strings.Join(rights, ", ")
		databases[text] = append(databases[text], database)
	}
	for _, rights := range slices.Sorted(maps.Keys(databases)) {
		slices.Sort(databases[rights])
		s.find("MDB822", address, finding{
			summary: fmt.Sprintf("%s lacks %s on %s", who, rights, s.name), detail: "in " + listed(databases[rights]), help: grantHelp(rights),
		})
	}
	return lacking, nil
}

// missingRights gives the rights that are not held, by database, in the order in
// which needs name them.
func missingRights(held *grants, needs []need) map[string][]string {
	lacking := map[string][]string{}
	for _, n := range needs {
		for _, right := range n.rights {
			if !held.allow(right, n.database, n.table) && !slices.Contains(lacking[n.database], right) {
				lacking[n.database] = append(lacking[n.database], right)
			}
		}
	}
	return lacking
}

func grantHelp(rights string) string { return "grant it " + rights }

// foldsNames reports whether the server compares names in lower case.
func (s *server) foldsNames() bool {
	return s.vars["lower_case_table_names"] == "1" || s.vars["lower_case_table_names"] == "2"
}

// folded gives a name as the server compares it.
func (s *server) folded(name string) string {
	if s.foldsNames() {
		return strings.ToLower(name)
	}
	return name
}
