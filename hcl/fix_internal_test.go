package hcl

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestKeepsRoutes(t *testing.T) {
	t.Parallel()
	check := func(start string) *Config {
		text := "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" { address = \"a\" }\narea \"user\" {\n  database = \"${partition.name}\"\n" +
			"  partition \"p0\" {\n    start = \"0:0\"\n    shards = [server.u1]\n  }\n  partition \"p1\" {\n    start = \"" + start + "\"\n    shards = [server.u1]\n  }\n}\n"
		cfg, _ := Check(".", Options{FS: fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}}})
		return cfg
	}
	require.True(t, keepsRoutes(check("0:10"), check("0:1_0")))
	require.False(t, keepsRoutes(check("0:10"), check("0:11")), "ids move")
	require.False(t, keepsRoutes(check("0:10"), check("0:x")), "nothing opens any more")
	require.True(t, keepsRoutes(check("0:x"), check("0:10")), "nothing opened before")
}

// An edit is made where its words are found, alone or in quotes, and nowhere else.
func TestEdited(t *testing.T) {
	t.Parallel()
	text := []byte(`cs = "0:3:1" # cs`)
	tests := []struct {
		name  string
		mends []mend
		want  string
	}{
		{"words", []mend{{span{0, 2}, "cs", "dsn"}}, `dsn = "0:3:1" # cs`},
		{"words in quotes", []mend{{span{5, 12}, "0:3:1", "0:1"}, {span{0, 2}, "cs", "dsn"}}, `dsn = "0:1" # cs`},
		{"twice", []mend{{span{0, 2}, "cs", "dsn"}, {span{0, 2}, "cs", "dsn"}}, `dsn = "0:3:1" # cs`},
		{"other words", []mend{{span{0, 2}, "dsn", "cs"}}, string(text)},
		{"past the end", []mend{{span{16, 99}, "cs", "dsn"}}, string(text)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, string(edited(text, tt.mends)))
		})
	}
}
