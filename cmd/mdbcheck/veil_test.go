package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

func TestVeil(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, line, want string }{
		{"nothing to hide", `server "u1" { address = "u1:3306" }`, `server "u1" { address = "u1:3306" }`},
		{"a password", `  password = "hunter2" # x`, `  password = "*******" # x`},
		{"a password on a crowded line", `server "u4" { address = "a:1" password = "hunter2" }`, `server "u4" { address = "a:1" password = "*******" }`},
		{"a misspelt password", `pasword="hunter2"`, `pasword="*******"`},
		{"a password in JSON", `{"u1":{"password":"hunter2", "address": "a:1"}}`, `{"u1":{"password":"*******", "address": "a:1"}}`},
		{"a password after others in JSON", `"address": "a:1", "passwd" : "hunter2"`, `"address": "a:1", "passwd" : "*******"`},
		{"a string without an end", `password = "hunter2`, `password = "*******`},
		{"an escaped quote", `password = "a\"hunter2"`, `password = "**********"`},
		{"a backslash at the end", `password = "hunter2\`, `password = "********`},
		{"a call", `password = nope("a", "hunter2")`, `password = nope("*", "*******")`},
		{"where a password comes from", `password = env("DB_PASSWORD")`, `password = env("DB_PASSWORD")`},
		{"the file that has a password", `password = trimspace(file("pw.txt"))`, `password = trimspace(file("pw.txt"))`},
		{"the default of a variable", `password = env("A", "hunter2")`, `password = env("A", "*******")`},
		{"a function of another name", `password = myfile("hunter2")`, `password = myfile("*******")`},
		{"a DSN where a name should be", `dsn = env("app:hunter2@tcp(u1)/")`, `dsn = env("********************")`},
		{"a list", `password = ["a", "hunter2"]`, `password = ["*", "*******"]`},
		{"a password in objects of a list", `"dsn": [{"x": "1", "password": "hunter2"}, {"y": "z"}]`, `"dsn": [{"x": "1", "password": "*******"}, {"y": "z"}]`},
		{"a DSN anywhere", `x("app:hunter2@tcp(u1)/")`, `x("********************")`},
		{"a misspelt dsn", `dns = "app@tcp(u1)/"`, `dns = "************"`},
		{"the unknown argument", `  §nope§ = "hunter2"`, `  nope = "*******"`},
		{"the unknown argument in JSON", `{"a": "b", §"nope"§: "hunter2", "c": "d"}`, `{"a": "b", "nope": "*******", "c": "d"}`},
		{"an unknown block keeps its label", `§srver§ "u1" {`, `srver "u1" {`},
		{"a reference after a secret's name", `password = var.db_password`, `password = var.db_password`},
		{"no password at all", `index "password" {`, `index "password" {`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			line, unknown := strings.ReplaceAll(tt.line, "§", ""), -1
			if end := strings.LastIndex(tt.line, "§"); end >= 0 {
				unknown = end - len("§")
			}
			require.Equal(t, tt.want, mdbcheck.Veil(line, unknown))
		})
	}
}

func FuzzVeil(f *testing.F) {
	f.Add(`pass = "x\`, 3)
	f.Add(`"a":"b:c@`, -1)
	f.Fuzz(func(t *testing.T, line string, unknown int) {
		require.Len(t, mdbcheck.Veil(line, max(-1, min(unknown, len(line)))), len(line))
	})
}
