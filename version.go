package mdb

// Version is the version of the grammar and of this module, as required_version
// of a configuration sees it.
const Version = "0.1.0"
