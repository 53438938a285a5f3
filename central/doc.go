// Package central finds the briefcase that owns a key: from an email to a GDID.
//
// An [Index] maps keys to GDIDs. It is one table in every CENTRAL shard; the
// hash of an encoded key says in which shard the key stands. In a unique index a
// key has at most one owner, whatever processes do at the same time and wherever
// they are cut short.
//
// # A key's life
//
//	absent --Reserve--> reserved --Confirm--> live --Release--> absent
//
// A reservation belongs to one id, carries a random token and expires. Only live
// keys are found. The transaction that creates the briefcase also writes, into
// the table mdb_claim of the briefcase's own shard, that the token was used: the
// claim is made. Whoever ends an expired reservation, to take it over or to clean
// up, first writes the same claim as void. The primary key lets one of the two
// in, so either the briefcase exists and the key becomes its own, or the
// transaction can no longer commit and the key is free. Nothing is undone because
// an answer did not come.
//
// # What never changes hands in between
//
// Every write to CENTRAL is one statement in autocommit mode. It compares what it
// replaces, by id, token and version, so that one that arrives late changes
// nothing; and it checks under a share lock that the shard still has the layout
// of this process, so that processes with different lists of shards never both
// own a key.
//
// # What may be old
//
// Lookups may be answered from a cache in this process, if the configuration has
// one. This process sees its own writes at once, those of others within the
// cache's TTL. [Index.Fresh] asks the servers. Everything that decides who owns a
// key asks them always.
//
// No error of this package holds a key. All types are safe for concurrent use.
package central
