package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// soundParts is a configuration without errors that every kind of edit mends.
const soundParts = `mdb {
    namespace = "x"
}
server_defaults {
  pool {
    max_open     = 64 /* é👩 */ # many
    max_idle     = 2
    max_lifetime = "1h"
  }
}
server "u1" { cs = env("MDB_U1_DSN") }
# mdbcheck:ignore MDB405 -- no two are alike
area "user" {
  database = "user_${partition.name}"
  partition "p1" {
    start  = "0:10"
    shards = [server.u1]
  }
  partition "p0" {
    start  = "0:0"
    shards = [server.u1]
  }
}
`

type position struct{ Line, Column, Byte int }

type jsonReport struct {
	FormatVersion string `json:"format_version"`
	Diagnostics   []struct {
		Rule  string
		Fixes []struct {
			Description string
			Edits       []struct {
				Range struct {
					Filename   string
					Start, End position
				}
				Text string
			}
		}
	}
}

// The edits of JSON and SARIF are the same, each in its own units, and mend what
// they are given for.
func TestOutput_fixes(t *testing.T) {
	t.Parallel()
	schemaText, err := os.ReadFile("testdata/sarif/sarif-schema-2.1.0.json")
	require.NoError(t, err)
	schema := parseSchema(t, schemaText)
	mended := map[string]bool{}
	for _, text := range map[string]string{
		"sound":  soundParts,
		"broken": strings.Replace(soundParts, `"0:10"`, `"0:3:10"`, 1) + "# the end",
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "main.mdb.hcl")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		run := func(form string) string {
			got := command(mdbcheck.World{Env: map[string]string{"MDB_U1_DSN": "app:x@tcp(u1.db:3306)/"}}, "check", dir, "--fail-on", "never", "-o", form)
			require.Zero(t, got.status, got.stderr)
			return got.stdout
		}
		var report jsonReport
		require.NoError(t, json.Unmarshal([]byte(run("json")), &report))
		require.Equal(t, "1.1", report.FormatVersion)
		log := run("sarif")
		require.Empty(t, schema.faults(t, []byte(log)))
		var sarif struct {
			Runs []struct {
				Results []struct {
					Fixes []struct {
						Changes []struct {
							Replacements []struct {
								Deleted  struct{ StartLine, StartColumn, EndLine, EndColumn int } `json:"deletedRegion"`
								Inserted *struct{ Text string }                                   `json:"insertedContent"`
							}
						} `json:"artifactChanges"`
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(log), &sarif))
		require.Len(t, sarif.Runs[0].Results, len(report.Diagnostics))
		for i, d := range report.Diagnostics {
			require.NotNil(t, d.Fixes, "a list, if an empty one")
			require.Len(t, sarif.Runs[0].Results[i].Fixes, len(d.Fixes))
			for j, fix := range d.Fixes {
				require.NotEmpty(t, fix.Description)
				after := text
				replacements := sarif.Runs[0].Results[i].Fixes[j].Changes[0].Replacements
				require.Len(t, replacements, len(fix.Edits))
				for k, e := range slices.Backward(fix.Edits) {
					r := replacements[k]
					require.Equal(t, file, e.Range.Filename)
					after = after[:e.Range.Start.Byte] + e.Text + after[e.Range.End.Byte:]
					require.Equal(t, byteOf(text, r.Deleted.StartLine, r.Deleted.StartColumn), e.Range.Start.Byte)
					require.Equal(t, byteOf(text, r.Deleted.EndLine, r.Deleted.EndColumn), e.Range.End.Byte)
					require.Equal(t, e.Text == "", r.Inserted == nil)
					require.True(t, r.Inserted == nil || r.Inserted.Text == e.Text)
				}
				mended[d.Rule] = true
				require.NoError(t, os.WriteFile(file, []byte(after), 0o600))
				var left jsonReport
				require.NoError(t, json.Unmarshal([]byte(run("json")), &left))
				require.Less(t, count(left, d.Rule), count(report, d.Rule), "%s\n%s", d.Rule, after)
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
			}
		}
	}
	for _, rule := range []string{"MDB109", "MDB112", "MDB113", "MDB302", "MDB314", "MDB410"} {
		require.True(t, mended[rule], rule)
	}
}

func count(r jsonReport, rule string) int {
	n := 0
	for _, d := range r.Diagnostics {
		if d.Rule == rule {
			n++
		}
	}
	return n
}

// byteOf gives the byte of a line and a column of UTF-16 units.
func byteOf(text string, line, column int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for units := 1; units < column; {
		r := []rune(text[at:])[0]
		units += utf16.RuneLen(r)
		at += len(string(r))
	}
	return at
}

// What --fix would move has no secret in any output.
func TestOutput_fixesShowNoSecret(t *testing.T) {
	t.Parallel()
	const canary = "hunter2canary"
	dsn := "app:" + canary + "@tcp(u1.db:3306)/"
	for name, text := range map[string]string{
		"in a partition that moves":  strings.Replace(soundParts, "shards = [server.u1]\n", "shards = [server.u1] # "+dsn+"\n", 1),
		"in a partition that stays":  strings.Replace(soundParts, "    start  = \"0:0\"\n", "    start  = \"0:0\" # "+dsn+"\n", 1),
		"in the comment that goes":   strings.Replace(soundParts, "no two are alike", dsn, 1),
		"on a line out of form":      strings.Replace(soundParts, "namespace =", "/* "+dsn+" */ namespace   =", 1),
		"behind a former name":       strings.Replace(soundParts, `cs = env("MDB_U1_DSN")`, `cs = env("MDB_U1_DSN", "`+dsn+`")`, 1),
		"in what a pool's bound is":  strings.Replace(soundParts, `"1h"`, `env("LIFE", "1h") # `+dsn, 1),
		"in a start that is no text": strings.Replace(soundParts, `"0:10"`, `env("START", "0:10")`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "main.mdb.hcl"), []byte(text), 0o600))
			w := mdbcheck.World{Env: map[string]string{"START": "0:10", "LIFE": "1h", "MDB_U1_DSN": dsn}}
			for _, form := range []string{"json", "sarif"} {
				got := command(w, "check", dir, "-o", form, "--fail-on", "never")
				require.NotContains(t, got.stdout+got.stderr, "canary", form)
				require.Contains(t, got.stdout, `"fixes":`)
			}
		})
	}
}
