package embedded

import "github.com/mdbrouter/mdb/mdbtest"

// Capabilities says what the server can do beyond running SQL: nothing. A test that
// needs more must not run on it, which [mdbtest.Cluster.Require] sees to.
func (s *Server) Capabilities() mdbtest.Capabilities { return mdbtest.Capabilities{} }
