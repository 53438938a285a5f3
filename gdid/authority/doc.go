// Package authority makes GDIDs that never repeat, whatever dies.
//
// An [Authority] is a source of ids with a number from 0 to 15 that stands in
// every id it gives. It keeps, per sequence, one head: the next counter it will
// give. A lease moves the head and so owns a block of counters for good; what is
// not used of it is a gap, never given again. [MySQL] keeps heads in the table
// mdb_sequence, [Files] in local files.
//
// A [Generator] leases blocks of one sequence from several authorities and hands
// out their ids one by one, for one atomic add each. The next block is fetched
// in the background when half of the current one is drawn. While one authority is
// down the others serve; while all are down, what is leased is served, and then
// calls fail with [ErrNoAuthority].
//
// A [Set] is for operating: the head of a sequence over all authorities, floors,
// ceilings, and fencing an authority after a failover.
//
// # What is promised
//
// No id is given twice by any number of processes, whether processes and servers
// are killed, replies are lost or clocks jump. Range keys rise within one
// Generator; ids of different processes interleave. There are gaps.
//
// # What it rests on
//
// A server must keep what it has committed: with innodb_flush_log_at_trx_commit
// other than 1 a power failure can take a lease back. A lease that has been lost
// this way, or by restoring a backup, is noticed by a process that had leased
// past it ([ErrWentBack]), not by one that starts afresh; fence the authority
// before it serves again. A promoted or cloned server is noticed by everyone
// ([ErrAuthorityUnfenced]), unless it has no identity of its own.
//
// The in-process engine of mdbtest/embedded, which is for demos, computes in
// floating point: its counters are exact below 2^53.
package authority
