package live_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/hcl"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// How to test a rule:
//
//	s := newSite(t)                                    // three servers, provisioned, sound
//	require.Empty(t, s.found(live.Options{}, "MDB813")) // it passes
//	s.exec("u1", "ALTER TABLE {user_p0_0}.tbl_order ADD n INT AUTO_INCREMENT UNIQUE")
//	require.Equal(t, []string{
//		"MDB813 area.user.partition.p0: ...",
//	}, s.found(live.Options{}, "MDB813"))
//
// In statements {name} is a database with the prefix of the test, and what found
// gives is without it. s.edit changes the configuration, which s.check reads anew
// each time. Servers are shared by the tests of the package; one that kills, pauses
// or reconfigures a server takes its own: newSiteOn(t, mysqld.ForTest(t, 3, mysqld.Options{})).
//
// No report may show a password: s.check sees to it.

// servers are shared by all tests.
var servers = mysqld.Shared{N: 3}

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// The passwords of every site. No output may show one.
const (
	servicePassword = `canary-se'r\vice #1`
	adminPassword   = `canary-ad"min;[x]`
)

// topology is the configuration of every site. <u1> is the address of a server,
// {name} a name with the prefix of the test.
const topology = `mdb { namespace = "{acme}" }
variable "service_password" {
  type      = string
  sensitive = true
}
variable "admin_password" {
  type      = string
  sensitive = true
}
server_defaults {
  user     = "{rw}"
  password = var.service_password
  params   = { timeout = "5s", readTimeout = "30s", writeTimeout = "30s" }
  admin {
    user     = "{admin}"
    password = var.admin_password
  }
}
server "u1" { address = "<u1>" }
server "u2" { address = "<u2>" }
server "u3" { address = "<u3>" }
authority "chi" {
  number = 0
  store  = database(server.u1, "{ids}")
}
authority "nyc" {
  number = 1
  store  = database(server.u2, "{ids}")
}
sequence "order" { block = 100 }
central {
  database = "{central}_${shard.index}"
  shards   = [server.u1, server.u2, server.u3, server.u1]
  index "email" {
    briefcase = briefcase.customer
    normalize = ["trim", "nfkc", "fold"]
    max_bytes = 320
  }
  index "phone" {
    briefcase = briefcase.customer
    unique    = false
    normalize = ["trim", "fold"]
    max_bytes = 32
  }
}
area "user" {
  database = "{user}_${partition.name}_${shard.index}"
  schema   = "schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
  partition "p1" {
    start  = "0:250_000"
    shards = [server.u1, server.u2, server.u3]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {
    table "tbl_order" {}
  }
}
`

const schema = `CREATE TABLE tbl_user (
  g_user BINARY(12) NOT NULL PRIMARY KEY,
  name VARCHAR(80) NOT NULL DEFAULT ''
) ENGINE=InnoDB;
CREATE TABLE tbl_order (
  g_user BINARY(12) NOT NULL,
  g_order BINARY(12) NOT NULL,
  total INT NOT NULL DEFAULT 0,
  PRIMARY KEY (g_user, g_order),
  KEY total (g_user, total)
) ENGINE=InnoDB;
`

// named is a name that gets the prefix of the test. HCL's own ${name} is none.
var named = regexp.MustCompile(`(^|[^$])\{([a-z][a-z0-9_]*)\}`)

// site is a configuration on servers of its own databases.
type site struct {
	t       *testing.T
	dir     string
	prefix  string
	cluster *mysqld.Cluster
	text    string            // of the configuration, with {name} and <server>
	addr    map[string]string // of servers by label, where they are not the cluster's
}

// newSite gives a provisioned site on the package's servers.
func newSite(t *testing.T) *site {
	t.Helper()
	cluster, prefix := servers.Get(t)
	return siteOn(t, cluster, prefix)
}

// newSiteOn gives a provisioned site on three servers of the test's own.
func newSiteOn(t *testing.T, cluster *mysqld.Cluster) *site {
	t.Helper()
	return siteOn(t, cluster, cluster.Prefix())
}

func siteOn(t *testing.T, cluster *mysqld.Cluster, prefix string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), prefix: prefix, cluster: cluster, text: topology, addr: map[string]string{}}
	for i := range cluster.Servers {
		label := fmt.Sprintf("u%d", i+1)
		s.user(label, "rw", servicePassword, "SELECT, INSERT, UPDATE, DELETE")
		s.user(label, "admin", adminPassword, "ALL")
		s.exec(label, "GRANT REPLICATION CLIENT, REPLICA MONITOR ON *.* TO '"+prefix+"admin'@'127.0.0.1'")
	}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "schema"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "schema", "001.sql"), []byte(schema), 0o600))
	s.write()
	s.provision()
	return s
}

// user creates a user with rights on the databases of the test.
func (s *site) user(server, name, password, rights string) {
	s.t.Helper()
	user := "'" + s.prefix + name + "'@'127.0.0.1'"
	s.exec(server, "CREATE USER "+user+" IDENTIFIED BY '"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password)+"'")
	s.exec(server, "GRANT "+rights+" ON `"+strings.ReplaceAll(s.prefix, "_", `\_`)+"%`.* TO "+user)
	s.t.Cleanup(func() {
		if process := s.process(server); process.Running() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 10*time.Second)
			defer cancel()
			_, _ = process.DB().ExecContext(ctx, "DROP USER "+user)
		}
	})
}

// process gives the server behind a label at first: u1, u2 or u3.
func (s *site) process(label string) *mysqld.Server {
	return s.cluster.Servers[int(label[1]-'1')]
}

// edit replaces a text of the configuration, which must be there, once.
func (s *site) edit(old, replacement string) {
	s.t.Helper()
	require.Equal(s.t, 1, strings.Count(s.text, old), old)
	s.text = strings.Replace(s.text, old, replacement, 1)
	s.write()
}

// write writes the configuration.
func (s *site) write() {
	s.t.Helper()
	text := named.ReplaceAllString(s.text, "${1}"+s.prefix+"${2}")
	for i, server := range s.cluster.Servers {
		label := fmt.Sprintf("u%d", i+1)
		address := server.Addr()
		if other, ok := s.addr[label]; ok {
			address = other
		}
		text = strings.ReplaceAll(text, "<"+label+">", address)
	}
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, "acme.mdb.hcl"), []byte(text), 0o600))
}

// vars are the values of the configuration's variables.
func (s *site) vars() map[string]string {
	return map[string]string{"service_password": servicePassword, "admin_password": adminPassword}
}

// provision brings the servers to what the configuration declares.
func (s *site) provision() {
	s.t.Helper()
	require.NoError(s.t, mdb.Provision(s.t.Context(), s.dir, mdb.Options{Vars: s.vars()}))
}

// config reads the configuration as mdbcheck live does.
func (s *site) config() *hcl.Config {
	s.t.Helper()
	cfg, found := hcl.Check(s.dir, hcl.Options{Vars: s.vars(), Lint: &hcl.Lint{}})
	require.False(s.t, found.HasErrors(), found)
	return cfg
}

// check checks the servers. No password may be in the report.
func (s *site) check(opts live.Options) *live.Report {
	s.t.Helper()
	report, err := live.Check(s.t.Context(), s.config(), opts)
	require.NoError(s.t, err)
	noSecrets(s.t, report)
	return report
}

func noSecrets(t *testing.T, report *live.Report) {
	t.Helper()
	out, err := json.Marshal(report)
	require.NoError(t, err)
	for _, text := range []string{string(out), fmt.Sprintf("%+v", report)} {
		require.NotContains(t, text, "canary")
	}
}

// found checks the servers and gives the findings of rules, of all rules if none
// is named, as lines "MDB806 area.user.partition.p0: summary".
func (s *site) found(opts live.Options, rules ...string) []string {
	s.t.Helper()
	return s.lines(s.check(opts), rules...)
}

// lines gives the findings of a report like found.
func (s *site) lines(report *live.Report, rules ...string) []string {
	var lines []string
	for _, d := range report.Diagnostics {
		if len(rules) == 0 || slices.Contains(rules, d.Rule) {
			lines = append(lines, s.plain(d.Rule+" "+d.Address+": "+d.Summary))
		}
	}
	slices.Sort(lines)
	return lines
}

// plain gives a text without what differs between runs.
func (s *site) plain(text string) string {
	for i, server := range s.cluster.Servers {
		text = strings.ReplaceAll(text, server.Addr(), fmt.Sprintf("u%d:3306", i+1))
	}
	return strings.NewReplacer(s.prefix, "", s.dir, "DIR").Replace(text)
}

// exec runs a statement as root on a server; {name} is a database of the test.
func (s *site) exec(server, statement string) {
	s.t.Helper()
	statement = named.ReplaceAllString(statement, "${1}`"+s.prefix+"${2}`")
	_, err := s.process(server).DB().ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err, statement)
}
