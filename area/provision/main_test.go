package provision_test

import (
	"os"
	"testing"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) {
	if servers := os.Getenv(childVariable); servers != "" {
		os.Exit(child(servers))
	}
	os.Exit(servers.Main(m))
}
