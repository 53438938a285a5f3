// Package provision creates what a configuration declares and the servers lack:
// databases, the mdb_ tables, the schema of each area; and it appends partitions
// and breakpoints to areas that are in use.
//
// [NewPlan] only reads. It compares every stamp on every server with the
// configuration and either refuses, with all reasons in one [RefusedError], or
// gives the steps that are missing. [Plan.Apply] takes them. It may be killed
// anywhere, and run again until no step is left; several processes may run it at
// once.
//
// # Why it is safe
//
// All changes to a server go through one session, which holds that server's lock
// (GET_LOCK). A process that loses the lock has lost the session, so it changes
// nothing more there, however long it was paused, and a statement still running
// for a dead process still holds the lock. The plan is made again under the locks
// of all servers. What one server's step takes for granted about another only
// ever becomes more true: stamps never change, ends only fall, phases only rise;
// and each step is a compare-and-set.
//
// A database becomes a shard by its row in mdb_shard, which is written last, in
// one transaction with its fence. Before that no service accepts the database, so
// an unfinished one may always be dropped.
package provision
