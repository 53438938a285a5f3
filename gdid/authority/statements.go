package authority

import (
	"fmt"
	"strings"
)

const sequenceTable = "mdb_sequence"

// statements are the SQL of one table.
type statements struct {
	database string // creates it; empty where the connections have one
	create   string // the table
	insert   string
	lease    string // of a row without bounds, as nearly all are
	bounded  string // of a row with a ceiling or a hold
	advance  string
	read     string
	lock     string
	write    string
}

// newStatements gives the statements for the table of a database, "" for the
// connections' default one.
func newStatements(database string) statements {
	table := "`" + sequenceTable + "`"
	var s statements
	if database != "" {
		quoted := "`" + strings.ReplaceAll(database, "`", "``") + "`"
		s.database = "CREATE DATABASE IF NOT EXISTS " + quoted
		table = quoted + "." + table
	}
	s.create = "CREATE TABLE IF NOT EXISTS " + table + ` (
  namespace VARBINARY(128) NOT NULL,
  sequence VARBINARY(64) NOT NULL,
  authority TINYINT UNSIGNED NOT NULL,
  era INT UNSIGNED NOT NULL,
  head BIGINT UNSIGNED NOT NULL,
  ceiling_era INT UNSIGNED NULL,
  ceiling_counter BIGINT UNSIGNED NULL,
  hold_era INT UNSIGNED NULL,
  hold_counter BIGINT UNSIGNED NULL,
  server VARBINARY(160) NOT NULL,
  PRIMARY KEY (namespace, sequence, authority)
) ENGINE=InnoDB`
	s.insert = "INSERT IGNORE INTO " + table + " (namespace, sequence, authority, era, head, server) VALUES (?, ?, ?, ?, ?, ?)"

	const key = " WHERE namespace = ? AND sequence = ? AND authority = ?"
	// Whatever could have changed since the row was read stands in the statement,
	// so that the block is nobody else's, whoever runs it when and where.
	lease := "UPDATE " + table + " SET head = LAST_INSERT_ID(GREATEST(head, ?) + ?)" + key + " AND era = ? AND server = ? AND head BETWEEN ? AND ?"
	s.lease = lease + " AND ceiling_era IS NULL AND hold_era IS NULL"
	s.bounded = lease + " AND GREATEST(head, ?) + ? <= LEAST(" + limit("ceiling") + ", " + limit("hold") + ")" +
		" AND (ceiling_era IS NULL OR ceiling_era >= era) AND (hold_era IS NULL OR hold_era >= era)"
	// The head moves to a later era, from exactly where it was read.
	s.advance = "UPDATE " + table + " SET era = ?, head = ?" + key + " AND era = ? AND head = ? AND server = ?" +
		" AND (ceiling_era <=> ?) AND (ceiling_counter <=> ?) AND (hold_era <=> ?) AND (hold_counter <=> ?)"
	s.read = "SELECT era, head, ceiling_era, ceiling_counter, hold_era, hold_counter, server FROM " + table + key
	s.lock = s.read + " FOR UPDATE"
	s.write = "UPDATE " + table + " SET era = ?, head = ?, ceiling_era = ?, ceiling_counter = ?, hold_era = ?, hold_counter = ?, server = ?" +
		key + " AND era = ? AND head = ?"
	return s
}

// limit gives the end of the counters that a bound leaves in the row's era.
func limit(bound string) string {
	return fmt.Sprintf("IF(%s_era = era, %s_counter, %d)", bound, bound, fullHead)
}
