package live

import (
	"database/sql"
	"time"
)

// Allowed reports whether lines of SHOW GRANTS allow something.
func Allowed(lines []string, right, database, table string) bool {
	var g grants
	for _, line := range lines {
		g.add(line)
	}
	return g.allow(right, database, table)
}

// StatusStatement is statusStatement.
func StatusStatement(version string) string {
	return statusStatement(map[string]string{"version": version})
}

// SourceFacts is a source.
type SourceFacts struct {
	Host, Port, ServerID, UUID string
	Receiving, Applying        bool
	ReceiveErr, ApplyErr       int
	Behind                     time.Duration
	Known                      bool
	Delay                      time.Duration
}

// SourceOf reads one row of the status of a replica.
func SourceOf(columns map[string]string) SourceFacts {
	row := map[string]sql.NullString{}
	for name, value := range columns {
		row[newName(name)] = sql.NullString{String: value, Valid: true}
	}
	s := sourceOf(row)
	return SourceFacts{s.host, s.port, s.serverID, s.uuid, s.receiving, s.applying, s.receiveErr, s.applyErr, s.behind, s.known, s.delay}
}
