package hcl

// kind is what an argument holds.
type kind uint8

const (
	kindText      kind = iota + 1 // a string
	kindFlag                      // true or false
	kindWhole                     // a whole number
	kindDuration                  // a string like "10m"
	kindKey                       // a range key: "0:250_000"
	kindHash                      // the name of a shard function
	kindTemplate                  // a database name, evaluated once per shard
	kindServer                    // server.u1
	kindArea                      // area.user
	kindBriefcase                 // briefcase.customer
	kindDatabase                  // database(server.u1, "name")
	kindShards                    // a list of servers and databases
	kindTexts                     // a list of strings
	kindParams                    // an object of strings, numbers and booleans
	kindType                      // a type constraint
	kindAny                       // evaluated where it is used
)

// argument is one argument of a block.
type argument struct {
	name     string
	kind     kind
	required bool
	secret   bool // may hold a password: never shown
	doc      string
	def      string // the default in words
	formerly string // the name it had once, still read
}

// block is one type of block.
type block struct {
	name   string
	label  string // what its label names; "" for blocks without one
	doc    string
	once   bool // at most one in its parent
	free   bool // any argument, of kindAny
	args   []argument
	blocks []string // types of blocks inside
}

// argument gives the argument of a name.
func (b *block) argument(name string) (int, bool) {
	for i := range b.args {
		if b.args[i].name == name {
			return i, true
		}
	}
	return 0, false
}

// rootBlock is the name under which the grammar has what stands at the top of a
// file.
const rootBlock = ""

// grammar has every block and argument. Decoding, suggestions and the reference
// are driven by it.
var grammar = map[string]*block{
	rootBlock: {
		doc: "The configuration: all *.mdb.hcl and *.mdb.json files of a directory, or one file.",
		blocks: []string{
			"mdb", "variable", "locals", "server_defaults", "server", "authority", "sequence", "central", "area", "briefcase", "profile",
		},
	},
	"mdb": {
		name: "mdb", once: true, doc: "Settings of the whole configuration.",
		args: []argument{
			{name: "namespace", kind: kindText, required: true, doc: "Stamped into every database; a configuration of another namespace cannot touch them."},
			{name: "required_version", kind: kindText, doc: `Versions of mdb that may read the files, for example ">= 0.1, < 2".`},
			{name: "hash", kind: kindHash, def: "jump1", doc: "Shard function of partitions that name none: jump1, mod1 or azos1."},
		},
	},
	"variable": {
		name: "variable", label: "name", doc: "A value given from outside: MDB_VAR_name, --var, --var-file.",
		args: []argument{
			{name: "type", kind: kindType, def: "any", doc: "The type: string, number, bool, list(string), object({...}) and so on."},
			{name: "default", kind: kindAny, doc: "The value when none is given; without it one must be."},
			{name: "sensitive", kind: kindFlag, def: "false", doc: "Keeps the value out of every output."},
			{name: "description", kind: kindText, doc: "What the variable is for."},
		},
		blocks: []string{"validation"},
	},
	"validation": {
		name: "validation", doc: "A condition that the variable's value must meet.",
		args: []argument{
			{name: "condition", kind: kindAny, required: true, doc: "Must be true."},
			{name: "error_message", kind: kindAny, required: true, doc: "What to say when it is not."},
		},
	},
	"locals": {name: "locals", free: true, doc: "Named values, used as local.name."},
	"server_defaults": {
		name: "server_defaults", once: true, doc: "What servers use that do not say otherwise.",
		args: []argument{
			{name: "user", kind: kindText, doc: "User name of servers without a dsn."},
			{name: "password", kind: kindText, secret: true, doc: "Password of servers without a dsn; from a sensitive variable or env()."},
			{name: "params", kind: kindParams, doc: "Parameters of the driver and session variables; they fill the gaps of every server's."},
		},
		blocks: []string{"pool", "admin"},
	},
	"server": {
		name: "server", label: "name", doc: "One primary mysqld and its replicas.",
		args: []argument{
			{name: "address", kind: kindText, doc: "host, host:port or the path of a socket. Default port: 3306."},
			{name: "dsn", formerly: "cs", kind: kindText, secret: true, doc: "A whole go-sql-driver DSN, instead of address, user and password."},
			{name: "user", kind: kindText, doc: "User name. Default: that of server_defaults."},
			{name: "password", kind: kindText, secret: true, doc: "Password. Default: that of server_defaults."},
			{name: "params", kind: kindParams, doc: "Parameters of the driver and session variables."},
			{name: "zone", kind: kindText, doc: "Where the server stands, for example a data centre."},
		},
		blocks: []string{"replica", "pool", "admin"},
	},
	"replica": {
		name: "replica", label: "name", doc: "A read-only copy of the server, with its user, password and parameters.",
		args: []argument{
			{name: "address", kind: kindText, doc: "host, host:port or the path of a socket. Default port: 3306."},
			{name: "dsn", formerly: "cs", kind: kindText, secret: true, doc: "A whole go-sql-driver DSN, instead of address."},
			{name: "zone", kind: kindText, doc: "Where the replica stands."},
		},
	},
	"pool": {
		name: "pool", once: true, doc: "Bounds on the connections of each shard's pool to an endpoint.",
		args: []argument{
			{name: "max_open", kind: kindWhole, def: "32, for admins 8", doc: "The most connections, in use and idle together."},
			{name: "max_idle", kind: kindWhole, def: "max_open", doc: "The most idle connections. One that lies idle for a minute is closed."},
			{name: "max_lifetime", kind: kindDuration, def: "3m", doc: "How long a connection is used before another replaces it; less than 5m."},
		},
	},
	"admin": {
		name: "admin", once: true, doc: "The user that may create databases; mdbctl uses it, services do not.",
		args: []argument{
			{name: "user", kind: kindText, required: true, doc: "User name."},
			{name: "password", kind: kindText, secret: true, doc: "Password; from a sensitive variable or env()."},
		},
	},
	"authority": {
		name: "authority", label: "name", doc: "A source of GDIDs.",
		args: []argument{
			{name: "number", kind: kindWhole, required: true, doc: "0 to 15, part of every id it issues; never two with the same."},
			{name: "store", kind: kindDatabase, doc: `The database that keeps its sequences: database(server.c1, "mdb_ids").`},
			{name: "files", kind: kindTexts, doc: "Two directories that keep its sequences, for development and single nodes."},
		},
	},
	"sequence": {
		name: "sequence", label: "name", doc: "A stream of GDIDs. Every area has one of its own name without a block.",
		args: []argument{
			{name: "block", kind: kindWhole, def: "1000", doc: "How many ids are leased at once."},
			{name: "max_jump", kind: kindWhole, doc: "The furthest that a lease may jump ahead to catch up with other authorities."},
		},
	},
	"central": {
		name: "central", doc: "CENTRAL: the indexes from keys to GDIDs.",
		args: []argument{
			{name: "database", kind: kindTemplate, doc: "Database name, with ${shard.index}."},
			{name: "shards", kind: kindShards, required: true, doc: "Servers or databases in index order; fixed for good."},
		},
		blocks: []string{"index", "cache"},
	},
	"index": {
		name: "index", label: "name", doc: "A kind of key that leads to a GDID.",
		args: []argument{
			{name: "briefcase", kind: kindBriefcase, doc: "Whose GDID it gives."},
			{name: "type", kind: kindText, def: "string", doc: "string, bytes, int64, uint64, uuid or gdid."},
			{name: "normalize", kind: kindTexts, doc: "What is done to a string before it is a key, in order: trim, lower, fold, nfc, nfkc, email."},
			{name: "max_bytes", kind: kindWhole, def: "255", doc: "The longest key."},
			{name: "unique", kind: kindFlag, def: "true", doc: "Whether one key leads to one briefcase only."},
			{name: "proof", kind: kindText, doc: "Column of the root table that keeps a hash of the key."},
		},
	},
	"cache": {
		name: "cache", once: true, doc: "Bounds on the memory of lookups.",
		args: []argument{
			{name: "max_entries", kind: kindWhole, doc: "The most keys remembered."},
			{name: "ttl", kind: kindDuration, doc: "How long a found key is remembered."},
			{name: "negative_ttl", kind: kindDuration, doc: "How long it is remembered that a key was not found."},
			{name: "stale_if_error", kind: kindDuration, doc: "How much longer a found key is given out when its shard does not answer."},
		},
	},
	"area": {
		name: "area", label: "name", doc: "A data set with its own partitions.",
		args: []argument{
			{name: "database", kind: kindTemplate, doc: "Database name of shards that are given as servers, with ${partition.name} and ${shard.index}."},
			{name: "schema", kind: kindText, doc: "Directory of *.sql files, applied to each new shard in name order."},
		},
		blocks: []string{"partition", "breakpoint"},
	},
	"partition": {
		name: "partition", label: "name", doc: "The ids from one range key up to the next partition's.",
		args: []argument{
			{name: "start", kind: kindKey, doc: `The first range key: "0:250_000". Not inside a breakpoint.`},
			{name: "offset", kind: kindKey, doc: "The first range key, counted from the breakpoint's at. Only inside a breakpoint."},
			{name: "shards", kind: kindShards, required: true, doc: "Servers or databases in index order; count and order are fixed for good."},
			{name: "hash", kind: kindHash, def: "that of mdb", doc: "Shard function: jump1, mod1 or azos1."},
		},
	},
	"breakpoint": {
		name: "breakpoint", label: "name", doc: "A range key from which the range table starts over.",
		args: []argument{
			{name: "at", kind: kindKey, required: true, doc: "The first range key of the new table."},
		},
		blocks: []string{"partition"},
	},
	"briefcase": {
		name: "briefcase", label: "name", doc: "The tables of an area that carry one GDID.",
		args: []argument{
			{name: "area", kind: kindArea, doc: "The area they are in."},
			{name: "key", kind: kindText, doc: "The BINARY(12) column of every table, first in its primary key."},
		},
		blocks: []string{"table"},
	},
	"table": {
		name: "table", label: "name", doc: "A table; tables inside are its children.",
		blocks: []string{"table"},
	},
	"profile": {
		name: "profile", label: "name", doc: "Another placement of the same areas, ranges and counts.",
		args: []argument{
			{name: "collapse_to", kind: kindServer, required: true, doc: "The one server that takes all shards, CENTRAL and id stores."},
		},
	},
}
