// Package mysqld runs real MySQL-compatible servers, mariadbd or mysqld, as
// private child processes on loopback, for tests and demos.
//
// [Start] gives a [Cluster] of [Server] values, each with its own port, data
// directory, server id and identity, in a fraction of a second: the system
// tables are created once per server version and flags, cached, and copied. A
// server can be killed, stopped, restarted on the same port and data, paused
// and resumed.
//
// The servers are real, but tuned for tests: they write commits to the
// operating system without fsync, so committed rows survive a killed server and
// not a power failure. They listen on 127.0.0.1 only, root has no password, and
// nothing of the machine's own configuration is read.
//
// No server outlives the process that started it, even if that is killed. A
// data directory left behind by a killed process is removed by the next Start.
//
// Servers run on Unix systems. Elsewhere [Start] returns [errors.ErrUnsupported].
//
// The fast way to test is one [Shared] cluster per package and a fresh set of
// databases per test, named by [Cluster.Prefix].
package mysqld
