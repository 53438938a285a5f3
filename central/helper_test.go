package central_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/dsn"
	"github.com/mdbrouter/mdb/area/pool"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/briefcase"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
	"github.com/mdbrouter/mdb/mdbtest/proxy"
	"github.com/mdbrouter/mdb/partition"
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// site is CENTRAL and one area, provisioned for one test on servers that others
// share. CENTRAL's shards are on c1 and c2 in turn, the area's single shard is on
// c2.
type site struct {
	t        *testing.T
	registry *area.Registry
	servers  map[string]*mysqld.Server
	prefix   string
}

// indexes are the indexes of every site.
func indexes() []area.Index {
	return []area.Index{
		{Name: "email", Briefcase: "customer", Type: "string", Normalize: []string{"trim", "nfkc", "fold"}, MaxBytes: 320, Unique: true},
		{Name: "number", Briefcase: "customer", Type: "int64", Unique: true},
		{Name: "phone", Briefcase: "customer", Type: "string", Normalize: []string{"trim"}, MaxBytes: 32},
		{Name: "long", Briefcase: "customer", Type: "bytes", MaxBytes: 3072, Unique: true},
		{Name: "tag", Briefcase: "customer", Type: "bytes", MaxBytes: 3060},
	}
}

// newSite provisions CENTRAL with n shards.
func newSite(t *testing.T, n int) *site {
	t.Helper()
	cluster, prefix := servers.Get(t)
	return siteOn(t, cluster, prefix, n)
}

func siteOn(t *testing.T, cluster *mysqld.Cluster, prefix string, n int) *site {
	t.Helper()
	s := &site{t: t, prefix: prefix, servers: map[string]*mysqld.Server{"c1": cluster.Servers[0], "c2": cluster.Servers[1]}}
	c := &area.Central{Indexes: indexes()}
	for i := range n {
		c.Shards = append(c.Shards, area.Database{Server: []string{"c1", "c2"}[i%2], Name: fmt.Sprintf("%scentral_%d", prefix, i)})
	}
	s.registry = s.compile(c)
	s.provision()
	return s
}

func schema(string) ([]provision.File, error) {
	return []provision.File{{Name: "1.sql", SQL: "CREATE TABLE tbl_user (g_user BINARY(12) NOT NULL PRIMARY KEY, name VARCHAR(64) NOT NULL) ENGINE=InnoDB"}}, nil
}

func (s *site) compile(c *area.Central) *area.Registry {
	registry, err := area.NewRegistry(area.Topology{
		Namespace: s.prefix + "ns", Hash: partition.Jump1, Central: c, Servers: []area.Server{{Name: "c1"}, {Name: "c2"}},
		Areas: []area.Spec{{Name: "user", Partitions: []area.PartitionSpec{
			{Name: "p0", Shards: []area.Database{{Server: "c2", Name: s.prefix + "user"}}},
		}}},
		Briefcases: []area.Briefcase{{Name: "customer", Area: "user", Key: "g_user", Tables: []area.Table{{Name: "tbl_user"}}}},
	})
	require.NoError(s.t, err)
	return registry
}

// admins gives provisioning its connections.
type admins struct{ *pool.Pools }

// Admin is a provision.Servers.
func (a admins) Admin(_ context.Context, server string) (*sql.DB, error) {
	return a.Pools.Admin(server)
}

func (s *site) provision() {
	s.t.Helper()
	var endpoints []pool.Endpoint
	for name, server := range s.servers {
		d, err := dsn.Build(dsn.Parts{Address: server.Addr(), User: "root"})
		require.NoError(s.t, err)
		endpoints = append(endpoints, pool.Endpoint{Server: name, DSN: d})
	}
	pools := pool.New(nil, endpoints, pool.Options{})
	defer pools.Close()
	plan, err := provision.NewPlan(s.t.Context(), provision.Config{Registry: s.registry, Servers: admins{pools}, Schema: schema})
	require.NoError(s.t, err)
	require.NoError(s.t, plan.Apply(s.t.Context()))
}

// process is what one process has: its own connections, configuration and cache.
type process struct {
	site     *site
	registry *area.Registry
	central  *central.Central
	pools    *pool.Pools
	wires    map[string]*proxy.Proxy // by server, if asked for
}

func (s *site) process() *process { return s.processOf(s.registry, nil) }

// wired gives a process whose connections run through proxies.
func (s *site) wired() *process {
	s.t.Helper()
	wires := make(map[string]*proxy.Proxy)
	for name, server := range s.servers {
		wire, err := proxy.Start(s.t.Context(), server.Addr())
		require.NoError(s.t, err)
		s.t.Cleanup(func() { _ = wire.Close() })
		wires[name] = wire
	}
	return s.processOf(s.registry, wires)
}

func (s *site) processOf(registry *area.Registry, wires map[string]*proxy.Proxy) *process {
	s.t.Helper()
	p := &process{site: s, wires: wires}
	var endpoints []pool.Endpoint
	for name, server := range s.servers {
		addr := server.Addr()
		if wires != nil {
			addr = wires[name].Addr()
		}
		d, err := dsn.Build(dsn.Parts{Address: addr, User: "root", Params: map[string]string{"readTimeout": "10s", "timeout": "2s"}})
		require.NoError(s.t, err)
		endpoints = append(endpoints, pool.Endpoint{Server: name, DSN: d, MaxOpen: 8})
	}
	p.pools = pool.New(endpoints, nil, pool.Options{Namespace: s.prefix + "ns"})
	s.t.Cleanup(func() { _ = p.pools.Close() })
	p.registry = registry
	p.renew(p)
	return p
}

// renew gives the process indexes whose briefcases are reached in another way.
func (p *process) renew(briefcases central.Briefcases) {
	p.site.t.Helper()
	cfg := central.Config{Spec: p.registry.Central(), Briefcases: briefcases}
	for _, shard := range p.registry.Central().ShardList() {
		cfg.Shards = append(cfg.Shards, p.pools.Central(shard))
	}
	var err error
	p.central, err = central.New(cfg)
	require.NoError(p.site.t, err)
	p.site.t.Cleanup(p.central.Close)
}

// InTx is a central.Briefcases.
func (p *process) InTx(ctx context.Context, _ *area.Index, id gdid.GDID, fn func(tx *sql.Tx) error) error {
	a, _ := p.site.registry.Area("user")
	shard, err := a.Shard(id)
	if err != nil {
		return err
	}
	return briefcase.New(id, shard, p.pools.Shard(*shard), briefcase.Options{}).InTx(ctx, nil, fn)
}

func (p *process) email() *central.Index { return p.central.Index("email") }

func id(n uint64) gdid.GDID { return gdid.MustParse(fmt.Sprintf("0:1:%d", n)) }

// lookup gives the owner of a key, or zero.
func lookup(t *testing.T, x *central.Index, k any) gdid.GDID {
	t.Helper()
	found, err := x.Lookup(t.Context(), k)
	if errors.Is(err, area.ErrNotFound) {
		return gdid.GDID{}
	}
	require.NoError(t, err)
	return found
}

func reserve(t *testing.T, x *central.Index, k any, owner gdid.GDID, ttl time.Duration) *central.Reservation {
	t.Helper()
	r, err := x.Reserve(t.Context(), k, owner, ttl)
	require.NoError(t, err)
	return r
}

// own reserves and confirms.
func own(t *testing.T, x *central.Index, k any, owner gdid.GDID) {
	t.Helper()
	require.NoError(t, reserve(t, x, k, owner, 0).Confirm(t.Context()))
}

// expired waits until a short reservation has expired.
func (s *site) expire(index string) {
	s.t.Helper()
	for _, shard := range s.registry.Central().ShardList() {
		s.exec(shard.Server, "UPDATE "+shard.Database+".mdb_index_"+index+" SET expires = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE state = 1")
	}
}

func (s *site) exec(server, statement string) {
	s.t.Helper()
	_, err := s.servers[server].DB().ExecContext(s.t.Context(), statement)
	require.NoError(s.t, err, statement)
}

// create runs the transaction that creates a briefcase with a claimed reservation.
func (p *process) create(ctx context.Context, r *central.Reservation) error {
	return p.InTx(ctx, nil, r.ID(), func(tx *sql.Tx) error {
		if err := r.Claim(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO tbl_user (g_user, name) VALUES (?, 'x')", r.ID())
		return err
	})
}

// rows gives what stands in an index, in all shards: owners by key and state.
func (s *site) rows(index string) map[string]string {
	s.t.Helper()
	all := make(map[string]string)
	for _, shard := range s.registry.Central().ShardList() {
		rows, err := s.servers[shard.Server].DB().QueryContext(s.t.Context(), "SELECT `key`, gdid, state FROM "+shard.Database+".mdb_index_"+index)
		require.NoError(s.t, err)
		defer rows.Close()
		for rows.Next() {
			var k []byte
			var owner gdid.GDID
			var state int
			require.NoError(s.t, rows.Scan(&k, &owner, &state))
			require.NotContains(s.t, all, string(k), "a key stands in two shards")
			all[string(k)] = fmt.Sprintf("%v %s", owner, []string{"", "reserved", "live"}[state])
		}
		require.NoError(s.t, rows.Err())
	}
	return all
}

// meddle runs other once, at the next statement that picks says, before the server
// sees it. The other must not use the wire.
func meddle(wire *proxy.Proxy, picks string, other func()) {
	var once sync.Once
	wire.CutRequest(func(code byte, payload []byte) bool {
		if code == proxy.ComQuery && bytes.Contains(payload, []byte(picks)) {
			once.Do(other)
		}
		return false
	})
}
