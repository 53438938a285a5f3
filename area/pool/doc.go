// Package pool keeps the connections to the databases of shards, and makes sure
// that each is what it should be and is used as it must be.
//
// [Pools] holds one [sql.DB] per shard, opened when first used. Beneath it three
// things stand around the driver:
//
//   - Identity. Every new physical connection reads which shard its database is
//     and which server answers, before any statement of the caller. A mismatch
//     is an [*area.IdentityError].
//   - The guard. Statements that would end a transaction, drop its fence or
//     change the session for the next borrower are refused unsent. Outside a
//     transaction that an [area.Fence] let begin, only reads run.
//   - Errors. What the driver returns becomes an [*area.Error] around causes
//     that [area.Classify] understands and that show no argument.
//
// All types are safe for concurrent use.
package pool
