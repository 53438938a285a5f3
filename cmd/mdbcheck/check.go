package main

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// checkFlags are the flags of check, which the root command has too.
type checkFlags struct {
	failOn string
	locked bool
	rules  []string
	fix    bool
}

func (f *checkFlags) addTo(cmd *cobra.Command) {
	addFailOn(cmd, &f.failOn)
	addRule(cmd, &f.rules, checkRules)
	cmd.Flags().BoolVar(&f.fix, "fix", false, "mend what can be mended without routing any id otherwise, then check")
	cmd.Flags().BoolVar(&f.locked, "locked", false, "demand that mdb.lock.json lies beside the configuration")
}

func addFailOn(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "fail-on", "error", "least severity that exits with 1: error, warning, notice or never")
	command.Complete(cmd, "fail-on", "error", "warning", "notice", "never")
}

func newCheck(s *settings) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATH]",
		Short: "Say what is wrong with a configuration",
		Long: `Check reads all *.mdb.hcl and *.mdb.json of a directory, or one file, and reports
every mistake at its exact place. What hangs on an unset env() or variable is not
checked, and check says so. Where mdb.lock.json lies beside the configuration, the
two must agree; --locked demands that there is one. See mdbcheck lock.

Where there are no errors, check also gives warnings and notices of what is sound
but unwise. Their severities can be set by --rule and in .mdbcheck.hcl beside the
configuration; single findings are covered by comments such as
  # mdbcheck:ignore MDB313 until=2027-03-31 -- u3 arrives in spring
on the line or above it. See mdbcheck rules and mdbcheck explain.

--fix first rewrites the files: range keys without their authority, offset where
start was meant, arguments under their new names, bounds of pools, comments that
cover nothing, and the canonical form of files that lack it; mdbcheck explain says
of each rule what --fix does about it. It names the files it wrote on standard
error, and writes none if any id would be routed otherwise.

-o FORMAT[=PATH] may be repeated, to print and to write files in one run. FORMAT is
human, compact (a line for each finding, for editors and problem matchers), json,
sarif (2.1.0, for code scanning), github (annotations, and a table for the step's
summary) or junit. All but human and json have paths from the root of the repository.

-o json prints one object:
  format_version   "1.1"; keys may be added within version 1
  tool             name, version
  valid            whether there are no errors
  error_count, warning_count, notice_count
  diagnostics      a list in the order of file, place and rule, of
      rule, slug, severity (error, warning, notice), summary, detail, help,
      address (the declaration, as area.user.partition.p0),
      range (null if it is about no file): filename, start, end; each has line
        and column from 1, counting what a reader sees as characters, and byte
        from 0; line 0 is the whole file
      related: a list of message, range
      fixes: a list, empty if --fix would not mend it, of description and edits:
        range and text, which is put in the place of the range. Edits are in the
        order of the file and apart from each other. Those of two findings may
        overlap: apply those of one, and check again. (Since 1.1.)
  summary          files, areas, partitions, shards, incomplete (the rules that
                   tell what could not be checked), ignored (how many findings
                   comments cover)

Exit status: 0 nothing at or above --fail-on, 1 something, 2 could not run.`,
		Example: `  mdbcheck check
  mdbcheck check deploy/mdb --fail-on warning --rule MDB407=off
  mdbcheck check deploy/mdb -o human -o github -o sarif=mdb.sarif -o junit=mdb.xml
  mdbcheck check deploy/mdb --profile solo --var db_password=x -o json`,
		Args:        cobra.MaximumNArgs(1),
		Annotations: findingForms,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return runCheck(s, cmd, flags, args) }
	flags.addTo(cmd)
	return cmd
}

func runCheck(s *settings, cmd *cobra.Command, flags checkFlags, args []string) error {
	if err := command.SeeHelp(cmd, command.OneOf("fail-on", flags.failOn, "error", "warning", "notice", "never")); err != nil {
		return err
	}
	s.lock = hcl.LockIfPresent
	if flags.locked {
		s.lock = hcl.LockRequired
	}
	start := time.Now()
	lint, err := lintOf(flags.rules, start)
	if err != nil {
		return err
	}
	s.lint = lint
	if flags.fix {
		if err := s.fix(cmd, args); err != nil {
			return err
		}
	}
	cfg, found, err := s.load(cmd, args)
	if err != nil {
		return err
	}
	r := &report{findings: found, masked: maskedOnce(cfg), mend: cfg.Edits, path: cfg.Path, command: "check", failOn: flags.failOn, catalogue: checkRules(), summary: summarise(cfg, found), elapsed: time.Since(start)}
	if err := s.inEachForm(func() error { return s.reporter().write(s.env.stdout, r) }); err != nil {
		return err
	}
	if flags.fails(found) {
		return errFindings
	}
	return nil
}

// fails reports whether findings are bad enough for status 1.
func (f checkFlags) fails(found hcl.Diagnostics) bool {
	return slices.ContainsFunc(found, func(d hcl.Diagnostic) bool { return failing(d.Severity, f.failOn) })
}
