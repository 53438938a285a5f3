package hcl_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/hcl"
)

var update = flag.Bool("update", false, "write the golden files anew")

const rulesDir = "../testdata/rules"

// caseOptions is what a case's options.json may say.
type caseOptions struct {
	Mode     string            `json:"mode"` // "load": as a service does
	Profile  string            `json:"profile"`
	Version  string            `json:"version"`
	Vars     map[string]string `json:"vars"`
	VarFiles []string          `json:"var_files"`
	Env      map[string]string `json:"env"`
	Lint     *struct {
		Rules map[string]string `json:"rules"`
		Today string            `json:"today"`
	} `json:"lint"` // then only errors and findings of the case's rule count
}

// lint gives what the options ask of the rules that loading does not demand.
func (o caseOptions) lint(t *testing.T) *hcl.Lint {
	t.Helper()
	if o.Lint == nil {
		return nil
	}
	l := &hcl.Lint{}
	for name, word := range o.Lint.Rules {
		require.Equal(t, "off", word)
		l.Rules = map[string]hcl.Severity{name: hcl.Off}
	}
	if o.Lint.Today != "" {
		day, err := time.Parse(time.DateOnly, o.Lint.Today)
		require.NoError(t, err)
		l.Today = day.Add(23 * time.Hour)
	}
	return l
}

// run checks one case, read through fs.FS so that paths are the same everywhere.
func runCase(t *testing.T, dir string) hcl.Diagnostics {
	t.Helper()
	fsys := os.DirFS(dir)
	var o caseOptions
	if text, err := fs.ReadFile(fsys, "options.json"); err == nil {
		require.NoError(t, json.Unmarshal(text, &o))
	}
	opts := hcl.Options{
		FS: fsys, Profile: o.Profile, Version: o.Version, Vars: o.Vars, VarFiles: o.VarFiles,
		Getenv: func(name string) (string, bool) { v, ok := o.Env[name]; return v, ok },
		Lint:   o.lint(t),
	}
	if o.Mode != "load" {
		_, found := hcl.Check(".", opts)
		if o.Lint == nil {
			return found
		}
		return slices.DeleteFunc(found, func(d hcl.Diagnostic) bool {
			return d.Severity != hcl.Error && d.Rule != path.Base(path.Dir(dir))
		})
	}
	cfg, err := hcl.Load(".", opts)
	if err == nil {
		require.NotNil(t, cfg.Registry)
		return nil
	}
	failed := &hcl.DiagnosticsError{}
	require.ErrorAs(t, err, &failed)
	return failed.Diagnostics
}

// golden writes findings as the golden files have them.
func golden(found hcl.Diagnostics) string {
	var b strings.Builder
	for _, d := range found {
		fmt.Fprintln(&b, d)
		for _, line := range []struct{ name, text string }{{"address", d.Address}, {"detail", d.Detail}, {"help", d.Help}} {
			if line.text != "" {
				fmt.Fprintf(&b, "    %s: %s\n", line.name, line.text)
			}
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "    see %v: %s\n", r.Range, r.Message)
		}
	}
	return b.String()
}

// Every rule has a failing and a passing case; the golden files hold rule,
// place and text of everything a failing case reports.
func TestRules(t *testing.T) {
	t.Parallel()
	rules, err := os.ReadDir(rulesDir)
	require.NoError(t, err)
	for _, rule := range rules {
		cases, err := os.ReadDir(path.Join(rulesDir, rule.Name()))
		require.NoError(t, err)
		kinds := map[string]int{}
		for _, c := range cases {
			kind, _, _ := strings.Cut(c.Name(), "_")
			kinds[kind]++
			t.Run(rule.Name()+"/"+c.Name(), func(t *testing.T) {
				t.Parallel()
				dir := path.Join(rulesDir, rule.Name(), c.Name())
				found := runCase(t, dir)
				if kind == "pass" {
					require.Empty(t, golden(found))
					return
				}
				checkGolden(t, path.Join(dir, "want.txt"), golden(found))
				require.Contains(t, golden(found), "["+rule.Name()+"]")
			})
		}
		require.Positive(t, kinds["fail"], "%s has no failing case", rule.Name())
		require.Positive(t, kinds["pass"], "%s has no passing case", rule.Name())
		require.Len(t, kinds, 2, "cases of %s begin with fail or pass", rule.Name())
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
