package pool

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/mdbrouter/mdb/area"
)

// An UnprovisionedError is returned when a database does not exist or was never
// made a shard, or the user may not read that. It is an [area.ErrWrongShard].
type UnprovisionedError struct {
	Server   string // the server's label
	Database string
	Err      error // what the server said; nil when its mdb_shard is empty
}

// Error says what to do next.
func (e *UnprovisionedError) Error() string {
	text := fmt.Sprintf("database %s on %s is not provisioned; run \"mdbctl provision\"", e.Database, e.Server)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the class and the cause.
func (e *UnprovisionedError) Unwrap() []error {
	if e.Err == nil {
		return []error{area.ErrWrongShard}
	}
	return []error{area.ErrWrongShard, e.Err}
}

// shardQuery reads what the database is and who may serve it, a row per admitted
// server, in one round trip.
const shardQuery = "SELECT s.namespace, s.area, s.start_era, s.start_counter, s.shard, s.shards, s.hash, s.database_name, v.identity, v.server" +
	" FROM mdb_shard s LEFT JOIN mdb_server v ON 1 = 1"

// Variables of the session beside [area.IdentityVariables].
const (
	varSQLMode = "sql_mode"
	varCharset = "character_set_client"
)

// variablesQuery asks by SHOW, because no server knows all of them and SELECT
// fails for those it does not know.
func variablesQuery(names ...string) string {
	return "SHOW VARIABLES WHERE Variable_name IN ('" + strings.Join(names, "', '") + "')"
}

func identityQuery() string {
	return variablesQuery(append(area.IdentityVariables(), varSQLMode, varCharset)...)
}

// readVariables gives variables by their names in lower case.
func readVariables(ctx context.Context, queryer driver.QueryerContext, query string) (map[string]string, error) {
	result, err := readAll(ctx, queryer, query)
	if err != nil {
		return nil, err
	}
	variables := make(map[string]string, len(result))
	for _, row := range result {
		if len(row) == 2 {
			variables[strings.ToLower(text(row[0]))] = text(row[1])
		}
	}
	return variables, nil
}

// A claim is the shard that a database must be.
type claim struct {
	namespace string
	shard     area.Shard
}

// check reads on a new connection what the database and the server are, and
// gives the mode that the session's texts are quoted in. Nothing of the caller
// has run.
func (c *claim) check(ctx context.Context, queryer driver.QueryerContext) (sqlMode, error) {
	shardRows, err := readAll(ctx, queryer, shardQuery)
	if err != nil {
		return 0, c.unprovisioned(err)
	}
	variables, err := readVariables(ctx, queryer, identityQuery())
	if err != nil {
		return 0, err
	}
	if len(shardRows) == 0 {
		return 0, c.unprovisioned(nil)
	}
	admitted := make(map[string]string, len(shardRows))
	for _, row := range shardRows {
		if err := c.compare(row); err != nil {
			return 0, err
		}
		if row[8] != nil {
			admitted[text(row[8])] = text(row[9])
		}
	}
	if err := c.compareServer(area.Identity(variables), admitted); err != nil {
		return 0, err
	}
	return c.compareSession(variables)
}

// unprovisioned explains errors for what provisioning creates.
func (c *claim) unprovisioned(err error) error {
	if err != nil {
		me, ok := errors.AsType[*mysql.MySQLError](err)
		if !ok || !isMissing(me.Number) {
			return err
		}
		err = convert(err, false)
	}
	return &UnprovisionedError{Server: c.shard.Server, Database: c.shard.Database, Err: err}
}

// isMissing reports whether a server says that it has no such database or table.
// To a user without a right on what is not there it says so instead.
func isMissing(number uint16) bool {
	switch number {
	case 1044, 1142, // no right on the database, the table
		1049, 1146: // no such database, no such table
		return true
	}
	return false
}

// compare holds a row of shardQuery against the shard.
func (c *claim) compare(row []any) error {
	s := &c.shard
	if len(row) != 10 {
		return c.differs("columns of mdb_shard", "10", strconv.Itoa(len(row)))
	}
	start := text(row[2]) + ":" + text(row[3])
	for _, fact := range []struct{ name, want, got string }{
		{"namespace", c.namespace, text(row[0])},
		{"area", s.Area, text(row[1])},
		{"start", s.Start.String(), start},
		{"shard", strconv.Itoa(s.Index), text(row[4])},
		{"shards", strconv.Itoa(s.Count), text(row[5])},
		{"hash", s.Hash.String(), text(row[6])},
		{"database", s.Database, text(row[7])}, // a copy on the same server differs in nothing else
	} {
		if fact.want != fact.got {
			return c.differs(fact.name, fact.want, fact.got)
		}
	}
	return nil
}

// noneAdmitted stands where an identity is wanted and none is known.
const noneAdmitted = "one that mdbctl admit has let in"

// compareServer demands that the server was admitted, and under the label that
// it was reached by. An engine without an identity passes: its clones are not
// detected. But where servers with an identity were admitted, one without has
// taken their place. The role plays no part, since a promoted replica takes the
// primary's place.
func (c *claim) compareServer(identity string, admitted map[string]string) error {
	label, ok := admitted[identity]
	switch {
	case ok && label == c.shard.Server, identity == "" && len(admitted) == 0:
		return nil
	case ok:
		return c.differs("server", c.shard.Server, label)
	}
	var known []string
	for id, server := range admitted {
		if server == c.shard.Server {
			known = append(known, id)
		}
	}
	slices.Sort(known)
	return c.differs("server identity", cmp.Or(strings.Join(known, " or "), noneAdmitted), identity)
}

// compareSession demands what the guard relies on.
func (c *claim) compareSession(variables map[string]string) (sqlMode, error) {
	switch v := variables["autocommit"]; strings.ToUpper(v) {
	case "", "ON", "1":
	default:
		return 0, c.differs("autocommit", "ON", v)
	}
	switch v := variables["completion_type"]; strings.ToUpper(v) {
	case "", "NO_CHAIN", "0":
	default:
		return 0, c.differs("completion_type", "NO_CHAIN", v)
	}
	switch v := variables[varCharset]; strings.ToLower(v) {
	case "big5", "cp932", "gb18030", "gbk", "sjis": // a backslash or quote may be half of a character
		return 0, c.differs(varCharset, "utf8mb4", v)
	}
	return modeOf(variables[varSQLMode]), nil
}

// modeOf reads sql_mode. Combinations such as ANSI are listed with their parts.
func modeOf(value string) sqlMode {
	var mode sqlMode
	for name := range strings.SplitSeq(strings.ToUpper(value), ",") {
		switch name {
		case "ANSI_QUOTES":
			mode |= ansiQuotes
		case "NO_BACKSLASH_ESCAPES":
			mode |= noBackslashEscapes
		}
	}
	return mode
}

func (c *claim) differs(fact, want, got string) error {
	return &area.IdentityError{Server: c.shard.Server, Database: c.shard.Database, Fact: fact, Want: want, Got: got}
}

// text gives a value as drivers give it for names and numbers.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	default:
		return fmt.Sprint(v)
	}
}
