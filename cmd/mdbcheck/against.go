package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// An earlier is the version that a configuration is compared with.
type earlier struct {
	name     string           // as it was asked for
	prefix   string           // of the names of its files in messages; "" for files on the machine
	cfg      *hcl.Config      // nil: there was none
	accepted []hcl.Acceptance // those it has already
	remark   string           // what else there is to say
}

// against finds the version that a configuration at a path is compared with: a
// lock, a directory or file, or a git revision, as REVISION or REVISION:PATH.
// accept is the file of acceptances, or "".
func (s *settings) against(ctx context.Context, given, config, accept string) (*earlier, error) {
	if given != "" {
		if info, err := os.Stat(given); err == nil {
			if err := s.ambiguous(ctx, given, config); err != nil {
				return nil, err
			}
			return s.againstPath(given, config, accept, info.IsDir())
		} else if strings.HasPrefix(given, ".") || filepath.IsAbs(given) {
			return nil, fmt.Errorf("cannot read --against: %w", err)
		}
	}
	return s.againstRevision(ctx, given, config, accept)
}

// ambiguous refuses a name that is a path and a revision.
func (s *settings) ambiguous(ctx context.Context, given, config string) error {
	if strings.HasPrefix(given, ".") || filepath.IsAbs(given) {
		return nil
	}
	r, err := openRepository(ctx, directoryOf(config))
	if err == nil {
		_, err = r.commit(ctx, given)
	}
	if err == nil {
		return fmt.Errorf("--against=%q is a path and a git revision: write ./%s or refs/heads/%s", given, given, given)
	}
	return nil
}

func (s *settings) againstPath(given, config, accept string, isDir bool) (*earlier, error) {
	out := &earlier{name: given}
	if !isDir && strings.HasSuffix(given, ".json") && !strings.HasSuffix(given, ".mdb.json") {
		lock, err := hcl.LoadLock(given, hcl.Options{})
		if err != nil {
			return nil, err
		}
		out.cfg = lock.Config()
		return out, nil
	}
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	if out.cfg, err = s.earlierConfig(given, given, options); err != nil {
		return nil, err
	}
	if accept != "" && isDir {
		if beside, err := filepath.Rel(directoryOf(config), accept); err == nil && filepath.IsLocal(beside) {
			out.accepted, err = acceptedIn(filepath.Join(given, beside), hcl.Options{})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// againstRevision reads the configuration of a git revision.
func (s *settings) againstRevision(ctx context.Context, given, config, accept string) (_ *earlier, err error) {
	repository, err := openRepository(ctx, directoryOf(config))
	if err != nil {
		if given == "" {
			return nil, fmt.Errorf("nothing to compare with: %w; give --against DIRECTORY or LOCK", err)
		}
		return nil, fmt.Errorf("--against=%q is no file or directory, and %w; name one, or run it in the repository", given, err)
	}
	revision, where, named := strings.Cut(given, ":")
	if revision == "" {
		target, _ := s.env.lookupEnv("GITHUB_BASE_REF")
		if revision, err = repository.base(ctx, target); err != nil {
			return nil, err
		}
	}
	commit, err := repository.commit(ctx, revision)
	if err != nil {
		return nil, err
	}
	tree, err := repository.run(ctx, "rev-parse", "--verify", commit+"^{tree}")
	if err != nil {
		return nil, err
	}
	objects, err := repository.objects(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, objects.Close()) }()
	files := newGitTree(objects, tree)
	out := &earlier{name: shortRevision(revision), prefix: shortRevision(revision)}
	inRepository := func(name string) string { return path.Join(repository.prefix, filepath.ToSlash(name)) }
	if !named {
		where = inRepository(baseOf(config))
	}
	where = path.Clean(where)
	if _, err := files.Stat(where); errors.Is(err, fs.ErrNotExist) {
		if named {
			return nil, fmt.Errorf("%s has no %s", out.name, where)
		}
		if where, err = s.moved(ctx, repository, files, commit, config, out); err != nil || where == "" {
			return out, err
		}
	}
	options, err := s.optionsIn(files, config, repository.prefix)
	if err != nil {
		return nil, err
	}
	if out.cfg, err = s.earlierConfig(where, out.name+":"+where, options); err != nil {
		return nil, err
	}
	if accept != "" {
		if beside, err := filepath.Rel(directoryOf(config), accept); err == nil && fs.ValidPath(inRepository(beside)) {
			out.accepted, err = acceptedIn(inRepository(beside), hcl.Options{FS: files})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// shortRevision shortens a commit id.
func shortRevision(revision string) string {
	if len(revision) >= 40 && strings.Trim(revision, "0123456789abcdef") == "" {
		return revision[:12]
	}
	return revision
}

// moved finds where a configuration was whose path a revision does not have: in
// the one other place with a configuration of its namespace. A configuration of a
// namespace that the revision does not have is new, and has none.
func (s *settings) moved(ctx context.Context, r *gitRepository, files *gitTree, commit, config string, out *earlier) (string, error) {
	dirs, err := r.configurations(ctx, commit)
	if err != nil {
		return "", err
	}
	options, err := s.options()
	if err != nil {
		return "", err
	}
	now, _ := hcl.Check(config, options)
	var same, others []string
	for _, dir := range dirs {
		cfg, _ := hcl.Check(dir, hcl.Options{FS: files, Getenv: s.env.lookupEnv})
		if cfg.Topology.Namespace == now.Topology.Namespace || cfg.Namespace == now.Namespace {
			same = append(same, dir)
		} else {
			others = append(others, dir)
		}
	}
	switch len(same) {
	case 0:
		out.remark = fmt.Sprintf("%s has no configuration of namespace %q: all of it is new", out.name, now.Namespace)
		if len(others) > 0 {
			out.remark += fmt.Sprintf("; if it was in %s, say so by --against %s:PATH", strings.Join(others, " or "), out.name)
		}
		return "", nil
	case 1:
		out.remark = fmt.Sprintf("in %s this configuration is at %s", out.name, same[0])
		return same[0], nil
	}
	return "", fmt.Errorf("%s has no %s, and more than one configuration of namespace %q: %s; name one by --against %s:PATH",
		out.name, config, now.Namespace, strings.Join(same, ", "), out.name)
}

// optionsIn gives the options for reading from a revision. A file of variables is
// that of the revision if it has one, and else the one at hand.
func (s *settings) optionsIn(files *gitTree, config, prefix string) (hcl.Options, error) {
	options, err := s.options()
	if err != nil {
		return options, err
	}
	options.FS, options.Version = files, "" // the old version may want an older program
	options.Overlay = map[string][]byte{}
	options.VarFiles = slices.Clone(options.VarFiles)
	for i, name := range options.VarFiles {
		if there, err := filepath.Rel(directoryOf(config), name); err == nil {
			if there = path.Join(prefix, filepath.ToSlash(there)); fs.ValidPath(there) {
				if _, err := files.Stat(there); err == nil {
					options.VarFiles[i] = there
					continue
				}
			}
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return options, fmt.Errorf("cannot read the file of --var-file: %w", err)
		}
		options.Overlay[filepath.ToSlash(filepath.Clean(name))] = text
		options.VarFiles[i] = filepath.ToSlash(filepath.Clean(name))
	}
	return options, nil
}

// earlierConfig loads the old version, which must open.
func (s *settings) earlierConfig(path, name string, options hcl.Options) (*hcl.Config, error) {
	cfg, found := hcl.Check(path, options)
	if cfg.Registry != nil {
		return cfg, nil
	}
	lines := []string{fmt.Sprintf("cannot compare with %s, which has no routing table:", name)}
	for _, d := range found {
		if d.Severity == hcl.Error || d.Rule == ruleUnresolved {
			lines = append(lines, "  "+oneLine(d.String()))
		}
		if len(lines) > maxUnresolved {
			break
		}
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// acceptedIn reads the acceptances of the old version; it may have none.
func acceptedIn(path string, options hcl.Options) ([]hcl.Acceptance, error) {
	list, err := hcl.LoadAcceptances(path, options)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, nil
	}
	return list, err
}

// directoryOf gives the directory of a configuration, which may be one file.
func directoryOf(config string) string {
	if info, err := os.Stat(config); err == nil && !info.IsDir() {
		return filepath.Dir(config)
	}
	return config
}

// baseOf gives a configuration's name within directoryOf: its own, or ".".
func baseOf(config string) string {
	if info, err := os.Stat(config); err == nil && !info.IsDir() {
		return filepath.Base(config)
	}
	return "."
}
