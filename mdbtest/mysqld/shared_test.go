package mysqld_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// A fakeTest notes what a helper does to the test.
type fakeTest struct {
	ctx      context.Context //nolint:containedctx // it stands for testing.T, which has one
	cleanups []func()
	failed   string
}

func (f *fakeTest) Helper()                  {}
func (f *fakeTest) Context() context.Context { return f.ctx }
func (f *fakeTest) Cleanup(do func())        { f.cleanups = append(f.cleanups, do) }

func (f *fakeTest) Errorf(format string, args ...any) { f.failed = fmt.Sprintf(format, args...) }

func (f *fakeTest) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// during runs part of a test that may be stopped, and then its cleanups.
func during(t *testing.T, part func(f *fakeTest)) *fakeTest {
	t.Helper()
	f := &fakeTest{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		part(f)
	}()
	<-done
	for _, do := range f.cleanups {
		do()
	}
	return f
}

type tests func() int

func (run tests) Run() int { return run() }

func TestShared(t *testing.T) {
	t.Parallel()
	var shared mysqld.Shared
	var server *mysqld.Server
	code := shared.Main(tests(func() int {
		f := during(t, func(f *fakeTest) {
			c, prefix := shared.Get(f)
			server = c.Servers[0]
			require.Len(t, c.Servers, 1)
			run(t, server.DB(), "CREATE DATABASE "+prefix+"d")
		})
		require.Empty(t, f.failed)
		require.Empty(t, databases(t, server, "t"), "what the test left is dropped")

		f = during(t, func(f *fakeTest) {
			c, _ := shared.Get(f)
			require.Same(t, server, c.Servers[0], "the next test gets the same servers")
		})
		require.Empty(t, f.failed)
		return 7
	}))
	require.Equal(t, 7, code)
	require.False(t, server.Running(), "the servers end with the tests")

	f := during(t, func(f *fakeTest) { shared.Get(f) })
	require.Empty(t, f.cleanups)
	require.NotEmpty(t, f.failed, "after the tests there are no servers")
}

func TestShared_noServer(t *testing.T) {
	t.Parallel()
	shared := mysqld.Shared{Options: mysqld.Options{Binary: "/nonexistent/mariadbd"}}
	code := shared.Main(tests(func() int {
		for range 2 {
			f := during(t, func(f *fakeTest) { shared.Get(f) })
			require.Contains(t, f.failed, "/nonexistent/mariadbd", "every test that needs a server fails")
		}
		f := during(t, func(f *fakeTest) { mysqld.ForTest(f, 1, shared.Options) })
		require.Contains(t, f.failed, "/nonexistent/mariadbd")
		return 1
	}))
	require.Equal(t, 1, code)
}
