package area

import "fmt"

// Identity gives the identity of a server from its variables, as SHOW VARIABLES
// gives them: server_uuid (MySQL) or server_uid (MariaDB), joined with
// server_id. It is empty for an engine that has neither, where clones cannot be
// detected.
func Identity(variables map[string]string) string {
	kind, value := "uuid", variables["server_uuid"]
	if value == "" {
		kind, value = "uid", variables["server_uid"]
	}
	if value == "" {
		return ""
	}
	return kind + ":" + value + "/" + variables["server_id"]
}

// IdentityVariables are the server variables that [Identity] reads, and those
// that a session must have at their defaults.
func IdentityVariables() []string {
	return []string{"server_uuid", "server_uid", "server_id", "autocommit", "completion_type"}
}

// An IdentityError is returned when a database or server is not the one that the
// configuration says: swapped DSNs, a clone, a copy restored elsewhere, another
// namespace or profile. No statement of the caller has run. It is an
// [ErrWrongShard].
type IdentityError struct {
	Server   string // the server's label
	Database string
	Fact     string // what differs: "namespace", "area", "start", "shard", "shards", "hash", "server", ...
	Want     string
	Got      string
}

// Error names the fact that differs.
func (e *IdentityError) Error() string {
	return fmt.Sprintf("database %s on %s: %s is %q, want %q: %v", e.Database, e.Server, e.Fact, e.Got, e.Want, ErrWrongShard)
}

// Is reports that every identity error is an ErrWrongShard.
func (e *IdentityError) Is(target error) bool { return target == ErrWrongShard }
