// Package mdb spreads the MySQL data of a Go service over many servers, without a
// proxy in between.
//
// A configuration in HCL declares areas; each area is cut into partitions by
// ranges of a monotonic 96-bit id, the GDID; each partition has a fixed number of
// shards, which are MySQL databases on servers. All rows of one id, its briefcase,
// live in one shard, so joins and transactions stay local. Growth appends a
// partition: no row moves.
//
// [Open] reads the configuration and gives a [Router], without any network I/O:
//
//	router, err := mdb.Open(ctx, "deploy/mdb", mdb.Options{})
//	if err != nil { ... }
//	defer router.Close()
//
//	users, err := router.Area("user")
//	if err != nil { ... }
//	customer, err := users.Briefcase(id) // pure, no I/O
//	if err != nil { ... }
//	err = customer.InTx(ctx, nil, func(tx *sql.Tx) error { ... })
//
// # What every caller must know
//
// A wrong server is worse than an error: ids without a place, databases that are
// not stamped as the shard they should be, and servers that were cloned or swapped
// are refused before a statement runs.
//
// Writes run in fenced transactions only: [Briefcase.InTx], [Briefcase.BeginTx],
// or a single [Briefcase.ExecContext]. InTx may run its function more than once.
// Reads outside a transaction are not fenced.
//
// A key such as an email leads to a briefcase through an index of CENTRAL:
// [Router.Register] creates a briefcase and gives it keys, all or none,
// [Router.Find] gives the briefcase of a key. Lookups may be answered from a cache
// of this process, and then be as old as its TTL; who owns a key is never decided
// by it.
//
// Errors carry a class, to test with errors.Is ([ErrOutOfRange], [ErrUnavailable],
// ...), and the facts in an [Error]; [Classify] tells what to do and whether a
// write may have landed. No error holds a DSN, a password or an argument.
//
// A Router and all it gives out are safe for concurrent use.
package mdb
