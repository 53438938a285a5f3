package mdbtest

var (
	// StartWith is Start with another Open.
	StartWith = start
	// RowLocks tries the row locks of a server in a database.
	RowLocks = rowLocks
)
