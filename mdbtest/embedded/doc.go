// Package embedded runs MySQL-compatible servers inside the process, for demos
// and first steps: not durable, not for tests of locking.
//
// A [Server] is go-mysql-server's in-memory engine listening on a loopback port,
// so that clients, drivers and the router speak to it as to any other server.
// Several may run in one process, each with data and an identity of its own.
// [Server.Close] ends the server and forgets its data.
//
// # What it keeps
//
// The engine alone loses acknowledged rows as soon as two clients write at once.
// A Server therefore lets one transaction, or one write outside a transaction,
// run at a time, whatever rows it touches. No update is lost, SELECT ... FOR UPDATE
// does wait, and a wait longer than innodb_lock_wait_timeout fails with error 1205.
// Reads outside a transaction run beside an open transaction and see what was
// committed before them.
//
// The price: a goroutine that holds a transaction open and writes through another
// connection to the same server, be it to another database, waits for itself until
// error 1205.
//
// # What it lacks
//
// Durability, replication, row locks, NOWAIT and SKIP LOCKED, deadlocks, foreign keys
// to a primary key, savepoints, temporary tables, XA, autocommit=0, CHECKSUM TABLE,
// OPTIMIZE TABLE and RENAME TABLE across databases. READ COMMITTED behaves as a
// snapshot. Text compares by case unless the table names a collation. Global system
// variables are shared by all servers of the process. Tables are copied whole at each
// write: keep them below some 5,000 rows. [Server.Capabilities] declares the part of
// this that a test must know; use a real server for everything else.
//
// # What it costs
//
// The engine adds about 70 MB to a binary and half a minute to the first build; later
// builds come from the cache. Starting a server takes about a millisecond, once the
// process has loaded the engine's regular expression library (a fifth of a second).
//
// The engine logs through the standard logger of github.com/sirupsen/logrus and through
// variables of its MySQL protocol package. The first [Start] sets both to silence, for
// the whole process.
package embedded
