package hcl_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

const unsetLogin = `
mdb {
  namespace = "acme"
}
server_defaults {
  user     = "rw"
  password = env("PASSWORD")
  params   = { timeout = "2s", tls = env("TLS"), allowCleartextPasswords = true }
  admin {
    user     = "admin"
    password = env("ADMIN")
  }
}
area "user" {
  database = "user_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.a, server.b]
  }
}
server "a" {
  address = "a.db"
  replica "r" { address = "ar.db" }
  replica "d" { dsn = "u@tcp(ad.db)/" }
}
server "b" { address = "b.db" }
`

func textOptions(text string, env map[string]string) hcl.Options {
	return hcl.Options{
		FS:     fstest.MapFS{"main.mdb.hcl": {Data: []byte(text)}},
		Getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	}
}

// An endpoint is known when everything that leads to it is set, and says what is
// not otherwise.
func TestLoad_endpoints_that_lack_something(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                         string
		env                          map[string]string
		primary, admin, replica, dsn string // what is missing
	}{
		{"nothing is set", nil, `env("TLS"), env("PASSWORD")`, `env("TLS"), env("ADMIN")`, `env("TLS"), env("PASSWORD")`, `env("TLS")`},
		{"passwords are set", map[string]string{"PASSWORD": "x", "ADMIN": "y"}, `env("TLS")`, `env("TLS")`, `env("TLS")`, `env("TLS")`},
		{"the password is not set", map[string]string{"TLS": "true", "ADMIN": "y"}, `env("PASSWORD")`, "", `env("PASSWORD")`, ""},
		{"the admin's password is not set", map[string]string{"TLS": "true", "PASSWORD": "y"}, "", `env("ADMIN")`, "", ""},
		{"all is set", map[string]string{"TLS": "true", "PASSWORD": "x", "ADMIN": "y"}, "", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := hcl.Load(".", textOptions(unsetLogin, tt.env))
			require.NoError(t, err)
			s := cfg.Servers[0]
			for _, e := range []struct {
				hcl.Endpoint
				want string
			}{{s.Primary, tt.primary}, {s.Admin, tt.admin}, {s.Replicas[0], tt.replica}, {s.Replicas[1], tt.dsn}} {
				require.Equal(t, e.want, e.Missing)
				require.Equal(t, e.want == "", e.Known)
				require.Equal(t, e.want != "", e.DSN.IsZero(), "nothing of an unknown endpoint can be used")
				if e.Known {
					require.Equal(t, "true", e.DSN.Config().TLSConfig)
				}
			}
			if s.Primary.Known && s.Admin.Known {
				require.Equal(t, []string{"rw", "x"}, []string{s.Primary.DSN.User(), s.Primary.DSN.Config().Passwd})
				require.Equal(t, []string{"admin", "y"}, []string{s.Admin.DSN.User(), s.Admin.DSN.Config().Passwd})
				require.Equal(t, []string{"rw", "x"}, []string{s.Replicas[0].DSN.User(), s.Replicas[0].DSN.Config().Passwd})
				require.Equal(t, []string{"u", ""}, []string{s.Replicas[1].DSN.User(), s.Replicas[1].DSN.Config().Passwd})
			}
		})
	}
}

// Where passwords are unset, as in CI, an address that moved is still seen.
func TestCompare_sees_addresses_without_passwords(t *testing.T) {
	t.Parallel()
	moved := func(from, to string) hcl.Diagnostics {
		var cfgs []*hcl.Config
		for _, address := range []string{from, to} {
			text := unsetLogin + `server "c" { address = ` + address + " }\n"
			cfg, err := hcl.Load(".", textOptions(text, nil))
			require.NoError(t, err)
			cfgs = append(cfgs, cfg)
		}
		c := hcl.Compare(cfgs[0], cfgs[1], hcl.CompareOptions{})
		return c.Diagnostics()
	}
	require.Empty(t, moved(`"c.db"`, `"C.db:3306"`))
	require.Empty(t, moved(`"c.db"`, `env("UNSET")`), "nothing is said of what is unknown")
	found := moved(`"c.db"`, `"d.db"`)
	require.Len(t, found, 1)
	require.Equal(t, "MDB912", found[0].Rule)
}
