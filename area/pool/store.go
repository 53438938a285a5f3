package pool

import "database/sql"

// Store gives connections of the service's user to a database that is no shard:
// neither guarded nor checked for identity. What is kept there checks for itself.
// The pool belongs to p; do not close it.
func (p *Pools) Store(server, database string) (*sql.DB, error) {
	return p.database(key{dial: Dial{Server: server, Database: database}}, false)
}
