package dsn

// An Error says why a data source name or a parameter is refused. It never shows
// the text, a value, a user or a password.
type Error struct {
	Param  string // the parameter's name, when one is at fault and its name is plain
	Reason string
}

// Error gives the parameter and the reason.
func (e *Error) Error() string {
	if e.Param != "" {
		return "dsn: parameter " + e.Param + ": " + e.Reason
	}
	return "dsn: " + e.Reason
}
