package embedded

// Capabilities says what tests may ask of an engine. A test that needs something
// the engine lacks must not run on it.
type Capabilities struct {
	// RowLocks: writers of different rows run side by side, deadlocks are found.
	RowLocks bool
	// Replication: the server can be a replica, or have one.
	Replication bool
	// Durable: what was committed survives the death of the server.
	Durable bool
	// KillServer: the server is a process that can be killed, stopped and started.
	KillServer bool
	// OwnSysvars: SET GLOBAL on one server leaves the others alone.
	OwnSysvars bool
}

// Capabilities returns the zero value: the embedded engine has none of them.
func (s *Server) Capabilities() Capabilities { return Capabilities{} }
