package mdbtest

// StartWith is Start with another Open.
var StartWith = start
