package hcl

// Load reads the configuration at path, a directory or a single file, for a
// service. It fails with a [*DiagnosticsError] if any rule of severity error is
// broken. A DSN, user or password that hangs on an unset variable leaves its
// endpoint not Known, which is no failure; anything else that does is one.
//
// It does no network I/O. A configuration of 1,000 partitions takes some 100 ms.
func Load(path string, opts Options) (*Config, error) {
	cfg, found := load(path, opts, false)
	var mistakes Diagnostics
	for _, d := range found {
		if d.Severity == Error {
			mistakes = append(mistakes, d)
		}
	}
	if len(mistakes) > 0 {
		return nil, &DiagnosticsError{Path: path, Diagnostics: mistakes}
	}
	return cfg, nil
}

// Check reads the configuration at path like [Load], for a tool: it reports all
// findings, and what is unset is a notice that says what could not be checked.
// With Options.Lint it also reports what is sound but unwise.
// The Config is never nil and holds what could be made of the files.
func Check(path string, opts Options) (*Config, Diagnostics) {
	return load(path, opts, true)
}
