package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/hcl"
)

// fmtFlags are the flags of fmt.
type fmtFlags struct {
	check, diff, write bool
	stdinName          string
}

func newFmt(s *settings) *cobra.Command {
	var flags fmtFlags
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Bring files into their canonical form",
		Long: `Fmt rewrites the *.mdb.hcl, *.mdbtest.hcl and mdb-accept.hcl of directories, or the
files that are named, and prints the names of those it changed. Arguments are aligned,
and the partitions of an area or breakpoint put in the order of their ids, each with
the comments directly above it. That never changes a route. Partitions stay where they
are if one of them starts at no plain text, or if a comment stands by itself between
them; breakpoints always do, since another order of theirs is a mistake.

A file is replaced in one step and keeps its permissions; behind a symbolic link, the
file it leads to is. Files of JSON are left alone, whoever names them: programs write
them. A file with syntax errors is reported and left alone, others are formatted.

--check and --diff write nothing unless --write is given too. What --diff prints is to
be read, not applied: secrets in it are masked. With the path - standard input is
formatted to standard output, secrets and all.

Exit status: 0 done, 1 a file has syntax errors or --check found one to format,
2 could not run.`,
		Example: `  mdbcheck fmt deploy/mdb
  mdbcheck fmt --check --diff deploy/mdb
  mdbcheck fmt - < user.mdb.hcl`,
		Args:        cobra.ArbitraryArgs,
		Annotations: map[string]string{outputsOf: "human"},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("write") {
			flags.write = !flags.check && !flags.diff
		}
		if len(args) == 0 {
			args = []string{s.flags.Config}
		}
		return (&formatting{settings: s, fmtFlags: flags}).run(args)
	}
	cmd.Flags().BoolVar(&flags.check, "check", false, "exit with 1 if a file would change")
	cmd.Flags().BoolVar(&flags.diff, "diff", false, "print what changes")
	cmd.Flags().BoolVar(&flags.write, "write", false, "write the files (default true without --check and --diff)")
	cmd.Flags().StringVar(&flags.stdinName, "stdin-filename", "<stdin>", "name of standard input in messages")
	return cmd
}

// formatting is one run of fmt.
type formatting struct {
	*settings
	fmtFlags
	changed int // files that are not in their canonical form
	broken  int // files with syntax errors
}

func (f *formatting) run(paths []string) error {
	if slices.Contains(paths, "-") {
		if len(paths) > 1 {
			return errors.New("the path - stands alone: standard input is formatted by itself")
		}
		return f.stdin()
	}
	var files []string
	for _, path := range paths {
		list, err := formattable(path)
		if err != nil {
			return err
		}
		files = append(files, list...)
	}
	var failed error
	for _, file := range files {
		failed = errors.Join(failed, f.file(file))
	}
	if f.check && f.changed > 0 && !f.write {
		fmt.Fprintf(f.env.stderr, "%s to format: run mdbcheck fmt without --check and --diff\n", count(f.changed, "file"))
	}
	return errors.Join(failed, f.verdict())
}

// verdict gives the error that makes the exit status 1.
func (f *formatting) verdict() error {
	if f.broken > 0 || f.check && f.changed > 0 {
		return errFindings
	}
	return nil
}

// formattable gives the files of a path that have a canonical form.
func formattable(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read what to format: %w", err)
	}
	if !info.IsDir() {
		if strings.HasSuffix(path, ".json") {
			return nil, nil
		}
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read what to format: %w", err)
	}
	var files []string
	isConfig := false
	for _, e := range entries {
		name := e.Name()
		isConfig = isConfig || strings.HasSuffix(name, ".mdb.hcl") || strings.HasSuffix(name, ".mdb.json")
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".mdb.hcl") && !strings.HasSuffix(name, ".mdbtest.hcl") && name != hcl.AcceptFile {
			continue
		}
		file := filepath.Join(path, name)
		// A symbolic link may lead to a directory, or nowhere: check reports that.
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			files = append(files, file)
		}
	}
	if len(files) == 0 && !isConfig {
		return nil, fmt.Errorf("nothing to format in %s: name the directory that has the *.mdb.hcl files", path)
	}
	return files, nil
}

// maxFormatted is how many bytes a file may have that is formatted: no larger one
// is read as part of a configuration.
const maxFormatted = 5 << 20

func (f *formatting) stdin() error {
	text, err := io.ReadAll(io.LimitReader(f.env.stdin, maxFormatted+1))
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	out, err := f.format(f.stdinName, text)
	if out == nil {
		return errors.Join(err, f.verdict())
	}
	if string(out) != string(text) {
		f.changed++
	}
	switch {
	case f.diff:
		err = f.show(f.stdinName, text, out)
	case f.check && !f.write:
	default:
		_, err = f.env.stdout.Write(out)
	}
	return errors.Join(err, f.verdict())
}

// file formats one file.
func (f *formatting) file(name string) error {
	text, err := readAtMost(name, maxFormatted+1)
	if err != nil {
		return fmt.Errorf("cannot read what to format: %w", err)
	}
	out, err := f.format(name, text)
	if out == nil || string(out) == string(text) {
		return err
	}
	f.changed++
	if f.write {
		if err := rewrite(name, text, out); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	if f.diff {
		return f.show(name, text, out)
	}
	_, err = fmt.Fprintln(f.env.stdout, oneLine(name))
	return err
}

// format gives the canonical form of a text, or nil after it has reported why
// there is none.
func (f *formatting) format(name string, text []byte) ([]byte, error) {
	if len(text) > maxFormatted {
		return nil, fmt.Errorf("cannot format %s: it has more than %d MiB", name, maxFormatted>>20)
	}
	out, err := hcl.Format(name, text)
	failed, ok := errors.AsType[*hcl.DiagnosticsError](err)
	if !ok {
		if out == nil && err == nil {
			out = []byte{}
		}
		return out, err
	}
	f.broken++
	r := &report{findings: failed.Diagnostics, masked: masker(name, text, f.env.lookupEnv)}
	return nil, (human{paint: f.paint(f.env.stderrIsTerminal)}).write(f.env.stderr, r)
}

// show prints the lines that change, secrets masked.
func (f *formatting) show(name string, before, after []byte) error {
	was, is := masker(name, before, f.env.lookupEnv)(name), masker(name, after, f.env.lookupEnv)(name)
	return writeDiff(f.env.stdout, f.paint(f.env.stdoutIsTerminal), name, was, is)
}

// masker gives what hides the secrets of a file. What is one may be known from the
// other files of its directory only.
func masker(name string, text []byte, env func(string) (string, bool)) func(string) []byte {
	options := hcl.Options{Getenv: env, Overlay: map[string][]byte{name: text}}
	path := name
	if dir := filepath.Dir(name); strings.HasSuffix(name, ".mdb.hcl") && exists(name) {
		path = dir
	}
	cfg, found := hcl.Check(path, options)
	name = filepath.Clean(name)
	masked := cfg.Masked(name)
	conceal(masked, name, found)
	return func(string) []byte { return masked }
}

// readAtMost reads a file, or as much of it.
func readAtMost(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, most))
}
