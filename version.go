package mdb

import "github.com/mdbrouter/mdb/hcl"

// Version is the version of the grammar and of this module, as required_version
// of a configuration sees it.
const Version = hcl.Version
