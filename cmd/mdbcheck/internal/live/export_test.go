package live

// Allowed reports whether lines of SHOW GRANTS allow something.
func Allowed(lines []string, right, database, table string) bool {
	var g grants
	for _, line := range lines {
		g.add(line)
	}
	return g.allow(right, database, table)
}
