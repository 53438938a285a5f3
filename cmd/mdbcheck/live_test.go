package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb"
	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
)

// shop is a provisioned configuration on servers of its own.
type shop struct {
	t       *testing.T
	dir     string
	servers []*mysqld.Server
	env     map[string]string
}

// The secrets of every shop. No output may show one.
const (
	shopPassword = `canary-pa"ss'w\ord`
	shopUser     = "canary-user"
)

const shopTopology = `mdb { namespace = "shop" }
server_defaults {
  user     = env("SHOP_USER")
  password = env("SHOP_PASSWORD")
}
server "u1" { address = "%s" }
server "u2" { dsn = env("SHOP_U2_DSN") }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  schema   = "schema"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2]
  }
}
briefcase "customer" {
  area = area.user
  key  = "g_user"
  table "tbl_user" {}
}
`

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir(), servers: mysqld.ForTest(t, 2, mysqld.Options{}).Servers}
	for i := range s.servers {
		user := "'" + shopUser + "'@'127.0.0.1'"
		s.exec(i, "CREATE USER "+user+" IDENTIFIED BY '"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(shopPassword)+"'")
		s.exec(i, "GRANT ALL ON *.* TO "+user)
	}
	u2 := s.servers[1].Config()
	u2.User, u2.Passwd = shopUser, shopPassword
	s.env = map[string]string{"SHOP_USER": shopUser, "SHOP_PASSWORD": shopPassword, "SHOP_U2_DSN": u2.FormatDSN()}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "schema"), 0o700))
	s.file("schema/001.sql", "CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL);\n")
	s.write(s.servers[0].Addr())
	// Provisioning reads the environment of the process, so it gets a file that names the servers itself.
	plain := strings.NewReplacer(`env("SHOP_USER")`, `"root"`, `env("SHOP_PASSWORD")`, `""`, `env("SHOP_U2_DSN")`, fmt.Sprintf("%q", s.servers[1].DSN(""))).
		Replace(fmt.Sprintf(shopTopology, s.servers[0].Addr()))
	s.file("plain.mdb.hcl", plain)
	require.NoError(t, mdb.Provision(t.Context(), filepath.Join(s.dir, "plain.mdb.hcl"), mdb.Options{}))
	require.NoError(t, os.Remove(filepath.Join(s.dir, "plain.mdb.hcl")))
	return s
}

func (s *shop) write(u1 string) { s.file("shop.mdb.hcl", fmt.Sprintf(shopTopology, u1)) }

func (s *shop) file(name, text string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
}

func (s *shop) exec(server int, statement string) {
	s.t.Helper()
	_, err := s.servers[server].DB().ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err, statement)
}

// live runs mdbcheck live. No output, whatever its form, may show a secret.
func (s *shop) live(args ...string) outcome {
	s.t.Helper()
	forms := filepath.Join(s.t.TempDir(), "out.")
	all := append([]string{"live", s.dir}, args...)
	for _, form := range []string{"compact", "json", "sarif", "junit", "github"} {
		all = append(all, "-o", form+"="+forms+form)
	}
	got := command(mdbcheck.World{Env: s.env}, append(all, "-o", "human")...)
	written, err := filepath.Glob(forms + "*")
	require.NoError(s.t, err)
	require.NotEmpty(s.t, written)
	for _, name := range written {
		require.NotContains(s.t, read(s.t, name), "canary", name)
	}
	require.NotContains(s.t, got.stdout+got.stderr, "canary")
	got.stdout = regexp.MustCompile(`in \d+ ms`).ReplaceAllString(strings.ReplaceAll(got.stdout, s.dir, "DIR"), "in N ms")
	return got
}

func TestLive_statuses(t *testing.T) {
	t.Parallel()
	s := newShop(t)

	got := s.live()
	require.Zero(t, got.status, got.stdout+got.stderr)
	require.Equal(t, "asked 2 servers, 0 replicas, 2 shards in N ms: 0 errors, 0 warnings, 0 notices\n", got.stdout)
	require.Empty(t, got.stderr)

	s.exec(0, "SET GLOBAL max_allowed_packet = 1048576")
	got = s.live()
	require.Zero(t, got.status)
	require.Contains(t, got.stdout, "warning[MDB819] server-settings: max_allowed_packet differs among servers\n")
	require.Equal(t, 1, s.live("--fail-on", "warning").status)
	got = s.live("--fail-on", "warning", "--rule", "MDB819=notice")
	require.Zero(t, got.status)
	require.Contains(t, got.stdout, "notice[MDB819]")

	require.NoError(t, s.servers[1].Kill())
	got = s.live()
	require.Equal(t, 3, got.status)
	require.Contains(t, got.stdout, "error[MDB801] unreachable: u2 does not answer\n")
	require.Contains(t, got.stdout, "asked 1 server (1 not, or not wholly), 0 replicas, 1 shard in N ms: 1 error, 0 warnings, 0 notices\n"+
		"not asked: u2: connection refused\n")

	s.exec(0, "DROP DATABASE user_p0_0")
	require.Equal(t, 1, s.live().status, "what is wrong with a server that answers weighs more")
	require.Equal(t, 3, s.live("--fail-on", "never").status)
}

func TestLive_aVariableThatIsNotSet(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	delete(s.env, "SHOP_U2_DSN")
	got := s.live()
	require.Equal(t, 3, got.status, got.stdout)
	require.Contains(t, got.stdout, "not asked: u2: env(\"SHOP_U2_DSN\") is not set: set it and run again\nnot checked: MDB120 ")
	delete(s.env, "SHOP_PASSWORD")
	got = s.live()
	require.Equal(t, 3, got.status, got.stdout)
	require.Contains(t, got.stdout, "not asked: u1: env(\"SHOP_PASSWORD\") is not set: set it and run again\n")
}

func TestLive_aPasswordThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.env["SHOP_PASSWORD"] = "canary-of-another"
	got := s.live()
	require.Equal(t, 3, got.status)
	require.Contains(t, got.stdout, "error[MDB802] auth-failed: u1 refuses the service's login\n")
}

func TestLive_json(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	require.NoError(t, s.servers[1].Kill())
	got := command(mdbcheck.World{Env: s.env}, "live", s.dir, "-o", "json")
	require.Equal(t, 3, got.status)
	var out struct {
		Valid       bool
		Diagnostics []struct{ Rule, Address string }
		Servers     struct {
			Asked, Replicas, Shards int
			Unasked                 []struct{ Server, Reason string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &out))
	require.False(t, out.Valid)
	require.Equal(t, 1, out.Servers.Asked)
	require.Equal(t, 1, out.Servers.Shards)
	require.Equal(t, []struct{ Server, Reason string }{{"u2", "connection refused"}}, out.Servers.Unasked)
	require.Equal(t, []struct{ Rule, Address string }{{"MDB801", "server.u2"}}, out.Diagnostics)

	require.NotContains(t, command(mdbcheck.World{}, "check", routeCase, "-o", "json").stdout, `"servers"`)
}

// While a server was not asked, no rule has passed.
func TestLive_junit(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	got := command(mdbcheck.World{Env: s.env}, "live", s.dir, "-o", "junit")
	require.NoError(t, xml.Unmarshal([]byte(got.stdout), &suites))
	require.Positive(t, suites.Tests)
	require.Zero(t, suites.Failures+suites.Skipped)
	require.NoError(t, s.servers[1].Kill())
	got = command(mdbcheck.World{Env: s.env}, "live", s.dir, "-o", "junit")
	require.NoError(t, xml.Unmarshal([]byte(got.stdout), &suites))
	require.Equal(t, 1, suites.Failures)
	require.Equal(t, suites.Tests-1, suites.Skipped)
}

// Comments cover findings of live, which says when they cover nothing; check does
// not judge them.
func TestLive_comments(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	path := filepath.Join(s.dir, "shop.mdb.hcl")
	text := strings.Replace(read(t, path), `server "u1"`, "# mdbcheck:ignore MDB804 until=2999-12-31 -- it is drained\nserver \"u1\"", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))

	got := command(mdbcheck.World{Env: s.env}, "check", s.dir, "--fail-on", "error")
	require.NotContains(t, got.stdout, "MDB109")
	got = s.live()
	require.Zero(t, got.status)
	require.Contains(t, got.stdout, "warning[MDB109] unused-ignore: ignore of MDB804 has no effect\n")

	s.exec(0, "SET GLOBAL read_only = 1")
	got = s.live()
	require.Zero(t, got.status, got.stdout)
	require.Equal(t, "asked 2 servers, 0 replicas, 2 shards in N ms: 0 errors, 0 warnings, 0 notices (1 ignored)\n", got.stdout)
}

func TestLive_usage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--timeout", "0s"}, {"--parallel", "0"}, {"--instances", "-1"}, {"--sample", "-1"}, {"--runway", "-1h"}, {"--lag", "0s"}, {"--fail-on", "x"}, {"--rule", "MDB304=off"}} {
		got := command(mdbcheck.World{}, append([]string{"live", routeCase}, args...)...)
		require.Equal(t, 2, got.status, args)
		require.Contains(t, got.stderr, args[0])
	}
	got := command(mdbcheck.World{}, "live", "testdata/check/hole")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "error[MDB304]")
}

// The line of progress changes on a terminal, is taken away in the end, and is
// nowhere else.
func TestLive_progress(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := command(mdbcheck.World{Env: s.env, Terminal: true}, "live", s.dir, "--parallel", "1", "--color", "never")
	require.Zero(t, got.status)
	require.Contains(t, got.stderr, "\r\x1b[Kasked 0 of 2, waiting for u1\r\x1b[K")
	require.True(t, strings.HasSuffix(got.stderr, "\r\x1b[K"))
	require.NotContains(t, got.stdout, "waiting")
}

// An interrupt ends live while a server does not answer.
func TestLive_interrupted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	p, err := proxy.Start(t.Context(), s.servers[0].Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Close() })
	p.BlackHole(true)
	s.write(p.Addr())

	program := filepath.Join(t.TempDir(), "mdbcheck")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "live", s.dir, "--timeout", "10m")
	cmd.Env = os.Environ()
	for name, value := range s.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return p.Accepted() > 0 }, 30*time.Second, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	_ = cmd.Wait()
	require.Equal(t, 2, cmd.ProcessState.ExitCode())
	require.Equal(t, "mdbcheck: interrupted: not all servers were asked\n", stderr.String())
}
