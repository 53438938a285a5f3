package live

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/hcl"
)

// A replica is one declared replica being asked.
type replica struct {
	server *server
	spec   hcl.Endpoint

	vars    map[string]string
	sources []source
	done    bool // everything was asked
}

// A source is a server that a replica follows, as the replica tells it.
type source struct {
	host, port string
	serverID   string // "0" before it was reached
	uuid       string // empty on MariaDB
	receiving  bool   // it hears from the source
	applying   bool   // it carries out what it hears
	receiveErr int    // numbers of errors; the texts may quote rows
	applyErr   int
	behind     time.Duration // meaningless unless known
	known      bool
	delay      time.Duration // that was asked for
}

func newReplica(s *server, spec hcl.Endpoint) *replica { return &replica{server: s, spec: spec} }

func (x *replica) label() string { return x.server.name + "/" + x.spec.Name }

// address names the replica's declaration.
func (x *replica) address() string { return x.server.address() + ".replica." + x.spec.Name }

// ask asks who the replica is and whom it follows.
func (x *replica) ask(ctx context.Context) error {
	r := x.server.run
	db, err := r.pools.Replica(x.server.name, x.spec.Name)
	if err != nil {
		return err
	}
	conn, err := openSession(ctx, db)
	if err != nil {
		return loginFault("the service's login", err)
	}
	defer discard(conn)
	if x.vars, err = variablesOf(ctx, conn); err != nil {
		return err
	}
	r.version(x.label(), x.address(), x.vars)
	x.sources, err = sourcesOf(ctx, conn, x.vars)
	if isDenied(err) {
		if what := missing(x.server.spec.Admin); what != "" {
			return &unsetError{what}
		}
		x.sources, err = x.sourcesAsAdmin(ctx)
	}
	if isDenied(err) {
		r.find("MDB822", x.address(), finding{
			summary: "no login may ask " + x.label() + " for the state of replication", detail: "whether it replicates cannot be told",
			help: grantHelp("REPLICA MONITOR (MariaDB) or REPLICATION CLIENT (MySQL) ON *.*"),
		})
	}
	x.done = err == nil
	return err
}

func (x *replica) sourcesAsAdmin(ctx context.Context) ([]source, error) {
	db, err := x.server.run.admins.Replica(x.server.name, x.spec.Name)
	if err != nil {
		return nil, err
	}
	conn, err := openSession(ctx, db)
	if err != nil {
		return nil, loginFault("the admin's login", err)
	}
	defer discard(conn)
	return sourcesOf(ctx, conn, x.vars)
}

// sourcesOf asks whom a server follows.
func sourcesOf(ctx context.Context, conn *sql.Conn, variables map[string]string) ([]source, error) {
	var sources []source
	err := queryOn(ctx, conn, statusStatement(variables), func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]sql.NullString, len(names))
		targets := make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row := make(map[string]sql.NullString, len(names))
		for i, name := range names {
			row[newName(name)] = values[i]
		}
		sources = append(sources, sourceOf(row))
		return nil
	})
	return sources, err
}

// statusStatement gives the statement by which a server tells whom it follows.
func statusStatement(variables map[string]string) string {
	switch {
	case isMariaDB(variables):
		return "SHOW ALL SLAVES STATUS" // one row for each connection
	case older(variables["version"], "8.0.22"):
		return "SHOW SLAVE STATUS"
	}
	return "SHOW REPLICA STATUS"
}

// newName gives the name of a column of the status as MySQL has it now.
func newName(column string) string {
	column = strings.ToLower(column)
	column = strings.Replace(column, "master", "source", 1)
	return strings.Replace(column, "slave", "replica", 1)
}

// sourceOf reads one row of the status.
func sourceOf(row map[string]sql.NullString) source {
	text := func(name string) string { return row[name].String }
	whole := func(name string) int {
		n, _ := strconv.Atoi(text(name)) // a number, or NULL
		return n
	}
	behind, err := strconv.Atoi(text("seconds_behind_source"))
	return source{
		host: text("source_host"), port: text("source_port"), serverID: text("source_server_id"), uuid: text("source_uuid"),
		receiving: text("replica_io_running") == "Yes", applying: text("replica_sql_running") == "Yes",
		receiveErr: whole("last_io_errno"), applyErr: whole("last_sql_errno"),
		behind: time.Duration(behind) * time.Second, known: err == nil,
		delay: time.Duration(whole("sql_delay")) * time.Second,
	}
}

// compareReplicas applies the rules MDB805.
func (r *run) compareReplicas(all []*server) {
	for _, x := range r.replicas {
		if !x.done {
			continue
		}
		follows := x.follows(all)
		if follows == nil {
			x.wrongSource(all)
			continue
		}
		x.health(follows)
	}
}

// follows gives the source that is the replica's own server, or another replica of
// it, or nil. Where the server itself was not asked, the first source passes
// unless it is known to be another server.
func (x *replica) follows(all []*server) *source {
	for i := range x.sources {
		from := &x.sources[i]
		if x.isOwn(from) {
			return from
		}
	}
	for i := range x.sources {
		if _, known := x.server.run.named(&x.sources[i], all); !known && !x.server.done {
			return &x.sources[i]
		}
	}
	return nil
}

// isOwn reports whether a source is the replica's server or another replica of it.
func (x *replica) isOwn(from *source) bool {
	if from.is(x.server.vars, x.server.spec.Primary) {
		return true
	}
	for _, other := range x.server.run.replicas {
		if other != x && other.server == x.server && from.is(other.vars, other.spec) {
			return true
		}
	}
	return false
}

// is reports whether the source is a server with these settings. Before a replica
// has reached its source, it knows only the address.
func (s *source) is(variables map[string]string, e hcl.Endpoint) bool {
	switch {
	case s.uuid != "" && variables["server_uuid"] != "":
		return s.uuid == variables["server_uuid"]
	case s.serverID != "" && s.serverID != "0" && variables["server_id"] != "":
		return s.serverID == variables["server_id"]
	}
	return e.Known && strings.EqualFold(net.JoinHostPort(s.host, s.port), e.DSN.Address())
}

// named gives the label of the declared server that a source is.
func (r *run) named(from *source, all []*server) (string, bool) {
	for _, s := range all {
		if from.is(s.vars, s.spec.Primary) {
			return s.name, true
		}
	}
	for _, x := range r.replicas {
		if x.done && from.is(x.vars, x.spec) {
			return x.label(), true
		}
	}
	return "", false
}

func (x *replica) wrongSource(all []*server) {
	r := x.server.run
	if len(x.sources) == 0 {
		r.find("replica-broken", x.address(), finding{
			summary: x.label() + " is no replica: it follows nobody", detail: "it has no source",
			help: "make it follow " + x.server.name + ", or take it out of the file",
		})
		return
	}
	name, known := r.named(&x.sources[0], all)
	if !known {
		name = "a server that is not declared (server_id " + x.sources[0].serverID + ")"
	}
	r.find("wrong-source", x.address(), finding{
		summary: fmt.Sprintf("%s replicates from %s", x.label(), name), detail: "declared as a replica of " + x.server.name,
		help:    "declare it under the server that it copies, or let it follow " + x.server.name,
		related: []related{{x.server.address(), "declared as a replica of this"}},
	})
}

func (x *replica) health(from *source) {
	r := x.server.run
	var faults []string
	if !from.receiving {
		faults = append(faults, "it does not hear from its source"+errno(from.receiveErr))
	}
	if !from.applying {
		faults = append(faults, "it does not apply what it hears"+errno(from.applyErr))
	}
	late := from.behind - from.delay
	switch {
	case len(faults) > 0:
		r.find("replica-broken", x.address(), finding{
			summary: x.label() + " does not replicate", detail: strings.Join(faults, "; "),
			help: "see " + statusStatement(x.vars) + " on it; repair or rebuild it",
		})
	case from.known && late > r.opts.Lag:
		r.find("replica-lag", x.address(), finding{
			summary: fmt.Sprintf("%s is %v behind %s", x.label(), late, x.server.name), detail: fmt.Sprintf("more than %v", r.opts.Lag),
			help: "look for a long statement, a slow disk or too few applier threads there",
		})
	}
}

func errno(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (error %d)", n)
}

// compareIdentities applies MDB803.
func (r *run) compareIdentities(all []*server) {
	type endpoint struct{ label, address string }
	first := map[string]endpoint{}
	check := func(label, address, identity string) {
		if identity == "" { // an engine that has none: its clones are not told apart
			return
		}
		twin, seen := first[identity]
		if !seen {
			first[identity] = endpoint{label, address}
			return
		}
		r.find("MDB803", address, finding{
			summary: fmt.Sprintf("%s and %s are one server", twin.label, label), detail: "both answer with identity " + identity,
			help:    "mend the address; a clone needs an identity of its own",
			related: []related{{twin.address, twin.label + " is here"}},
		})
	}
	for _, s := range all {
		check(s.name, s.address(), area.Identity(s.vars))
	}
	for _, x := range r.replicas {
		if x.done {
			check(x.label(), x.address(), area.Identity(x.vars))
		}
	}
}
