package live

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
)

// spot is where a database is.
type spot struct{ server, database string }

func (s spot) String() string { return s.server + "/" + s.database }

// place is what at most one database of a namespace may be.
type place struct {
	area  string
	start gdid.RangeKey
	shard int
}

func placeOf(s *provision.Stamp) place { return place{s.Area, s.Start, s.Shard} }

// wanted is a database that the configuration declares, and what it must say.
type wanted struct {
	server  *server
	name    string // as the configuration has it
	address string // of the declaration
	set     string // "partition p0 of area user", "CENTRAL"
	stamp   provision.Stamp
	tables  []string // of mdb, that it must have
}

func (w *wanted) spot() spot { return spot{w.server.name, w.server.stored(w.name)} }

// The tables that mdb keeps in every shard.
var (
	shardTables   = []string{"mdb_shard", "mdb_server", "mdb_fence", "mdb_case", "mdb_claim", "mdb_schema"}
	centralTables = []string{"mdb_shard", "mdb_server", "mdb_index"}
)

// wants gives the databases that a server must have.
func (s *server) wants() []wanted {
	var list []wanted
	for i := range s.shards {
		shard := &s.shards[i]
		set := "partition " + shard.Partition + " of area " + shard.Area
		list = append(list, wanted{server: s, name: shard.Database, address: partitionAddress(shard), set: set, tables: shardTables, stamp: provision.Stamp{
			Namespace: s.run.registry.Namespace(), Area: shard.Area, Start: shard.Start, Shard: shard.Index, Shards: shard.Count,
			Hash: shard.Hash.String(), Database: shard.Database,
		}})
	}
	for _, shard := range s.central {
		list = append(list, wanted{server: s, name: shard.Database, address: centralAddress, set: "CENTRAL", tables: centralTables, stamp: provision.Stamp{
			Namespace: s.run.registry.Namespace(), Area: area.CentralName, Shard: shard.Index, Shards: shard.Count,
			Hash: area.CentralHash, Layout: shard.Layout,
		}})
	}
	return list
}

// compareStamps applies MDB806, MDB807, MDB808 and MDB823.
func (r *run) compareStamps(all []*server) {
	r.displaced = map[string]bool{}
	c := stampComparison{run: r, found: map[place][]spot{}, wanted: map[place]spot{}, used: map[spot]bool{}, gone: map[setOf][]wanted{}, open: map[place]bool{}}
	distinct, labels := distinctServers(all)
	c.labels = labels
	for _, s := range distinct {
		for i := range s.state.Databases {
			d := &s.state.Databases[i]
			if stamp := stampIn(d); stamp != nil && stamp.Namespace == r.registry.Namespace() {
				c.found[placeOf(stamp)] = append(c.found[placeOf(stamp)], spot{s.name, d.Name})
				c.open[placeOf(stamp)] = c.open[placeOf(stamp)] || isOpen(d)
			}
		}
	}
	for _, s := range all {
		for _, w := range s.wants() {
			c.wanted[placeOf(&w.stamp)], c.used[w.spot()] = w.spot(), true
		}
	}
	for _, s := range all {
		if !c.elsewhere(s, labels[s.name] == s.name) {
			c.server(s)
		}
	}
	c.missing()
	c.strays(distinct)
}

// elsewhere reports a server that has none of the databases placed on it while
// another one has them all: its address leads to the wrong machine, or the file's
// lists were reordered. Of a second label of one server, which MDB803 names, nothing
// more is said.
func (c *stampComparison) elsewhere(s *server, distinct bool) bool {
	wants := s.wants()
	holders := map[string]bool{}
	for i := range wants {
		w := &wants[i]
		at := c.found[placeOf(&w.stamp)]
		for _, other := range at {
			holders[other.server] = true
		}
		if d, exists := s.state.Database(w.name); exists && stampIn(d) != nil && placeOf(stampIn(d)) == placeOf(&w.stamp) || distinct && len(at) != 1 {
			return false
		}
	}
	if !distinct {
		c.run.displaced[s.name] = true
		return true
	}
	if len(wants) < 2 || len(holders) != 1 || holders[s.name] {
		return false
	}
	var holder string
	for holder = range holders {
	}
	c.run.displaced[s.name] = true
	c.run.find("MDB807", s.address(), finding{
		summary: fmt.Sprintf("%s has none of its %d databases: they stand on %s", s.name, len(wants), holder),
		detail:  "the address of another server, or lists that were reordered",
		help:    fmt.Sprintf("mend the address of %s, or put the lists of servers in the file back; only if the databases were moved there for good, let the file say so", s.name),
		related: []related{{"server." + holder, "they stand here"}},
	})
	return true
}

// distinctServers leaves out those that are others under a second label, and gives
// of all labels the first one of the same server: MDB803 names them, and their
// databases are no copies.
func distinctServers(all []*server) (distinct []*server, labels map[string]string) {
	first := map[string]string{}
	labels = map[string]string{}
	for _, s := range all {
		id := s.state.Identity
		if twin, seen := first[id]; seen && id != "" {
			labels[s.name] = twin
			continue
		}
		first[id], labels[s.name] = s.name, s.name
		distinct = append(distinct, s)
	}
	return distinct, labels
}

// stampIn gives what a database says of itself, finished or not.
func stampIn(d *provision.DatabaseState) *provision.Stamp {
	if d.Stamp != nil {
		return d.Stamp
	}
	return d.Draft
}

// stampComparison holds what databases say against what they must say.
type stampComparison struct {
	run    *run
	found  map[place][]spot
	wanted map[place]spot
	used   map[spot]bool     // the configuration places something there
	labels map[string]string // of servers: the first of the same one
	gone   map[setOf][]wanted
	open   map[place]bool
	sets   []setOf // the keys of gone, as they were met
}

// setOf is the shards of a partition, or of CENTRAL.
type setOf struct {
	area  string
	start gdid.RangeKey
}

func (c *stampComparison) server(s *server) {
	var strangers []string // databases that do not know this server
	for _, w := range s.wants() {
		if !c.stands(&w) || !c.complete(&w) {
			continue
		}
		d, _ := s.state.Database(w.name)
		if !admitted(s, d) {
			strangers = append(strangers, w.name)
			continue
		}
		if err := s.refused[w.name]; err != nil {
			c.refused(&w, err)
		}
	}
	for i := range s.stores {
		if a := &s.stores[i]; !s.databases[s.folded(a.Store.Name)] && !s.unseen[a.Store.Name] {
			c.missingStore(s, a)
		}
	}
	if len(strangers) > 0 {
		c.run.find("MDB807", s.address(), finding{
			summary: fmt.Sprintf("%s was not admitted to %s", s.name, listed(strangers)),
			detail:  fmt.Sprintf("it answers as %q", s.state.Identity),
			help: "it is a copy, or another server behind the address: mend the address; only if it took over for good and the old one never comes back, run mdbctl admit " +
				s.name,
		})
	}
}

// stands reports whether a database exists and is what it must be.
func (c *stampComparison) stands(w *wanted) bool {
	c.twins(w)
	d, exists := w.server.state.Database(w.name)
	if !exists {
		c.miss(w)
		return false
	}
	stamp := stampIn(d)
	if stamp == nil {
		detail := "it is empty"
		if len(d.Tables) > 0 {
			detail = "it has tables, and nothing says which shard it is"
		}
		if c.inUse(w) {
			c.run.find("MDB807", w.address, finding{
				summary: w.at() + " is not stamped as a shard, and others of " + w.set + " are in use", detail: detail,
				help: c.mend(w, "if it was lost, restore it from its backup; if it is new, run mdbctl provision"),
			})
			return false
		}
		c.run.find("MDB808", w.address, finding{summary: w.at() + " is not stamped as a shard", detail: detail, help: c.mend(w, "run mdbctl provision")})
		return false
	}
	if fact := stampDifference(stamp, &w.stamp, d.Stamp == nil); fact != "" {
		c.run.find("MDB807", w.address, finding{
			summary: fmt.Sprintf("%s is stamped %s", w.at(), described(stamp)), detail: fact,
			help: c.mend(w, "were servers or shards swapped, reordered or renamed in the file? put it back"),
		})
		return false
	}
	return true
}

// inUse reports whether another shard of the same partition, or of CENTRAL, is open.
func (c *stampComparison) inUse(w *wanted) bool {
	for at := range w.stamp.Shards {
		other := place{w.stamp.Area, w.stamp.Start, at}
		if at != w.stamp.Shard && c.open[other] {
			return true
		}
	}
	return false
}

// at names the database: "u1/user_p0_0".
func (w *wanted) at() string { return w.server.name + "/" + w.name }

// described says in a few words what a database is.
func described(s *provision.Stamp) string {
	if s.Area == area.CentralName {
		return fmt.Sprintf("CENTRAL, shard %d of %d, namespace %s", s.Shard, s.Shards, s.Namespace)
	}
	return fmt.Sprintf("area.%s from %v, shard %d of %d, namespace %s", s.Area, s.Start, s.Shard, s.Shards, s.Namespace)
}

// stampDifference gives the first fact in which a stamp is not what it must be.
func stampDifference(got, want *provision.Stamp, draft bool) string {
	facts := []struct{ name, want, got string }{
		{"namespace", want.Namespace, got.Namespace},
		{"area", want.Area, got.Area},
		{"start", want.Start.String(), got.Start.String()},
		{"shard", strconv.Itoa(want.Shard), strconv.Itoa(got.Shard)},
		{"number of shards", strconv.Itoa(want.Shards), strconv.Itoa(got.Shards)},
		{"hash", want.Hash, got.Hash},
	}
	if want.Database != "" {
		facts = append(facts, struct{ name, want, got string }{"database", want.Database, got.Database})
	} else if !draft { // CENTRAL's shards are told apart by their layout, which a draft lacks
		facts = append(facts, struct{ name, want, got string }{"layout", strconv.FormatUint(want.Layout, 10), strconv.FormatUint(got.Layout, 10)})
	}
	for _, f := range facts {
		if f.want != f.got {
			return fmt.Sprintf("%s is %s, the configuration says %s", f.name, f.got, f.want)
		}
	}
	return ""
}

// complete reports whether the creation of a shard was finished.
func (c *stampComparison) complete(w *wanted) bool {
	d, _ := w.server.state.Database(w.name)
	if d.Stamp == nil && d.Phase >= provision.Done {
		c.run.find("MDB807", w.address, finding{
			summary: w.at() + " no longer says which shard it is", detail: "mdb_shard is gone or empty: services refuse it", help: "restore the table from a backup of the database",
		})
		return false
	}
	if d.Stamp == nil || d.Draft != nil && d.Phase < provision.Done {
		c.run.find("MDB808", w.address, finding{
			summary: w.at() + " is not finished", detail: "provisioning stopped before its end", help: "run mdbctl provision again; it goes on where it stopped",
		})
		return false
	}
	for _, name := range w.tables {
		if !slices.Contains(d.Tables, name) {
			c.run.find("MDB809", w.address, finding{
				summary: fmt.Sprintf("%s has no table %s", w.at(), name), detail: "mdb keeps it in every shard", help: "restore it from a backup of the database",
			})
			return false
		}
	}
	rows := 0
	for _, f := range d.Fence {
		rows += f.Rows
	}
	if w.stamp.Area != area.CentralName && rows != area.Stripes {
		c.run.find("MDB807", w.address, finding{
			summary: fmt.Sprintf("mdb_fence of %s has %d rows instead of %d", w.at(), rows, area.Stripes), detail: "writes to some ids fail",
			help: "restore the table from a backup of the database",
		})
		return false
	}
	return true
}

// miss notes a database that is not there. One that a service opened exists: the
// admin's login does not see it, which MDB822 says.
func (c *stampComparison) miss(w *wanted) {
	if w.server.opened[w.name] {
		return
	}
	set := setOf{w.stamp.Area, w.stamp.Start}
	if len(c.gone[set]) == 0 {
		c.sets = append(c.sets, set)
	}
	c.gone[set] = append(c.gone[set], *w)
}

// missing applies MDB806: a partition that has no database yet is one finding.
func (c *stampComparison) missing() {
	for _, set := range c.sets {
		list := c.gone[set]
		w := &list[0]
		if len(list) > 1 && len(list) == w.stamp.Shards && !slices.ContainsFunc(list, func(w wanted) bool { return len(c.found[placeOf(&w.stamp)]) > 0 }) {
			c.run.find("MDB806", w.address, finding{
				summary: fmt.Sprintf("%s has none of its %d databases: %s", w.set, len(list), listed(spotsOf(list))),
				detail:  "nothing is provisioned, or " + w.server.adminLogin() + " may not see it", help: "run mdbctl provision, or mend the names",
			})
			continue
		}
		for i := range list {
			w := &list[i]
			c.run.find("MDB806", w.address, finding{
				summary: w.at() + " does not exist", detail: "or " + w.server.adminLogin() + " may not see it",
				help: c.mend(w, "if it is new, run mdbctl provision; if it was lost, restore it from its backup; otherwise mend the name"),
			})
		}
	}
}

func spotsOf(list []wanted) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].at()
	}
	return names
}

// here gives where a wanted database is, under the first label of its server.
func (c *stampComparison) here(w *wanted) spot {
	return spot{c.labels[w.server.name], w.server.stored(w.name)}
}

// missingStore applies MDB806 to the database of an authority.
func (c *stampComparison) missingStore(s *server, a *area.Authority) {
	c.run.find("MDB806", "authority."+a.Name+".store", finding{
		summary: s.name + "/" + a.Store.Name + " does not exist", detail: "or " + s.adminLogin() + " may not see it",
		help: "if it is new, run mdbctl provision; if it was lost, run mdbctl ids floor SEQUENCE --at-least ERA:COUNTER past all ids that exist, before anything else",
	})
}

// mend gives a help, or says where the shard stands instead.
func (c *stampComparison) mend(w *wanted, otherwise string) string {
	for _, at := range c.found[placeOf(&w.stamp)] {
		if at != c.here(w) {
			return fmt.Sprintf("the shard stands in %v: put the file back to what was provisioned, or the database back to its place; only if it was moved there for good, let the file say so", at)
		}
	}
	return otherwise
}

// twins reports other databases that say they are the same shard as one that is
// right. Where that is not right, its own finding names them.
func (c *stampComparison) twins(w *wanted) {
	d, exists := w.server.state.Database(w.name)
	if !exists || stampIn(d) == nil || placeOf(stampIn(d)) != placeOf(&w.stamp) {
		return
	}
	for _, at := range c.found[placeOf(&w.stamp)] {
		if at != c.here(w) && !c.used[at] {
			c.run.find("MDB807", w.address, finding{
				summary: fmt.Sprintf("%v says that it is the shard in %s too", at, w.at()), detail: "a copy, or what was left behind",
				help: "see which one has the rows of today, and drop or rename the other",
			})
		}
	}
}

// admitted reports whether a database knows the server that it is on. An engine
// without an identity passes where none with one was admitted.
func admitted(s *server, d *provision.DatabaseState) bool {
	if s.state.Identity == "" && len(d.Admitted) == 0 {
		return true
	}
	return slices.ContainsFunc(d.Admitted, func(a provision.Admitted) bool { return a.Identity == s.state.Identity && a.Server == s.name })
}

// refused reports what a service met when it opened a connection to a database
// that is in order as far as the admin sees.
func (c *stampComparison) refused(w *wanted, err error) {
	var identity *area.IdentityError
	switch {
	case errors.As(err, &identity):
		c.run.find("MDB807", w.address, finding{
			summary: "services refuse " + w.at(), detail: fmt.Sprintf("%s is %q, and must be %q", identity.Fact, identity.Got, identity.Want),
			help: "see mdbcheck explain MDB807",
		})
	case isDenied(err) && w.server.unread[w.name]: // reported with the rights
	case isDenied(err):
		c.run.find("MDB822", w.address, finding{
			summary: "the service's login may not read mdb's own tables in " + w.at(), detail: "services cannot tell which shard it is, and refuse it",
			help: grantHelp("SELECT, INSERT, UPDATE, DELETE"),
		})
	default:
		c.run.find("MDB807", w.address, finding{summary: "services refuse " + w.at(), detail: c.run.reason(err), help: "see mdbcheck explain MDB807"})
	}
}

// strays applies MDB823: shards that the configuration does not have.
func (c *stampComparison) strays(all []*server) {
	names := map[string][]string{}
	first := map[string]string{}
	for _, s := range all {
		for i := range s.state.Databases {
			d := &s.state.Databases[i]
			stamp := stampIn(d)
			at := spot{s.name, d.Name}
			if stamp == nil || stamp.Namespace != c.run.registry.Namespace() || c.used[at] || c.isWanted(stamp) {
				continue
			}
			if len(names[stamp.Area]) == 0 {
				first[stamp.Area] = described(stamp)
			}
			names[stamp.Area] = append(names[stamp.Area], at.String())
		}
	}
	for name, list := range names {
		c.run.find("MDB823", c.addressOf(name), finding{
			summary: fmt.Sprintf("%s: stamped as shards that this configuration does not have", listed(list)),
			detail:  "the first is " + first[name],
			help: fmt.Sprintf("is this an older file than the one that was provisioned? its routing table is %.12s; drop databases that are known to be left over",
				c.run.registry.Fingerprint()),
		})
	}
}

// isWanted reports whether the configuration has the shard, here or elsewhere.
func (c *stampComparison) isWanted(s *provision.Stamp) bool {
	_, ok := c.wanted[placeOf(s)]
	return ok
}

func (c *stampComparison) addressOf(areaName string) string {
	if areaName == area.CentralName {
		return "central"
	}
	if _, ok := c.run.registry.Area(areaName); ok {
		return "area." + areaName
	}
	return "mdb.namespace"
}
