// Package area is the vocabulary of mdb: areas, partitions, shards and servers
// as values, the errors that speak of them, and the Registry that turns an id
// into one database on one server.
//
// A [Topology] is what a file declares. [NewRegistry] checks and compiles it; a
// [Registry] never changes afterwards, so any number of goroutines may use one
// without locking. To change routing, compile another.
//
// Nothing here does I/O, starts a goroutine or reads a clock.
package area
