package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// gitRepository asks git about the repository that a directory is in. It reads
// only: nothing is fetched, cloned or checked out.
type gitRepository struct {
	dir    string // where git is run
	prefix string // path of dir in the repository, "" or with a slash at its end
}

// errNotInGit is returned for a directory that is in no repository, and where
// there is no git.
var errNotInGit = errors.New("not in a git repository")

func openRepository(ctx context.Context, dir string) (*gitRepository, error) {
	r := &gitRepository{dir: dir}
	prefix, err := r.run(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotInGit, err)
	}
	r.prefix = prefix
	return r, nil
}

// run runs git and gives its output without the line end.
func (r *gitRepository) run(ctx context.Context, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := r.command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if said == "" {
			said = err.Error()
		}
		return "", fmt.Errorf("git %s: %s", args[0], said)
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

func (r *gitRepository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.dir, "--no-optional-locks"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1")
	return cmd
}

// commit gives the id of the commit that a revision names.
func (r *gitRepository) commit(ctx context.Context, revision string) (string, error) {
	if revision == "" || strings.HasPrefix(revision, "-") {
		return "", fmt.Errorf("%q is no revision", revision)
	}
	id, err := r.run(ctx, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err == nil {
		return id, nil
	}
	if r.isShallow(ctx) {
		return "", fmt.Errorf("git knows no revision %q, and this clone is shallow: fetch the history (actions/checkout with fetch-depth: 0, or git fetch --unshallow)", revision)
	}
	return "", fmt.Errorf("git knows no revision %q: fetch it, or name another with --against", revision)
}

func (r *gitRepository) isShallow(ctx context.Context) bool {
	shallow, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && shallow == "true"
}

// base gives what to compare with when nothing was said: the branch that a pull
// request is for, or else where this branch left the main one.
func (r *gitRepository) base(ctx context.Context, target string) (string, error) {
	if target != "" {
		return "origin/" + target, nil
	}
	for _, branch := range []string{"origin/HEAD", "origin/main", "origin/master"} {
		if id, err := r.run(ctx, "merge-base", "HEAD", branch); err == nil {
			return id, nil
		}
	}
	if r.isShallow(ctx) {
		return "", errors.New("this clone is shallow, so where the branch began is not known: fetch the history (actions/checkout with fetch-depth: 0, or git fetch --unshallow)")
	}
	return "", errors.New("nothing to compare with: there is no origin/HEAD, origin/main or origin/master; give --against REVISION, DIRECTORY or LOCK")
}

// configurations gives the directories of a commit that hold configurations.
func (r *gitRepository) configurations(ctx context.Context, commit string) ([]string, error) {
	out, err := r.run(ctx, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for name := range strings.SplitSeq(out, "\x00") {
		base := path.Base(name)
		if strings.HasPrefix(base, ".") || !strings.HasSuffix(base, ".mdb.hcl") && !strings.HasSuffix(base, ".mdb.json") {
			continue
		}
		if dir := path.Dir(name); !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}

// gitObjects reads objects by their ids, through one git process.
type gitObjects struct {
	mu    sync.Mutex // guards the process, one question at a time
	cmd   *exec.Cmd
	ask   io.WriteCloser
	reply *bufio.Reader
}

func (r *gitRepository) objects(ctx context.Context) (*gitObjects, error) {
	cmd := r.command(ctx, "cat-file", "--batch")
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	reply, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return &gitObjects{cmd: cmd, ask: ask, reply: bufio.NewReader(reply)}, nil
}

// Close ends the process and waits for it.
func (o *gitObjects) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := errors.Join(o.ask.Close(), o.cmd.Wait()); err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	return nil
}

// maxObject is the largest object that is read; no file of a configuration is
// larger.
const maxObject = 64 << 20

// read gives the kind and the content of the object of an id.
func (o *gitObjects) read(id string) (kind string, content []byte, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := io.WriteString(o.ask, id+"\n"); err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	header, err := o.reply.ReadString('\n')
	if err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	words := strings.Fields(header)
	if len(words) != 3 {
		return "", nil, fmt.Errorf("git has no object %s here: fetch it (a partial clone has not all)", id)
	}
	size, err := strconv.Atoi(words[2])
	if err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	if size > maxObject {
		if _, err := o.reply.Discard(size + 1); err != nil {
			return "", nil, fmt.Errorf("git cat-file: %w", err)
		}
		return "", nil, fmt.Errorf("object %s has %d bytes, more than %d", id, size, maxObject)
	}
	content = make([]byte, size+1) // a line end follows
	if _, err := io.ReadFull(o.reply, content); err != nil {
		return "", nil, fmt.Errorf("git cat-file: %w", err)
	}
	return words[1], content[:size], nil
}
