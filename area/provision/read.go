package provision

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/gdid"
)

// Read asks every server of the configuration what it is and holds, several at
// once, without changing anything. A server that cannot be read has Err set. The
// answer is in the order of the configuration.
func Read(ctx context.Context, cfg Config) []ServerState {
	return readAll(ctx, cfg.withDefaults(), cfg.Registry.Topology().Servers)
}

// ReadServer asks one server over a connection of the caller's, like [Read], and
// leaves its replicas alone. The session is left as it was, and may be read-only.
func ReadServer(ctx context.Context, r *area.Registry, server string, conn *sql.Conn) ServerState {
	return readServer(ctx, &session{server: server, conn: conn}, placed(r, server))
}

// readAll reads servers, each over a connection of its own.
func readAll(ctx context.Context, cfg Config, servers []area.Server) []ServerState {
	states := make([]ServerState, len(servers))
	eachServer(servers, func(i int, server area.Server) {
		states[i] = readFresh(ctx, cfg, server)
	})
	return states
}

// parallelServers bounds how many servers are worked on at once.
const parallelServers = 16

// eachServer calls fn for all servers, several at once, and waits for all.
func eachServer(servers []area.Server, fn func(i int, server area.Server)) {
	slots := make(chan struct{}, parallelServers)
	var running sync.WaitGroup
	for i, server := range servers {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			fn(i, server)
		})
	}
	running.Wait()
}

func readFresh(ctx context.Context, cfg Config, server area.Server) ServerState {
	s, err := openSession(ctx, cfg.Servers, server.Name)
	if err != nil {
		return ServerState{Server: server.Name, Err: err}
	}
	defer s.close()
	state := readServer(ctx, s, placed(cfg.Registry, server.Name))
	state.Replicas = readReplicas(ctx, cfg, server)
	return state
}

// placed gives the names of the databases that the configuration puts on a server.
func placed(r *area.Registry, server string) []string {
	var names []string
	for i := range r.Shards() {
		if s := &r.Shards()[i]; s.Server == server {
			names = append(names, s.Database)
		}
	}
	for _, s := range centralShards(r) {
		if s.Server == server {
			names = append(names, s.Database)
		}
	}
	return names
}

func readReplicas(ctx context.Context, cfg Config, server area.Server) []ReplicaState {
	if cfg.Replicas == nil {
		return nil
	}
	states := make([]ReplicaState, 0, len(server.Replicas))
	for _, replica := range server.Replicas {
		state := ReplicaState{Replica: replica.Name}
		db, err := cfg.Replicas.Replica(ctx, server.Name, replica.Name)
		if err == nil {
			var variables map[string]string
			variables, err = readVariables(ctx, db)
			state.Identity = area.Identity(variables)
		}
		state.Err = err
		states = append(states, state)
	}
	return states
}

// querier is a pool or one connection.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// readServer reads what a server is and holds.
func readServer(ctx context.Context, s *session, expected []string) ServerState {
	state := ServerState{Server: s.server}
	state.Err = state.read(ctx, s.conn, expected)
	return state
}

func (s *ServerState) read(ctx context.Context, q querier, expected []string) error {
	variables, err := readVariables(ctx, q)
	if err != nil {
		return fmt.Errorf("read the server's variables: %w", err)
	}
	s.Identity = area.Identity(variables)
	s.ReadOnly = variables["read_only"] == "ON" || variables["read_only"] == "1"
	s.foldsNames = variables["lower_case_table_names"] == "1" || variables["lower_case_table_names"] == "2"
	for _, setting := range []struct{ name, want, number string }{{"autocommit", "ON", "1"}, {"completion_type", "NO_CHAIN", "0"}} {
		if v := variables[setting.name]; v != "" && v != setting.want && v != setting.number {
			return fmt.Errorf("%s is %s on this server, and mdb needs %s", setting.name, v, setting.want)
		}
	}
	found, err := s.databases(ctx, q, expected)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		d, err := found[name].readAgain(ctx, q)
		if !d.placed && vanished(err) {
			continue
		}
		if err != nil {
			return &DatabaseError{Database: name, Err: err}
		}
		s.Databases = append(s.Databases, d)
	}
	return nil
}

// A DatabaseError is returned when a database cannot be read.
type DatabaseError struct {
	Database string
	Err      error
}

// Error names the database.
func (e *DatabaseError) Error() string { return fmt.Sprintf("read database %s: %v", e.Database, e.Err) }

// Unwrap gives what was met.
func (e *DatabaseError) Unwrap() error { return e.Err }

// vanished reports whether a database was dropped while it was read.
func vanished(err error) bool {
	e, ok := errors.AsType[area.ServerError](err)
	return ok && (e.Number() == 1146 || e.Number() == 1049) // no such table, no such database
}

func readVariables(ctx context.Context, q querier) (map[string]string, error) {
	names := append(area.IdentityVariables(), "read_only", "lower_case_table_names")
	variables := make(map[string]string, len(names))
	err := scanAll(ctx, q, "SHOW VARIABLES WHERE Variable_name IN ('"+strings.Join(names, "','")+"')", nil, func(rows *sql.Rows) error {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		variables[strings.ToLower(name)] = value
		return nil
	})
	return variables, err
}

// databases gives those to read: those that the configuration places here, and
// others that are stamped.
func (s *ServerState) databases(ctx context.Context, q querier, expected []string) (map[string]*DatabaseState, error) {
	found := make(map[string]*DatabaseState)
	wanted := make(map[string]bool, len(expected))
	for _, name := range expected {
		wanted[s.stored(name)] = true
	}
	err := scanAll(ctx, q, "SELECT schema_name FROM information_schema.schemata", nil, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		if wanted[name] {
			found[name] = &DatabaseState{Name: name, placed: true}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the databases: %w", err)
	}
	stamped := fmt.Sprintf("SELECT table_schema, table_name FROM information_schema.tables WHERE table_name IN ('%s', '%s')", shardTable, provisionTable)
	err = scanAll(ctx, q, stamped, nil, func(rows *sql.Rows) error {
		var name, table string
		if err := rows.Scan(&name, &table); err != nil {
			return err
		}
		if found[name] == nil {
			found[name] = &DatabaseState{Name: name}
		}
		if !found[name].placed {
			found[name].Tables = append(found[name].Tables, table)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for stamped databases: %w", err)
	}
	return found, nil
}

// readAgain reads a database, again when a change of its schema was in the way,
// which some servers report as a deadlock.
func (d *DatabaseState) readAgain(ctx context.Context, q querier) (DatabaseState, error) {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		read := *d
		err := read.read(ctx, q)
		if attempt == attempts || area.Classify(err).Advice != area.Retry {
			return read, err
		}
	}
}

func (d *DatabaseState) read(ctx context.Context, q querier) error {
	if d.placed {
		if err := d.readTables(ctx, q); err != nil {
			return err
		}
	}
	slices.Sort(d.Tables)
	if d.has(shardTable) {
		if err := d.readStamp(ctx, q); err != nil {
			return err
		}
	}
	if d.has(provisionTable) {
		if err := d.readDraft(ctx, q); err != nil {
			return err
		}
	}
	if !d.placed {
		return nil
	}
	if d.has(serverTable) {
		if err := d.readAdmitted(ctx, q); err != nil {
			return err
		}
	}
	if d.isCentral() {
		return d.readIndexes(ctx, q)
	}
	if d.has(fenceTable) {
		return d.readFence(ctx, q)
	}
	return nil
}

func (d *DatabaseState) readTables(ctx context.Context, q querier) error {
	err := scanAll(ctx, q, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", []any{d.Name}, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		d.Tables = append(d.Tables, name)
		return err
	})
	slices.Sort(d.Tables)
	return err
}

// has reports whether the database has a table.
func (d *DatabaseState) has(table string) bool {
	_, ok := slices.BinarySearch(d.Tables, table)
	return ok
}

const stampColumns = "namespace, area, start_era, start_counter, shard, shards, hash, database_name, uid"

func (d *DatabaseState) readStamp(ctx context.Context, q querier) error {
	query := "SELECT " + stampColumns + ", layout, schema_version FROM " + qualified(d.Name, shardTable) + " WHERE one = 1"
	return scanAll(ctx, q, query, nil, func(rows *sql.Rows) error {
		var s Stamp
		d.Stamp = &s
		return s.scan(rows, &s.Layout, &s.SchemaVersion)
	})
}

func (d *DatabaseState) readDraft(ctx context.Context, q querier) error {
	query := "SELECT " + stampColumns + ", phase FROM " + qualified(d.Name, provisionTable) + " WHERE one = 1"
	return scanAll(ctx, q, query, nil, func(rows *sql.Rows) error {
		var s Stamp
		d.Draft = &s
		return s.scan(rows, &d.Phase)
	})
}

func (s *Stamp) scan(rows *sql.Rows, more ...any) error {
	var uid []byte
	columns := []any{&s.Namespace, &s.Area, &s.Start.Era, &s.Start.Counter, &s.Shard, &s.Shards, &s.Hash, &s.Database, &uid}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return err
	}
	copy(s.UID[:], uid)
	return nil
}

func (d *DatabaseState) readAdmitted(ctx context.Context, q querier) error {
	query := "SELECT identity, server, role FROM " + qualified(d.Name, serverTable) + " ORDER BY identity"
	return scanAll(ctx, q, query, nil, func(rows *sql.Rows) error {
		var a Admitted
		err := rows.Scan(&a.Identity, &a.Server, &a.Role)
		d.Admitted = append(d.Admitted, a)
		return err
	})
}

func (d *DatabaseState) readFence(ctx context.Context, q querier) error {
	query := "SELECT layout, state, end_era, end_counter, COUNT(*) FROM " + qualified(d.Name, fenceTable) +
		" GROUP BY layout, state, end_era, end_counter"
	return scanAll(ctx, q, query, nil, func(rows *sql.Rows) error {
		var f FenceState
		var era sql.Null[uint32]
		var counter sql.Null[string] // as text: past 2^63 no signed integer holds it
		if err := rows.Scan(&f.Layout, &f.State, &era, &counter, &f.Rows); err != nil {
			return err
		}
		if f.Ended = era.Valid && counter.Valid; f.Ended {
			n, err := strconv.ParseUint(counter.V, 10, 64)
			if err != nil {
				return fmt.Errorf("read the end of a stripe: %w", err)
			}
			f.End = gdid.RangeKey{Era: era.V, Counter: n}
		}
		d.Fence = append(d.Fence, f)
		return nil
	})
}

// scanAll calls scan for each row of a query.
func scanAll(ctx context.Context, q querier, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
