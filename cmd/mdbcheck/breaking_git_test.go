package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
)

// A repository is a git repository of a test.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T, options ...string) *repository {
	t.Helper()
	r := &repository{t: t, dir: t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, options...)...)
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{
		"-C", r.dir, "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always",
	}, args...)...)
	out, err := cmd.CombinedOutput()
	require.NoError(r.t, err, "git %v: %s", args, out)
	return strings.TrimSpace(string(out))
}

// try runs a git command that must fail, and checks what it says.
func (r *repository) try(want string, args ...string) {
	r.t.Helper()
	cmd := exec.CommandContext(r.t.Context(), "git", append([]string{"-C", r.dir, "-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)...)
	out, err := cmd.CombinedOutput()
	require.Error(r.t, err)
	require.Contains(r.t, string(out), want)
}

// fingerprintIn gives the fingerprint that an output offers for an acceptance.
func fingerprintIn(output string) string {
	return regexp.MustCompile(`MDB9\d\d:[0-9a-f]{16}`).FindString(output)
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	path := r.path(name)
	require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(r.t, os.WriteFile(path, []byte(text), 0o644))
}

func (r *repository) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

func (r *repository) commit(message string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "-m", message)
}

// breaking compares the configuration at a path of the repository.
func (r *repository) breaking(env map[string]string, path string, args ...string) outcome {
	return command(mdbcheck.World{Env: env}, append([]string{"breaking", r.path(path)}, args...)...)
}

const threeShards = `mdb {
  namespace = "acme"
}
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
server "u3" { address = "u3:3306" }
area "user" {
  database = "user_${partition.name}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server.u2, server.u3]
  }
}
`

var twoShards = strings.Replace(threeShards, ", server.u3]", "]", 1)

func requireBreaks(t *testing.T, got outcome, rule string) {
	t.Helper()
	require.Equal(t, 1, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stdout, "error["+rule+"]")
	require.Empty(t, got.stderr)
}

func requireNotRun(t *testing.T, got outcome, want string) {
	t.Helper()
	require.Equal(t, 2, got.status, got.stdout+got.stderr)
	require.Contains(t, got.stderr, want)
}

func TestBreaking_ofARevision(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		for _, dir := range []string{".", "deploy", "deploy/prod/mdb"} {
			t.Run(format+" "+dir, func(t *testing.T) {
				t.Parallel()
				r := newRepository(t, "--object-format="+format)
				r.write(dir+"/main.mdb.hcl", threeShards)
				r.commit("three")
				r.write(dir+"/main.mdb.hcl", twoShards)
				got := r.breaking(nil, dir, "--against", "main")
				requireBreaks(t, got, "MDB901")
				require.Contains(t, got.stdout, "::: main:"+filepath.ToSlash(filepath.Join(dir, "main.mdb.hcl"))+":11:14  it was here")
				require.NotEmpty(t, r.git("status", "--short"), "what is compared need not be committed")
				r.commit("two")
				requireBreaks(t, r.breaking(nil, dir, "--against", "HEAD~1"), "MDB901")
				requireBreaks(t, r.breaking(nil, dir+"/main.mdb.hcl", "--against", r.git("rev-parse", "HEAD~1")), "MDB901")
				got = r.breaking(nil, dir, "--against", "HEAD")
				require.Equal(t, 0, got.status)
				require.Contains(t, got.stdout, "nothing is routed otherwise")
			})
		}
	}
}

func TestBreaking_findsTheBase(t *testing.T) {
	t.Parallel()
	origin := newRepository(t)
	origin.write("mdb/main.mdb.hcl", threeShards)
	origin.commit("three")
	origin.git("branch", "release")
	clone := &repository{t: t, dir: t.TempDir()}
	clone.git("clone", "-q", "file://"+origin.dir, ".")
	clone.git("checkout", "-q", "-b", "topic")
	clone.write("mdb/main.mdb.hcl", twoShards)
	clone.commit("two")

	got := clone.breaking(nil, "mdb")
	requireBreaks(t, got, "MDB901")
	require.Regexp(t, `compared with [0-9a-f]{12}: `, got.stdout)
	got = clone.breaking(map[string]string{"GITHUB_BASE_REF": "release"}, "mdb")
	requireBreaks(t, got, "MDB901")
	require.Contains(t, got.stdout, "compared with origin/release: ")

	alone := newRepository(t)
	alone.write("mdb/main.mdb.hcl", threeShards)
	alone.commit("three")
	requireNotRun(t, alone.breaking(nil, "mdb"), "nothing to compare with: there is no origin/HEAD")
}

func TestBreaking_inAShallowClone(t *testing.T) {
	t.Parallel()
	origin := newRepository(t)
	origin.write("mdb/main.mdb.hcl", threeShards)
	origin.commit("three")
	origin.write("mdb/main.mdb.hcl", twoShards)
	origin.commit("two")
	clone := &repository{t: t, dir: t.TempDir()}
	clone.git("clone", "-q", "--depth", "1", "file://"+origin.dir, ".")
	requireNotRun(t, clone.breaking(nil, "mdb", "--against", "HEAD~1"), "fetch-depth: 0")
	requireNotRun(t, clone.breaking(map[string]string{"GITHUB_BASE_REF": "release"}, "mdb"), "fetch-depth: 0")
	clone.git("update-ref", "-d", "refs/remotes/origin/HEAD")
	clone.git("update-ref", "-d", "refs/remotes/origin/main")
	requireNotRun(t, clone.breaking(nil, "mdb"), "fetch-depth: 0")
}

func TestBreaking_whenTheDirectoryWasElsewhere(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("deploy/mdb/main.mdb.hcl", threeShards)
	r.write("other/main.mdb.hcl", strings.Replace(threeShards, `"acme"`, `"other"`, 1))
	r.commit("three")
	r.git("mv", "deploy/mdb", "ops")
	r.write("ops/main.mdb.hcl", twoShards)
	r.commit("two, elsewhere")

	got := r.breaking(nil, "ops", "--against", "HEAD~1")
	requireBreaks(t, got, "MDB901")
	require.Contains(t, got.stdout, "in HEAD~1 this configuration is at deploy/mdb")
	requireBreaks(t, r.breaking(nil, "ops", "--against", "HEAD~1:deploy/mdb"), "MDB901")
	requireBreaks(t, r.breaking(nil, "ops", "--against", "HEAD~1:other"), "MDB916")
	requireNotRun(t, r.breaking(nil, "ops", "--against", "HEAD~1:nowhere"), "HEAD~1 has no nowhere")

	r.write("copy/main.mdb.hcl", threeShards)
	r.commit("a copy")
	r.git("mv", "ops", "again")
	r.commit("moved again")
	requireNotRun(t, r.breaking(nil, "again", "--against", "HEAD~1"), "name one by --against HEAD~1:PATH")
}

func TestBreaking_whenThereWasNone(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("README", "nothing yet")
	r.commit("empty")
	r.write("mdb/main.mdb.hcl", threeShards)
	got := r.breaking(nil, "mdb", "--against", "main")
	require.Equal(t, 0, got.status, got.stderr)
	require.Contains(t, got.stdout, `main has no configuration of namespace "acme": all of it is new`)
	got = r.breaking(nil, "mdb", "--against", "main", "-o", "json")
	require.Equal(t, 0, got.status, got.stderr)
	require.Contains(t, got.stdout, `"against":null`)
	r.write("old/main.mdb.hcl", strings.Replace(threeShards, `"acme"`, `"other"`, 1))
	r.commit("another")
	got = r.breaking(nil, "mdb", "--against", "main~0")
	require.Equal(t, 0, got.status, got.stderr)
}

func TestBreaking_refusesRevisions(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("mdb/main.mdb.hcl", threeShards)
	r.commit("three")
	r.write("broken/main.mdb.hcl", `mdb { namespace = "acme" }`+"\narea \"user\" {}\n")
	r.commit("broken")
	requireNotRun(t, r.breaking(nil, "mdb", "--against", "nope"), `git knows no revision "nope"`)
	requireNotRun(t, r.breaking(nil, "mdb", "--against", "--output=/tmp/x"), `is no revision`)
	requireNotRun(t, r.breaking(nil, "mdb", "--against", "HEAD:broken"), "cannot compare with HEAD:broken, which has no routing table")
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "main.mdb.hcl"), []byte(threeShards), 0o644))
	got := command(mdbcheck.World{}, "breaking", outside, "--against", "main")
	requireNotRun(t, got, "not in a git repository")
	got = command(mdbcheck.World{}, "breaking", outside)
	requireNotRun(t, got, "give --against DIRECTORY or LOCK")
}

// The old version may have wanted another version of the program.
func TestBreaking_readsVersionsForOtherPrograms(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("mdb/main.mdb.hcl", strings.Replace(threeShards, "\n}", "\n  required_version = \">= 99\"\n}", 1))
	r.commit("for a later program")
	r.write("mdb/main.mdb.hcl", twoShards)
	requireBreaks(t, r.breaking(nil, "mdb", "--against", "HEAD"), "MDB901")
}

// A name of this package's directory that is a branch as well must be told apart.
func TestBreaking_refusesWhatIsAPathAndARevision(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("mdb/main.mdb.hcl", threeShards)
	r.commit("three")
	r.git("branch", "testdata")
	requireNotRun(t, r.breaking(nil, "mdb", "--against", "testdata"), "write ./testdata or refs/heads/testdata")
	require.Equal(t, 0, r.breaking(nil, "mdb", "--against", "refs/heads/testdata").status)
}

// What a configuration reads beside itself is read from the revision too, and so
// are files of variables; one that the revision does not have is taken as it is.
func TestBreaking_readsAllOfTheRevision(t *testing.T) {
	t.Parallel()
	const text = `mdb {
  namespace = "acme"
}
variable "third" { type = string }
server "u1" { address = "u1:3306" }
server "u2" { address = "u2:3306" }
area "user" {
  database = "user_${trimspace(file("suffix.txt"))}_${shard.index}"
  partition "p0" {
    start  = "0:0"
    shards = [server.u1, server[var.third]]
  }
}
`
	r := newRepository(t)
	r.write("conf/real/main.mdb.hcl", text)
	r.write("conf/real/suffix.txt", "a\n")
	r.write("conf/prod.mdbvars", "third = \"u2\"\n")
	require.NoError(t, os.Symlink("real", r.path("conf/link")))
	r.commit("first")
	vars := r.path("conf/prod.mdbvars")
	same := r.breaking(nil, "conf/link", "--against", "HEAD", "--var-file", vars)
	require.Equal(t, 0, same.status, same.stderr)
	require.Contains(t, same.stdout, "nothing is routed otherwise")

	r.write("conf/real/suffix.txt", "b\n")
	requireBreaks(t, r.breaking(nil, "conf/real", "--against", "HEAD", "--var-file", vars), "MDB903")
	r.write("conf/real/suffix.txt", "a\n")
	r.write("conf/real/main.mdb.hcl", strings.Replace(text, "[server.u1, server[var.third]]", "[server[var.third], server.u1]", 1))
	requireBreaks(t, r.breaking(nil, "conf/real", "--against", "HEAD", "--var-file", vars), "MDB902")
	r.write("conf/real/main.mdb.hcl", text)
	r.write("conf/prod.mdbvars", "third = \"u1\"\n")
	requireBreaks(t, r.breaking(nil, "conf/real", "--against", "HEAD", "--var-file", vars), "MDB903")

	outside := filepath.Join(t.TempDir(), "new.mdbvars")
	require.NoError(t, os.WriteFile(outside, []byte("third = \"u2\"\n"), 0o644))
	same = r.breaking(nil, "conf/real", "--against", "HEAD", "--var-file", outside)
	require.Equal(t, 0, same.status, same.stdout+same.stderr)
}

// A symbolic link to another directory of the repository is followed; one that
// leads out of it is not.
func TestBreaking_followsLinks(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("shared/main.mdb.hcl", threeShards)
	require.NoError(t, os.MkdirAll(r.path("a"), 0o755))
	require.NoError(t, os.Symlink("../shared", r.path("a/mdb")))
	require.NoError(t, os.Symlink("loop", r.path("loop")))
	require.NoError(t, os.Symlink("/etc", r.path("out")))
	r.commit("links")
	r.write("shared/main.mdb.hcl", twoShards)
	requireBreaks(t, r.breaking(nil, "shared", "--against", "HEAD:a/mdb"), "MDB901")
	requireNotRun(t, r.breaking(nil, "shared", "--against", "HEAD:loop"), "too many symbolic links")
	requireNotRun(t, r.breaking(nil, "shared", "--against", "HEAD:out"), "leads out of the repository")
}

// An acceptance covers the change it came with, and not the same change again.
func TestBreaking_acceptsOnce(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("mdb/main.mdb.hcl", threeShards)
	r.commit("three")
	r.write("mdb/main.mdb.hcl", twoShards)
	got := r.breaking(nil, "mdb", "--against", "HEAD")
	requireBreaks(t, got, "MDB901")
	fingerprint := fingerprintIn(got.stdout)
	require.NotEmpty(t, fingerprint)
	r.write("mdb/mdb-accept.hcl", "accept \""+fingerprint+"\" {\n  reason = \"moved\"\n  owner  = \"storage\"\n}\n")
	got = r.breaking(nil, "mdb", "--against", "HEAD")
	require.Equal(t, 0, got.status, got.stdout)
	require.Contains(t, got.stdout, "accepted by storage: moved")
	r.commit("two, accepted")

	r.write("mdb/main.mdb.hcl", threeShards)
	requireBreaks(t, r.breaking(nil, "mdb", "--against", "HEAD"), "MDB901") // the way back is another change
	r.commit("three again")
	r.write("mdb/main.mdb.hcl", twoShards)
	got = r.breaking(nil, "mdb", "--against", "HEAD")
	requireBreaks(t, got, "MDB901")
	require.Contains(t, got.stdout, "it covered an earlier change")
}
