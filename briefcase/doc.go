// Package briefcase runs statements and transactions on the one shard that holds
// all rows of one id.
//
// A [Briefcase] is a cheap handle: making one does no I/O. Its methods are those
// that generated code and ORMs expect of a database: sqlc's DBTX, and BeginTx,
// which gives a plain *sql.Tx. Every transaction begins behind the fence: its
// first statement locks the id's stripe of the shard in share mode until commit
// and refuses an id that lives elsewhere. A single [Briefcase.ExecContext] is
// such a transaction too, four round trips in all.
//
// Reads outside a transaction are not fenced: in a process whose configuration is
// old they may find nothing. Where that matters, read in [Briefcase.InTx] with
// ReadOnly.
package briefcase
