package provision_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/partition"
)

// process is the part of one process that provisions: its connections.
type process struct {
	t       *testing.T
	prefix  string // of its databases
	servers map[string]*mysqld.Server
	faults  *faults

	mu  sync.Mutex // guards dbs
	dbs map[string]*sql.DB
}

// newProcess gives a process that knows the package's servers as u1 and u2.
func newProcess(t *testing.T) *process {
	t.Helper()
	cluster, prefix := servers.Get(t)
	return processOn(t, prefix, map[string]*mysqld.Server{"u1": cluster.Servers[0], "u2": cluster.Servers[1]})
}

func processOn(t *testing.T, prefix string, servers map[string]*mysqld.Server) *process {
	t.Helper()
	p := &process{t: t, prefix: prefix, servers: servers, faults: &faults{}, dbs: make(map[string]*sql.DB)}
	t.Cleanup(p.close)
	return p
}

// again gives another process on the same servers and databases.
func (p *process) again(f *faults) *process {
	q := processOn(p.t, p.prefix, p.servers)
	q.faults = f
	return q
}

func (p *process) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, db := range p.dbs {
		_ = db.Close()
	}
	p.dbs = make(map[string]*sql.DB)
}

// drop drops the process's databases.
func (p *process) drop() {
	p.t.Helper()
	for server := range p.servers {
		for _, database := range p.rows(server, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '"+p.prefix+"%'") {
			p.exec(server, "DROP DATABASE "+p.prefix+database)
		}
	}
}

// Admin is a provision.Servers.
func (p *process) Admin(_ context.Context, server string) (*sql.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if db := p.dbs[server]; db != nil {
		return db, nil
	}
	return p.open(server, p.servers[server].Config()), nil
}

func (p *process) open(server string, config *mysql.Config) *sql.DB {
	config.InterpolateParams = true
	c, err := mysql.NewConnector(config)
	if err != nil {
		panic(err)
	}
	p.dbs[server] = sql.OpenDB(connector{Connector: c, faults: p.faults})
	return p.dbs[server]
}

// layout describes the area "user" in short: partitions as "START server server".
type layout struct {
	namespace   string // behind the prefix of the databases; default: "acme"
	servers     []string
	partitions  []part
	breakpoints []breakpoint
}

type part struct {
	name, start string
	servers     []string
	hash        partition.Hash
}

type breakpoint struct {
	name, at   string
	partitions []part
}

var twoServers = []string{"u1", "u2"}

// registry compiles a layout, with databases named after the process.
func (p *process) registry(l layout) *area.Registry {
	if l.servers == nil {
		l.servers = twoServers
	}
	t := area.Topology{Namespace: p.prefix + cmp.Or(l.namespace, "acme"), Hash: partition.Jump1}
	for _, name := range l.servers {
		t.Servers = append(t.Servers, area.Server{Name: name})
	}
	spec := area.Spec{Name: "user", Partitions: p.parts(l.partitions)}
	for _, b := range l.breakpoints {
		spec.Breakpoints = append(spec.Breakpoints, area.BreakpointSpec{Name: b.name, At: gdid.MustParseRangeKey(b.at), Partitions: p.parts(b.partitions)})
	}
	t.Areas = []area.Spec{spec}
	t.Briefcases = []area.Briefcase{{Name: "customer", Area: "user", Key: "g_user", Tables: []area.Table{{Name: "tbl_user"}, {Name: "tbl_order", Parent: "tbl_user"}}}}
	r, err := area.NewRegistry(t)
	if err != nil {
		panic(err)
	}
	return r
}

func (p *process) parts(list []part) []area.PartitionSpec {
	var specs []area.PartitionSpec
	for _, l := range list {
		spec := area.PartitionSpec{Name: l.name, Start: gdid.MustParseRangeKey(l.start), Hash: l.hash}
		for i, server := range l.servers {
			spec.Shards = append(spec.Shards, area.Database{Server: server, Name: p.database(l.name, i)})
		}
		specs = append(specs, spec)
	}
	return specs
}

func (p *process) database(partition string, index int) string {
	return fmt.Sprintf("%suser_%s_%d", p.prefix, partition, index)
}

const schemaOne = `-- users
CREATE TABLE tbl_user (
  g_user BINARY(12) NOT NULL PRIMARY KEY, /* ; */
  name VARCHAR(80) NOT NULL DEFAULT ';'
) ENGINE=InnoDB;
CREATE TABLE plain (id INT NOT NULL PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB;
INSERT INTO plain VALUES (1, 10), (2, 20);
`

const schemaTwo = `SET FOREIGN_KEY_CHECKS = 0;
CREATE TABLE tbl_order (g_user BINARY(12) NOT NULL, g_order BINARY(12) NOT NULL, PRIMARY KEY (g_user, g_order)) ENGINE=InnoDB;
UPDATE plain SET n = n + 1;
ALTER TABLE plain ADD COLUMN late INT NULL;
SET FOREIGN_KEY_CHECKS = 1
`

func schema(string) ([]provision.File, error) {
	return []provision.File{{Name: "001.sql", SQL: schemaOne}, {Name: "002.sql", SQL: schemaTwo}}, nil
}

func (p *process) config(l layout) provision.Config {
	return provision.Config{Registry: p.registry(l), Servers: p, Schema: schema}
}

// provision plans and applies.
func (p *process) provision(ctx context.Context, cfg provision.Config) error {
	plan, err := provision.NewPlan(ctx, cfg)
	if err != nil {
		return err
	}
	return plan.Apply(ctx)
}

// db gives connections for the test's own statements.
func (p *process) db(server string) *sql.DB { return p.servers[server].DB() }

// plain gives a text without the prefix of the databases.
func (p *process) plain(s string) string { return strings.ReplaceAll(s, p.prefix, "") }

func (p *process) exec(server, statement string, args ...any) {
	p.t.Helper()
	_, err := p.db(server).ExecContext(p.t.Context(), statement, args...)
	require.NoError(p.t, err, statement)
}

// rows gives an answer as text, one string a row, fields joined by "|", without
// the prefix.
func (p *process) rows(server, query string) []string {
	p.t.Helper()
	rows, err := p.db(server).QueryContext(p.t.Context(), query)
	require.NoError(p.t, err, query)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(p.t, err)
	var list []string
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		require.NoError(p.t, rows.Scan(targets...))
		line := ""
		for i, v := range values {
			if i > 0 {
				line += "|"
			}
			if !v.Valid {
				line += "NULL"
			}
			line += p.plain(v.String)
		}
		list = append(list, line)
	}
	require.NoError(p.t, rows.Err())
	return list
}

// dump gives everything that stands in a process's databases and is the same in
// each run, by server and database without the prefix.
func (p *process) dump() map[string][]string {
	p.t.Helper()
	all := make(map[string][]string)
	for server := range p.servers {
		for _, database := range p.rows(server, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '"+p.prefix+"%'") {
			var lines []string
			for _, table := range p.rows(server, "SELECT table_name FROM information_schema.tables WHERE table_schema = '"+p.prefix+database+"' ORDER BY table_name") {
				name := "`" + p.prefix + database + "`.`" + table + "`"
				lines = append(lines, p.rows(server, "SHOW CREATE TABLE "+name)...)
				columns := "*"
				switch table {
				case "mdb_shard":
					columns = "one, namespace, area, start_era, start_counter, shard, shards, hash, database_name, IF(area = 'CENTRAL', 0, layout), schema_version"
				case "mdb_provision":
					columns = "one, namespace, area, start_era, start_counter, shard, shards, hash, database_name, phase"
				case "mdb_index":
					columns = "name, spec"
				case "mdb_server":
					columns = "identity, server, role"
				case "mdb_fence":
					columns = "stripe, layout, state, cases, end_era, end_counter, token_floor, epoch_floor"
				case "mdb_schema":
					columns = "position, file, line, HEX(checksum), state"
				}
				lines = append(lines, p.rows(server, "SELECT "+columns+" FROM "+name+" ORDER BY 1")...)
			}
			all[server+"/"+database] = lines
		}
	}
	return all
}
