package authority_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// envDeathTime makes the test below longer, for example "1m".
const envDeathTime = "MDB_AUTHORITY_TEST_TIME"

// 64 goroutines in 8 processes draw ids, while processes and the servers of both
// authorities are killed all the time and eras end. The oracle is what the
// processes wrote down.
func TestDeath_noIDIsGivenTwice(t *testing.T) {
	t.Parallel()
	lasting := 12 * time.Second
	if text := os.Getenv(envDeathTime); text != "" {
		var err error
		lasting, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	cluster := mysqld.ForTest(t, 2, mysqld.Options{})
	order := orderForWork{Database: "ids", Drawers: 8}
	var stores []authority.Store
	for i, server := range cluster.Servers {
		order.Addrs = append(order.Addrs, server.Addr())
		stores = append(stores, newMySQL(t, server.Addr(), "ids", uint8(i)))
		// Era 6 ends about a third of the way.
		spare := uint64(lasting.Seconds() * 15_000)
		require.NoError(t, stores[i].Create(t.Context(), "user", gdid.RangeKey{Era: 6, Counter: full - spare}))
	}

	dir := t.TempDir()
	over := time.After(lasting)
	done := make(chan struct{})
	var running sync.WaitGroup
	for i := range 8 {
		mine := order
		mine.Out = filepath.Join(dir, fmt.Sprint(i))
		running.Go(func() { keepWorking(t, mine, done) })
	}
	running.Go(func() { keepKillingServers(t, cluster, done) })
	<-over
	close(done)
	running.Wait()

	var ids []gdid.GDID
	for i := range 8 {
		drawn, err := readLedger(filepath.Join(dir, fmt.Sprint(i)))
		require.NoError(t, err)
		require.NotEmpty(t, drawn, "process %d", i)
		ids = append(ids, drawn...)
	}
	slices.SortFunc(ids, gdid.GDID.Compare)
	for i := range ids[1:] {
		require.NotEqual(t, ids[i], ids[i+1], "handed out twice")
	}
	require.False(t, ids[0].IsZero())
	t.Logf("%d ids, %v to %v", len(ids), ids[0], ids[len(ids)-1])
	require.Greater(t, len(ids), int(lasting.Seconds()*5000), "there was something to count")
	require.EqualValues(t, 6, ids[0].Era())
	require.EqualValues(t, 7, ids[len(ids)-1].Era(), "an era ended")
	for i, store := range stores {
		require.NoError(t, cluster.Servers[i].Restart(t.Context()))
		end, err := read(t, store, "user").End()
		require.NoError(t, err)
		for _, id := range ids {
			if id.Authority() == store.Number() {
				require.Negative(t, id.RangeKey().Compare(end), "ids lie below the head")
			}
		}
	}
}

// keepWorking runs a worker, and another after it was killed, and so on.
func keepWorking(t *testing.T, order orderForWork, done <-chan struct{}) {
	t.Helper()
	for {
		worker, input, err := startWorker(t.Context(), order)
		if err != nil {
			t.Error(err)
			return
		}
		over := false
		select {
		case <-done:
			over = true
		case <-time.After(300*time.Millisecond + rand.N(2500*time.Millisecond)):
		}
		if err := worker.Process.Kill(); err != nil {
			t.Errorf("the worker ended by itself: %v", err)
		}
		_ = input.Close()
		var exit *exec.ExitError
		if err := worker.Wait(); !errors.As(err, &exit) || exit.Exited() {
			t.Errorf("the worker was not killed, but ended: %v", err)
			return
		}
		if over {
			return
		}
	}
}

// keepKillingServers kills one server after the other, sometimes both.
func keepKillingServers(t *testing.T, cluster *mysqld.Cluster, done <-chan struct{}) {
	t.Helper()
	for turn := 0; ; turn++ {
		select {
		case <-done:
			return
		case <-time.After(600*time.Millisecond + rand.N(600*time.Millisecond)):
		}
		victims := []*mysqld.Server{cluster.Servers[turn%2]}
		if turn%4 == 3 {
			victims = cluster.Servers
		}
		for _, server := range victims {
			if err := server.Kill(); err != nil {
				t.Error(err)
			}
		}
		for _, server := range victims {
			if err := server.Restart(t.Context()); err != nil {
				t.Error(err)
				return
			}
		}
	}
}
