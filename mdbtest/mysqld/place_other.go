//go:build !linux

package mysqld

import "os"

// placeFor returns the directory in which n data directories are made.
func placeFor(int) string { return os.TempDir() }
