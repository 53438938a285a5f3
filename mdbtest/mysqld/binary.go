package mysqld

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// EnvBinary is the environment variable that names the server program to run.
// It wins over every other place that [Find] looks at.
const EnvBinary = "MDBTEST_MYSQLD"

// ErrNotFound is returned when no server program is installed.
var ErrNotFound = errors.New("mysqld: no mariadbd or mysqld found")

// A Flavor is a family of servers that share flags and behaviour.
type Flavor string

// The flavors that this package can run.
const (
	MariaDB Flavor = "mariadb"
	MySQL   Flavor = "mysql"
)

// Binary is a server program on this machine.
type Binary struct {
	Path    string // absolute
	Flavor  Flavor
	Version string // e.g. "10.11.19-MariaDB-0+deb12u1"
}

// Find looks for a server program: the one named by MDBTEST_MYSQLD, else
// mariadbd, then mysqld, on PATH and in the directories where packages put
// them. It runs the program once to ask its version. The error is an
// [ErrNotFound] that says what to install, or says why the program named by
// MDBTEST_MYSQLD cannot be used.
func Find(ctx context.Context) (Binary, error) {
	if path := os.Getenv(EnvBinary); path != "" {
		b, err := inspect(ctx, path)
		if err != nil {
			return Binary{}, fmt.Errorf("%s: %w", EnvBinary, err)
		}
		return b, nil
	}
	return findIn(ctx, searchDirs())
}

func findIn(ctx context.Context, dirs []string) (Binary, error) {
	for _, name := range []string{"mariadbd", "mysqld"} {
		for _, dir := range dirs {
			if path := filepath.Join(dir, name); executable(path) {
				return inspect(ctx, path)
			}
		}
	}
	return Binary{}, fmt.Errorf("%w on PATH, in /usr/sbin, /usr/libexec or /opt/homebrew, and %s is not set; install one: %s",
		ErrNotFound, EnvBinary, installHint())
}

func searchDirs() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	return append(dirs, "/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/bin", "/usr/local/mysql/bin",
		"/opt/homebrew/bin", "/opt/homebrew/opt/mariadb/bin", "/opt/homebrew/opt/mysql/bin")
}

func installHint() string {
	if runtime.GOOS == "darwin" {
		return "brew install mariadb"
	}
	return "apt-get install -y --no-install-recommends mariadb-server-core"
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// versionLine matches the output of --version, e.g.
// "mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)".
var versionLine = regexp.MustCompile(`(?m)\sVer (\S+) `)

func inspect(ctx context.Context, path string) (Binary, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Binary{}, fmt.Errorf("mysqld: %w", err)
	}
	out, err := exec.CommandContext(ctx, abs, "--no-defaults", "--version").Output()
	if err != nil {
		return Binary{}, fmt.Errorf("mysqld: ask %s for its version: %w", abs, err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return Binary{}, fmt.Errorf("mysqld: %s is not a MySQL or MariaDB server: its --version has no version", abs)
	}
	b := Binary{Path: abs, Flavor: MySQL, Version: string(m[1])}
	if strings.Contains(b.Version, "MariaDB") {
		b.Flavor = MariaDB
	}
	return b, nil
}
