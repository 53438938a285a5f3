package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central"
	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// The command and the library agree on every vector: the key as normalised, and
// its shard.
func TestRoute_agrees_with_the_library_on_every_key(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../testdata/vectors/key-encode.json")
	require.NoError(t, err)
	var file struct {
		Vectors []struct {
			Type      string
			Normalize []string
			Input     string
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Vectors)

	var config strings.Builder
	config.WriteString("mdb { namespace = \"v\" }\nserver \"c1\" { address = \"127.0.0.1:1\" }\n" +
		"area \"user\" {\n  partition \"p0\" {\n    start = \"0:0\"\n    shards = [database(server.c1, \"u\")]\n  }\n}\n" +
		"briefcase \"b\" {\n  area = area.user\n  key = \"g\"\n  table \"t\" {}\n}\n" +
		"central {\n  database = \"c_${shard.index}\"\n  shards = [for i in range(64) : server.c1]\n")
	spec := &area.Central{}
	for i, v := range file.Vectors {
		normalize, err := json.Marshal(v.Normalize)
		require.NoError(t, err)
		fmt.Fprintf(&config, "  index \"x%d\" {\n    briefcase = briefcase.b\n    type = %q\n    normalize = %s\n  }\n", i, v.Type, normalize)
		spec.Indexes = append(spec.Indexes, area.Index{Name: fmt.Sprint("x", i), Type: v.Type, Normalize: v.Normalize, Unique: true})
	}
	config.WriteString("}\n")
	path := filepath.Join(t.TempDir(), "v.mdb.hcl")
	require.NoError(t, os.WriteFile(path, []byte(config.String()), 0o600))
	cfg := central.Config{Spec: spec}
	for i := range 64 {
		spec.Shards = append(spec.Shards, area.Database{Server: "c1", Name: fmt.Sprint("c_", i)})
		cfg.Shards = append(cfg.Shards, nil)
	}
	library, err := central.New(cfg)
	require.NoError(t, err)
	defer library.Close()

	for i, v := range file.Vectors {
		got := command(mdbcheck.World{}, "route", "--config", path, "-o", "json", "--", fmt.Sprint("central.x", i), v.Input)
		require.Zero(t, got.status, got.stderr)
		var place struct {
			Key, Database string
			Shard         int
		}
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &place), got.stdout)
		x := library.Index(fmt.Sprint("x", i))
		k, err := x.Parse(v.Input)
		require.NoError(t, err)
		want, err := x.Shard(k)
		require.NoError(t, err)
		require.Equal(t, x.Text(k), place.Key)
		require.Equal(t, want.Index, place.Shard)
		require.Equal(t, want.Database, place.Database)
	}
}
