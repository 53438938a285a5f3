package mdb_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/mdbrouter/mdb"

// importTable is docs/DESIGN.md section 3: who may import whom, directly. Ours are
// relative to the module; third-party entries are prefixes.
var importTable = map[string]struct{ ours, thirdParty []string }{
	"": {
		ours: []string{"gdid", "partition", "area", "area/dsn", "area/pool", "area/provision", "hcl", "central/key", "briefcase", "gdid/authority", "central"},
	},
	"gdid":           {},
	"gdid/authority": {ours: []string{"gdid", "area"}},
	"partition":      {ours: []string{"gdid"}, thirdParty: []string{"github.com/google/btree"}},
	"area":           {ours: []string{"gdid", "partition"}},
	"area/dsn":       {thirdParty: []string{"github.com/go-sql-driver/mysql"}},
	"area/pool":      {ours: []string{"area", "area/dsn"}, thirdParty: []string{"github.com/go-sql-driver/mysql"}},
	"area/provision": {
		ours: []string{"area", "gdid"},
	},
	"hcl": {
		ours:       []string{"area", "area/dsn", "gdid", "partition", "central/key"},
		thirdParty: []string{"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty"},
	},
	"central": {
		ours:       []string{"area", "gdid", "central/key"},
		thirdParty: []string{"github.com/maypok86/otter/v2"},
	},
	"central/key": {
		ours:       []string{"gdid"},
		thirdParty: []string{"golang.org/x/text", "golang.org/x/net/idna", "github.com/cespare/xxhash/v2"},
	},
	"briefcase":            {ours: []string{"area", "gdid"}},
	"cmd/internal/command": {ours: []string{"hcl"}, thirdParty: []string{"github.com/spf13/cobra"}},
	"cmd/mdbcheck": {
		ours:       []string{"hcl", "area", "gdid", "central/key", "cmd/internal/command", "cmd/mdbcheck/internal/live"},
		thirdParty: []string{"github.com/spf13/cobra"},
	},
	"cmd/mdbcheck/internal/live": {
		ours: []string{"hcl", "area", "gdid", "partition", "area/pool", "area/provision", "gdid/authority", "central", "central/key"},
	},
	"cmd/mdbctl": {
		ours:       []string{"", "hcl", "area", "area/dsn", "area/pool", "area/provision", "gdid", "gdid/authority", "central", "cmd/internal/command"},
		thirdParty: []string{"github.com/spf13/cobra"},
	},
	"mdbtest":        {ours: []string{"", "mdbtest/mysqld"}, thirdParty: []string{"github.com/go-sql-driver/mysql"}},
	"mdbtest/mysqld": {thirdParty: []string{"github.com/go-sql-driver/mysql", "golang.org/x/sys"}},
	"mdbtest/proxy":  {},
}

// pure packages do no I/O: none of these, directly or through others of ours.
var (
	purePackages = []string{"gdid", "partition", "area", "central/key"}
	impure       = []string{"database/sql", "net", "os", "testing"}
)

type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func TestImportTable(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Standard,Imports", "./...")
	out, err := command.Output()
	require.NoError(t, err)

	decoder := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for decoder.More() {
		var p goPackage
		require.NoError(t, decoder.Decode(&p))
		seen++
		name := relative(p.ImportPath)
		allowed, known := importTable[name]
		require.True(t, known, "package %q stands in no row of the import table", name)
		for _, imported := range p.Imports {
			switch {
			case !strings.Contains(strings.SplitN(imported, "/", 2)[0], "."): // the standard library
				if slices.Contains(purePackages, name) {
					require.NotContains(t, impure, imported, "%s is pure", name)
				}
			case imported == module || strings.HasPrefix(imported, module+"/"):
				require.Contains(t, allowed.ours, relative(imported), "%s may not import it", name)
			default:
				require.True(t, slices.ContainsFunc(allowed.thirdParty, func(prefix string) bool {
					return imported == prefix || strings.HasPrefix(imported, prefix+"/")
				}), "%s may not import %s", name, imported)
			}
		}
	}
	require.Equal(t, len(importTable), seen, "the import table has rows without a package")
}

func relative(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}
