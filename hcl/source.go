package hcl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// The largest inputs. A configuration of 10,000 partitions of 32 shards has 4 MB.
const (
	maxFile  = 5 << 20  // bytes of one file of the configuration
	maxTotal = 32 << 20 // bytes of all of them
	maxValue = 1 << 20  // bytes that file() reads
)

const (
	nativeSuffix = ".mdb.hcl"
	jsonSuffix   = ".mdb.json"
)

// sources reads files from a file system or the machine.
type sources struct {
	fs      fs.FS             // nil: the machine's
	overlay map[string][]byte // by cleaned path
	dir     string            // where the configuration is
}

// source is one file as read.
type source struct {
	name string // the path
	text []byte
	json bool
}

func newSources(opts Options) *sources {
	s := &sources{fs: opts.FS, overlay: make(map[string][]byte, len(opts.Overlay))}
	for name, text := range opts.Overlay {
		s.overlay[s.clean(name)] = text
	}
	return s
}

func (s *sources) clean(name string) string {
	if s.fs != nil {
		return path.Clean(name)
	}
	return filepath.Clean(name)
}

func (s *sources) join(dir, name string) string {
	if s.fs != nil {
		return path.Join(dir, name)
	}
	return filepath.Join(dir, name)
}

func (s *sources) split(name string) (dir, base string) {
	if s.fs != nil {
		return path.Dir(name), path.Base(name)
	}
	return filepath.Dir(name), filepath.Base(name)
}

// beside gives the path of a name that a file of the configuration wrote.
func (s *sources) beside(name string) string {
	if s.fs == nil && filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return s.join(s.dir, name)
}

func (s *sources) stat(name string) (fs.FileInfo, error) {
	if s.fs != nil {
		return fs.Stat(s.fs, name)
	}
	return os.Stat(name)
}

func (s *sources) list(dir string) ([]fs.DirEntry, error) {
	if s.fs != nil {
		return fs.ReadDir(s.fs, dir)
	}
	return os.ReadDir(dir)
}

// errTooLarge is wrapped by read.
var errTooLarge = errors.New("file is too large")

// read gives the text of a file of at most limit bytes.
func (s *sources) read(name string, limit int64) ([]byte, error) {
	name = s.clean(name)
	if text, ok := s.overlay[name]; ok {
		if int64(len(text)) > limit {
			return nil, errTooLarge
		}
		return text, nil
	}
	f, err := s.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, errTooLarge
	}
	return text, nil
}

func (s *sources) open(name string) (fs.File, error) {
	if s.fs != nil {
		return s.fs.Open(name)
	}
	return os.Open(name)
}

// find gives the files of the configuration at a path, in the order of their
// names, and reports those it cannot have.
func (s *sources) find(at string, found *findings) []*source {
	at = s.clean(at)
	names, err := s.names(at)
	if err != nil {
		d := found.add(ruleNoConfig, hclv2.Range{Filename: at}, "no configuration at %s: %s", at, plainCause(err))
		d.cause = err
		return nil
	}
	if len(names) == 0 {
		d := found.add(ruleNoConfig, hclv2.Range{Filename: at}, "no *%s or *%s in %s", nativeSuffix, jsonSuffix, at)
		d.Help = s.misnamed(at)
		return nil
	}
	var files []*source
	total := 0
	for _, name := range names {
		if what := s.irregular(name); what != "" && name != at {
			d := found.add(ruleNoConfig, hclv2.Range{Filename: name}, "%s is not read: it is %s", name, what)
			d.Severity = Warning
			d.Help = "give it another name, or put a file there"
			continue
		}
		text, err := s.read(name, min(maxFile, maxTotal-int64(total)))
		switch {
		case errors.Is(err, errTooLarge):
			found.add(ruleTooDeep, hclv2.Range{Filename: name}, "too large: at most %d MiB in a file and %d MiB in all", maxFile>>20, maxTotal>>20)
			continue
		case err != nil:
			d := found.add(ruleNoConfig, hclv2.Range{Filename: name}, "cannot read %s: %s", name, plainCause(err))
			d.cause = err
			continue
		}
		total += len(text)
		files = append(files, &source{name: name, text: text, json: strings.HasSuffix(name, ".json")})
	}
	return files
}

// names gives the paths of the files at a path, and sets dir.
func (s *sources) names(at string) ([]string, error) {
	s.dir, _ = s.split(at)
	if _, ok := s.overlay[at]; ok {
		return []string{at}, nil
	}
	info, err := s.stat(at)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{at}, nil
	}
	s.dir = at
	entries, err := s.list(at)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if isConfig(e.Name()) {
			names = append(names, s.join(at, e.Name()))
		}
	}
	for name := range s.overlay {
		if dir, base := s.split(name); dir == at && isConfig(base) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// irregular says what stands where a file should: a read of a pipe would wait for
// ever. A symbolic link, as Kubernetes makes them, is what it points to.
func (s *sources) irregular(name string) string {
	if _, ok := s.overlay[name]; ok {
		return ""
	}
	info, err := s.stat(name)
	switch {
	case err != nil || info.Mode().IsRegular():
		return ""
	case info.IsDir():
		return "a directory"
	default:
		return "no regular file"
	}
}

// misnamed says how a directory without a configuration comes to have one.
func (s *sources) misnamed(dir string) string {
	entries, _ := s.list(dir)
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && !strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".hcl") {
			return "rename " + quote(name) + " to " + quote(strings.TrimSuffix(name, ".hcl")+nativeSuffix)
		}
	}
	if below := s.below(dir, maxBelow); below != "" {
		return "name the directory that has them: " + below
	}
	return "a directory is one configuration; the directories in it are not read"
}

// maxBelow is how many directories deep a configuration is looked for to suggest it.
const maxBelow = 3

// below gives a directory in another that has a configuration, or "".
func (s *sources) below(dir string, depth int) string {
	entries, _ := s.list(dir)
	for _, e := range entries[:min(len(entries), 100)] {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules" || e.Name() == "testdata" {
			continue
		}
		inner := s.join(dir, e.Name())
		list, _ := s.list(inner)
		if slices.ContainsFunc(list, func(e fs.DirEntry) bool { return !e.IsDir() && isConfig(e.Name()) }) {
			return inner
		}
		if depth > 1 {
			if found := s.below(inner, depth-1); found != "" {
				return found
			}
		}
	}
	return ""
}

func isConfig(base string) bool {
	return !strings.HasPrefix(base, ".") && (strings.HasSuffix(base, nativeSuffix) || strings.HasSuffix(base, jsonSuffix))
}

// systemCause gives the reason of a failed read as the operating system has it,
// and nothing of the path.
func systemCause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return "it cannot be read"
}

// plainCause gives the reason of a failed read without the path.
func plainCause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// schema reads the *.sql files of a directory that the configuration names.
func (s *sources) schema(name string) ([]SchemaFile, error) {
	dir := s.beside(name)
	entries, err := s.list(dir)
	if err != nil {
		return nil, err
	}
	var files []SchemaFile
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		text, err := s.read(s.join(dir, e.Name()), maxFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		files = append(files, SchemaFile{Name: e.Name(), SQL: string(text)})
	}
	return files, nil
}
