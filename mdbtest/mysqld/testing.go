package mysqld

import (
	"context"
	"sync"
	"time"
)

// TB is the part of [testing.TB] that [ForTest] and [Shared] need. This package
// does not import testing, so that programs may use it too.
type TB interface {
	Helper()
	Cleanup(func())
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// ForTest starts n servers for one test and closes them when it ends. The test
// fails if no server program is installed or one does not start.
func ForTest(t TB, n int, opts Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), n, opts)
	if err != nil {
		t.Fatalf("start %d servers: %v", n, err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close the servers: %v", err)
		}
	})
	return c
}

// Shared is one cluster for all tests of a package. It starts when the first
// test asks for it, so that a run of tests that need no server starts none:
//
//	var servers = mysqld.Shared{N: 4}
//
//	func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		cluster, prefix := servers.Get(t)
//		...
//	}
//
// Set the fields before first use. A test that kills, pauses or reconfigures a
// server takes one of its own from [ForTest].
type Shared struct {
	N       int     // number of servers. Default: 1
	Options Options // of the servers

	once    sync.Once
	cluster *Cluster
	err     error
}

// Main runs the tests and closes the cluster after them. It returns the exit
// code for TestMain. No test may run after it.
func (s *Shared) Main(m interface{ Run() int }) (code int) {
	defer func() {
		if err := s.close(); err != nil && code == 0 {
			code = 1
		}
	}()
	return m.Run()
}

func (s *Shared) close() error {
	s.once.Do(func() {})
	s.err = ErrClosed
	if s.cluster == nil {
		return nil
	}
	return s.cluster.Close()
}

// Get returns the cluster and a prefix for the names of the test's databases.
// What the test leaves under the prefix is dropped when it ends.
func (s *Shared) Get(t TB) (c *Cluster, prefix string) {
	t.Helper()
	s.once.Do(func() {
		// Not the test's context: the servers outlive it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
		defer cancel()
		s.cluster, s.err = Start(ctx, max(s.N, 1), s.Options)
	})
	if s.err != nil {
		t.Fatalf("start the shared servers: %v", s.err)
	}
	prefix = s.cluster.Prefix()
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		if err := s.cluster.Drop(ctx, prefix); err != nil {
			t.Errorf("drop the databases of the test: %v", err)
		}
	})
	return s.cluster, prefix
}
