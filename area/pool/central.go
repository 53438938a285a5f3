package pool

import (
	"context"
	"database/sql/driver"
	"strconv"

	"github.com/mdbrouter/mdb/area"
)

// Central gives the pool of a CENTRAL shard, the same one for equal shards. Its
// connections are checked for identity and layout, and not guarded: there are no
// stripes in CENTRAL, each write checks the layout itself. It does no I/O.
func (p *Pools) Central(s area.CentralShard) *Shard {
	return p.handle(key{dial: Dial{Server: s.Server, Database: s.Database}, central: s}, false)
}

// centralQuery is shardQuery for CENTRAL.
const centralQuery = "SELECT s.namespace, s.area, s.shard, s.shards, s.hash, s.layout, v.identity, v.server" +
	" FROM mdb_shard s LEFT JOIN mdb_server v ON 1 = 1"

// A centralClaim is the CENTRAL shard that a database must be.
type centralClaim struct {
	claim // what it has in common with other shards
	shard area.CentralShard
}

func newCentralClaim(namespace string, s area.CentralShard) *centralClaim {
	return &centralClaim{
		claim: claim{namespace: namespace, shard: area.Shard{Server: s.Server, Database: s.Database}},
		shard: s,
	}
}

// check holds a new connection against the CENTRAL shard.
func (c *centralClaim) check(ctx context.Context, queryer driver.QueryerContext) (sqlMode, error) {
	rows, err := readAll(ctx, queryer, centralQuery)
	if err != nil {
		return 0, c.unprovisioned(err)
	}
	variables, err := readVariables(ctx, queryer, identityQuery())
	if err != nil {
		return 0, err
	}
	if len(rows) == 0 {
		return 0, c.unprovisioned(nil)
	}
	admitted := make(map[string]string, len(rows))
	for _, row := range rows {
		if err := c.compare(row); err != nil {
			return 0, err
		}
		if row[6] != nil {
			admitted[text(row[6])] = text(row[7])
		}
	}
	if err := c.compareServer(area.Identity(variables), admitted); err != nil {
		return 0, err
	}
	return c.compareSession(variables)
}

// compare holds a row of centralQuery against the shard.
func (c *centralClaim) compare(row []any) error {
	if len(row) != 8 {
		return c.differs("columns of mdb_shard", "8", strconv.Itoa(len(row)))
	}
	for _, fact := range []struct{ name, want, got string }{
		{"namespace", c.namespace, text(row[0])},
		{"area", area.CentralName, text(row[1])},
		{"shard", strconv.Itoa(c.shard.Index), text(row[2])},
		{"shards", strconv.Itoa(c.shard.Count), text(row[3])},
		{"hash", area.CentralHash, text(row[4])},
		{"layout", strconv.FormatUint(c.shard.Layout, 10), text(row[5])},
	} {
		if fact.want != fact.got {
			return c.differs(fact.name, fact.want, fact.got)
		}
	}
	return nil
}
