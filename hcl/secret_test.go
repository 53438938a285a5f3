package hcl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

// canary stands wherever a secret can.
const canary = "hunter2canary"

// secretEnv has the canary in every variable, as it would stand in a DSN where
// the name says so.
func secretEnv(name string) (string, bool) {
	switch {
	case strings.HasPrefix(name, "UNSET"):
		return "", false
	case strings.HasSuffix(name, "DSN"):
		return "root:" + canary + "@tcp(u.db:3306)/", true
	case strings.HasPrefix(name, "MDB_VAR_"):
		return canary, name == "MDB_VAR_secret"
	}
	return canary, true
}

// Each text breaks something beside or with a secret.
func secretTexts() map[string]string {
	server := func(body string) string {
		return "mdb {\n  namespace = \"x\"\n}\nserver \"u1\" {\n" + body + "\n}\n"
	}
	withArea := func(body string) string {
		return server("  address = \"a\"") + "variable \"secret\" { sensitive = true }\narea \"user\" {\n" + body + "\n}\n"
	}
	return map[string]string{
		"literal password":            server(`  address = "a"` + "\n" + `  password = "` + canary + `"`),
		"password of another type":    server(`  address = "a"` + "\n" + `  password = ["` + canary + `"]`),
		"password in a for":           server(`  address = "a"` + "\n" + `  password = [for x in ["` + canary + `"] : x][0]`),
		"password in a broken line":   server(`  address = "a"` + "\n" + `  password = "` + canary + `" "x"`),
		"password without an end":     server(`  address = "a"` + "\n" + `  password = "` + canary),
		"password in a heredoc":       server("  address = \"a\"\n  password = <<X\n" + canary + "\nX\n"),
		"heredoc in a broken block":   server("  address = \n  password = <<X\n" + canary + "\nX\n"),
		"list in a broken block":      server("  address = \n  password = join(\"\", [\n    \"" + canary + "\",\n  ])\n"),
		"misspelt password":           server(`  address = "a"` + "\n" + `  pasword = "` + canary + `"`),
		"password of an unknown name": server(`  address = "a"` + "\n" + `  db_passwd = "` + canary + `"`),
		"password in the wrong block": "password = \"" + canary + "\"\n",
		"password in a function":      server(`  address = "a"` + "\n" + `  password = lower("` + canary + `", 3)`),
		"password as an index":        server(`  address = "a"` + "\n" + `  password = {a = "b"}["` + canary + `"]`),
		"password in a template":      server(`  address = "a"` + "\n" + `  password = "` + canary + `${1 + "x"}"`),
		"literal dsn, former name":    server(`  cs = "root:` + canary + `@tcp(u1.db:3306)/"`),
		"literal dsn":                 server(`  dsn = "root:` + canary + `@tcp(u1.db:3306)/"`),
		"broken dsn":                  server(`  dsn = "root:` + canary + `@u1.db"`),
		"url":                         server(`  dsn = "mysql://root:` + canary + `@u1.db/x"`),
		"dsn in the address":          server(`  address = "root:` + canary + `@tcp(u1.db:3306)/"`),
		"login in the address":        server(`  address = "root:` + canary + `@u1.db:3306"`),
		"password as a parameter":     server("  address = \"a\"\n  params = { password = \"" + canary + "\" }"),
		"pw as a parameter":           server("  address = \"a\"\n  params = { \"pw\" = \"" + canary + "\" }"),
		"misspelt dsn":                server(`  dns = "root:` + canary + `@tcp(u1.db:3306)/"`),
		"dsn and parts":               server(`  dsn = "root:` + canary + `@tcp(u1.db:3306)/"` + "\n  user = \"x\""),
		"dsn of a default":            server(`  dsn = env("UNSET_DSN", "root:` + canary + `@u1.db")`),
		"dsn with a bad parameter":    server(`  dsn = "root:` + canary + `@tcp(u1.db:3306)/?timeout=` + canary + `"`),
		"replica's dsn":               server("  address = \"a\"\n  replica \"r\" { dsn = \"root:" + canary + "@u1.db\" }"),
		"admin's password":            server("  address = \"a\"\n  admin {\n    user = \"x\"\n    password = \"" + canary + "\"\n  }"),
		"defaults' password":          server(`  address = "a"`) + "server_defaults {\n  password = \"" + canary + "\"\n}\n",
		"password in a local":         server(`  address = "a"`+"\n"+`  password = local.pw`) + "locals {\n  pw = local.other\n  other = \"" + canary + "\"\n}\n",
		"password in a broken local":  server(`  address = "a"`+"\n"+`  password = local.pw`) + "locals {\n  pw = \"" + canary + "\" + 1\n}\n",
		"password in a default":       server(`  address = "a"`+"\n"+`  password = var.pw`) + "variable \"pw\" { default = \"" + canary + "\" }\n",
		"sensitive default":           server(`  address = "a"`) + "variable \"pw\" {\n  sensitive = true\n  type = number\n  default = \"" + canary + "\"\n}\n",
		"comment":                     server(`  addrss = "a" # root:` + canary + `@tcp(u1.db)/`),
		"sensitive address":           server(`  address = "${env("HOST")} ?"`),
		"sensitive namespace":         "mdb {\n  namespace = env(\"NS\")\n  hash = env(\"HASH\")\n}\n" + withArea("  database = \"x\"\n  partition \"p\" {\n    shards = [server.u2]\n  }"),
		"sensitive start":             withArea("  database = \"x\"\n  partition \"p\" {\n    start = env(\"START\")\n    shards = [server.u1]\n  }"),
		"sensitive offset":            withArea("  database = \"x\"\n  partition \"p\" {\n    offset = env(\"START\")\n    shards = [server.u1]\n  }"),
		"sensitive hash":              withArea("  database = \"x\"\n  partition \"p\" {\n    start = \"0:0\"\n    hash = var.secret\n    shards = [server.u1]\n  }"),
		"sensitive database":          withArea("  database = \"${var.secret}\"\n  partition \"p\" {\n    start = \"0:0\"\n    shards = [server.u1, server.u1]\n  }\n  partition \"q\" {\n    start = \"0:9\"\n    shards = [server.u1]\n  }"),
		"sensitive bad database":      withArea("  database = \"/${var.secret}\"\n  partition \"p\" {\n    start = \"0:0\"\n    shards = [server.u1, database(server.u1, \"/${var.secret}\")]\n  }"),
		"sensitive server":            withArea("  database = \"x\"\n  partition \"p\" {\n    start = \"0:0\"\n    shards = [server[var.secret], var.secret, server[\"u${var.secret}\"]]\n  }"),
		"sensitive list":              withArea("  database = \"x\"\n  partition \"p\" {\n    start = \"0:0\"\n    shards = [for s in [var.secret] : server[s]]\n  }"),
		"sensitive shards":            withArea("  database = \"x\"\n  partition \"p\" {\n    start = \"0:0\"\n    shards = var.secret\n  }"),
		"sensitive function":          withArea("  database = parseint(var.secret, 10)\n  schema = regex(var.secret, \"(\")\n"),
		"sensitive operand":           withArea("  database = 1 + var.secret\n  schema = env(\"X\") + 1"),
		"sensitive attribute":         withArea("  database = var.secret.x\n  schema = {a = 1}[var.secret]"),
		"sensitive duration":          withArea("") + "central {\n  shards = [server.u1]\n  database = \"c\"\n  cache { ttl = var.secret }\n  index \"i\" {\n    type = var.secret\n    normalize = [var.secret]\n    max_bytes = var.secret\n    proof = \"a b ${var.secret}\"\n  }\n}\n",
		"sensitive number":            withArea("") + "authority \"a\" {\n  number = var.secret\n  store = database(server.u1, \"/${var.secret}\")\n}\n",
		"sensitive key":               withArea("") + "briefcase \"b\" {\n  area = area.user\n  key = \"a ${var.secret}\"\n  table \"t\" {}\n}\n",
		"sensitive parameter":         server("  address = \"a\"\n  params = { timeout = env(\"X\"), readTimout = env(\"X\") }"),
		"sensitive message":           withArea("") + "variable \"v\" {\n  default = 1\n  validation {\n    condition = var.v == 2\n    error_message = \"no ${var.secret}\"\n  }\n}\n",
		"sensitive condition":         withArea("") + "variable \"v\" {\n  default = 1\n  validation {\n    condition = var.secret\n    error_message = \"no\"\n  }\n}\n",
		"sensitive file":              server("  address = \"a\"\n  password = file(\"secret.txt\")\n  zone = file(\"secret.txt\") + 1\n  pool {\n    max_lifetime = file(\"secret.txt\")\n  }"),
		"sensitive file name":         server("  address = \"a\"\n  password = file(env(\"X\"))"),
		"sensitive variable name":     server("  address = \"a\"\n  password = env(env(\"UNSET\") == \"x\" ? \"a\" : \"UNSET\")"),
	}
}

// nothingShown searches everything that can be printed of a configuration.
func nothingShown(t *testing.T, cfg *hcl.Config, found hcl.Diagnostics, err error) {
	t.Helper()
	shown := map[string]string{"%v": fmt.Sprint(found), "%+v": fmt.Sprintf("%+v", found), "%#v": fmt.Sprintf("%#v", found), "error": fmt.Sprintf("%v %+v", err, err)}
	text, jsonErr := json.Marshal(found)
	require.NoError(t, jsonErr)
	shown["json"] = string(text)
	if cfg != nil {
		shown["config"] = fmt.Sprintf("%v %+v %#v %s %+v", cfg, cfg, *cfg, cfg, cfg.Servers)
		text, jsonErr := json.Marshal(cfg)
		require.NoError(t, jsonErr)
		shown["config json"] = string(text)
		for _, name := range cfg.Files {
			shown["masked "+name] = string(cfg.Masked(name))
		}
	}
	for what, text := range shown {
		require.NotContains(t, text, canary, what)
	}
}

func TestCheck_shows_no_secret(t *testing.T) {
	t.Parallel()
	for name, text := range secretTexts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := hcl.Options{Getenv: secretEnv, Lint: &hcl.Lint{}, FS: fstest.MapFS{
				"main.mdb.hcl": {Data: []byte(text)},
				"secret.txt":   {Data: []byte(canary)},
			}}
			cfg, found := hcl.Check(".", opts)
			require.NotEmpty(t, found, "the text is meant to break something")
			_, err := hcl.Load(".", opts)
			nothingShown(t, cfg, found, err)
		})
	}
}

// A configuration without a mistake holds its secrets in DSNs alone.
func TestConfig_shows_no_secret(t *testing.T) {
	t.Parallel()
	cfg, err := hcl.Load(sampleDir, hcl.Options{Getenv: func(name string) (string, bool) {
		if name == "MDB_VAR_db_password" {
			return canary, true
		}
		return secretEnv(name)
	}})
	require.NoError(t, err)
	require.Equal(t, canary, cfg.Servers[0].Primary.DSN.Config().Passwd)
	nothingShown(t, cfg, nil, nil)
	for _, s := range cfg.Servers {
		require.NotContains(t, fmt.Sprintf("%+v %#v", s, s.Primary), canary)
	}
}

func TestCheck_shows_no_secret_of_json(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"password":         `{"server": {"u1": {"address": "a", "password": "` + canary + `"}}}`,
		"broken password":  `{"server": {"u1": {"address": "a", "password": "` + canary + `" "x"}}}`,
		"misspelt":         `{"server": {"u1": {"address": "a", "pasword": "` + canary + `"}}}`,
		"dsn":              `{"server": {"u1": {"dsn": "root:` + canary + `@u1"}}}`,
		"local":            `{"locals": {"pw": "` + canary + `"}, "server": {"u1": {"address": "a", "password": "${local.pw}"}}}`,
		"password of list": `{"server": {"u1": {"address": "a", "password": ["` + canary + `"]}}}`,
		"broken list":      `{"server": {"u1": {"address": "a", "password": [` + "\n" + `"` + canary + `"` + "\n" + `] "x"}}}`,
		"no end":           `{"server": {"u1": {"address": "a", "password": "` + canary,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, found := hcl.Check(".", hcl.Options{FS: fstest.MapFS{"main.mdb.json": {Data: []byte(text)}}})
			require.True(t, found.HasErrors())
			nothingShown(t, cfg, found, nil)
		})
	}
}

// Values given from outside are never shown, whatever is wrong with them.
func TestCheck_shows_no_given_value(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"main.mdb.hcl": {Data: []byte("mdb {\n  namespace = \"x\"\n}\nvariable \"a\" { type = number }\nvariable \"b\" { type = list(string) }\nvariable \"c\" { type = bool }\n" +
			"variable \"d\" {\n  sensitive = true\n  type = object({x = string})\n}\n")},
		"v.hcl":  {Data: []byte("c = \"" + canary + "\"\nunknown = \"" + canary + "\"\nd = var.x + \"" + canary + "\"\n")},
		"v.json": {Data: []byte(`{"d": {"y": "` + canary + `"}}`)},
		"w.hcl":  {Data: []byte("c = \"" + canary + "\n{{{\n")},
	}
	cfg, found := hcl.Check(".", hcl.Options{
		FS: fsys, VarFiles: []string{"v.hcl", "v.json", "w.hcl", "missing.hcl"},
		Vars: map[string]string{"a": canary, "b": "[" + canary, "nope": canary},
	})
	require.True(t, found.HasErrors())
	nothingShown(t, cfg, found, nil)
	for _, name := range []string{"v.hcl", "v.json", "w.hcl"} {
		require.NotContains(t, string(cfg.Masked(name)), canary)
	}
}
