package provision_test

import (
	"os"
	"testing"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

var servers = mysqld.Shared{N: 2}

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }
