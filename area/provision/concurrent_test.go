package provision_test

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/mdbrouter/mdb/area/provision"
	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/mdbtest/mysqld"
)

// grown is a partition and what is appended to it.
func grown() (before, after layout) {
	before = p0on("u1", "u2")
	return before, layout{
		partitions:  append(p0on("u1", "u2").partitions, part{name: "p1", start: "0:1000", servers: []string{"u2", "u1"}}),
		breakpoints: []breakpoint{{name: "b", at: "1:0", partitions: []part{{name: "r0", start: "0:0", servers: []string{"u1"}}}}},
	}
}

// growOn provisions first the one, then the other layout of grown.
func growOn(ctx context.Context, p *process, heads provision.Heads) error {
	before, after := grown()
	if err := p.provision(ctx, p.config(before)); err != nil {
		return err
	}
	cfg := p.config(after)
	cfg.Heads = heads
	return p.provision(ctx, cfg)
}

func TestApply_by_several_processes_at_once(t *testing.T) {
	t.Parallel()
	alone := newProcess(t)
	heads := &fakeHeads{head: gdid.RangeKey{Counter: 1000}}
	require.NoError(t, growOn(t.Context(), alone, heads))
	want := alone.dump()

	p := newProcess(t)
	before, after := grown()
	for _, l := range []layout{before, after} {
		var running sync.WaitGroup
		failures := make([]error, 4)
		begin := make(chan struct{})
		for i := range failures {
			running.Go(func() {
				q := p.again(&faults{})
				cfg := q.config(l)
				cfg.Heads = heads
				plan, err := provision.NewPlan(t.Context(), cfg)
				<-begin // all have planned the same
				if err == nil {
					err = plan.Apply(t.Context())
				}
				failures[i] = err
			})
		}
		close(begin)
		running.Wait()
		for _, err := range failures {
			require.NoError(t, err)
		}
	}
	require.Equal(t, want, p.dump())
}

const childVariable = "PROVISION_TEST_CHILD"

// child is what the test binary does as another process: provision what grown
// describes on the servers that the variable names.
func child(servers string) int {
	fields := strings.Fields(servers)
	p := &process{prefix: fields[0], faults: &faults{}, dbs: make(map[string]*sql.DB)}
	for i, label := range twoServers {
		config, err := mysql.ParseDSN(fields[i+1])
		if err != nil {
			panic(err)
		}
		p.open(label, config)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := growOn(ctx, p, provision.FixedHeads{"user": {Counter: 1000}}); err != nil {
		_, _ = os.Stderr.WriteString(err.Error())
		return 1
	}
	return 0
}

func TestApply_by_real_processes_one_of_them_killed(t *testing.T) {
	t.Parallel()
	alone := newProcess(t)
	require.NoError(t, growOn(t.Context(), alone, provision.FixedHeads{"user": {Counter: 1000}}))
	want := alone.dump()

	p := newProcess(t)
	start := func() (*exec.Cmd, *strings.Builder) {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{p.prefix, p.servers["u1"].DSN(""), p.servers["u2"].DSN("")}, " "))
		var out strings.Builder
		cmd.Stderr = &out
		require.NoError(t, cmd.Start())
		return cmd, &out
	}
	killed, _ := start()
	require.Eventually(t, func() bool { return len(p.dump()) > 0 }, 30*time.Second, time.Millisecond, "it has begun")
	require.NoError(t, killed.Process.Kill())
	_ = killed.Wait() // it was killed

	one, outOne := start()
	two, outTwo := start()
	errOne, errTwo := one.Wait(), two.Wait()
	require.NoError(t, errOne, outOne)
	require.NoError(t, errTwo, outTwo)
	require.Equal(t, want, p.dump())
}

func TestApply_waits_for_another_process_no_longer_than_it_should(t *testing.T) {
	t.Parallel()
	cluster := mysqld.ForTest(t, 1, mysqld.Options{})
	p := processOn(t, "t_", map[string]*mysqld.Server{"u1": cluster.Servers[0]})
	other, err := p.db("u1").Conn(t.Context())
	require.NoError(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "DO GET_LOCK('mdb_provision', 0)")
	require.NoError(t, err)

	cfg := p.config(layout{servers: []string{"u1"}, partitions: p0on("u1").partitions})
	cfg.LockWait = time.Millisecond
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)
	require.ErrorIs(t, plan.Apply(t.Context()), provision.ErrLocked)
	require.Empty(t, p.dump())

	cfg.LockWait = time.Minute
	cfg.Progress = func(e provision.Event) {
		if e.State == provision.Waits {
			_, err := other.ExecContext(t.Context(), "DO RELEASE_LOCK('mdb_provision')")
			require.NoError(t, err)
		}
	}
	require.NoError(t, p.provision(t.Context(), cfg))
}

func TestApply_refuses_to_do_more_than_was_planned(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	require.NoError(t, p.provision(t.Context(), p.config(p0on("u1", "u2"))))
	_, after := grown()
	cfg := p.config(after)
	cfg.Heads = provision.FixedHeads{"user": {Counter: 1000}}
	plan, err := provision.NewPlan(t.Context(), cfg)
	require.NoError(t, err)

	p.exec("u2", "DROP DATABASE "+p.database("p0", 1))
	before := p.dump()
	require.ErrorIs(t, plan.Apply(t.Context()), provision.ErrPlanChanged)
	require.Equal(t, before, p.dump())
}

func TestApply_ends_no_range_while_a_writer_is_under_way(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	before, after := grown()
	require.NoError(t, p.provision(t.Context(), p.config(before)))
	cfg := p.config(after)
	cfg.Heads = provision.FixedHeads{"user": {Counter: 1000}}
	cfg.SealWait = time.Millisecond

	writer, err := p.db("u2").BeginTx(t.Context(), nil)
	require.NoError(t, err)
	var stripe int
	require.NoError(t, writer.QueryRowContext(t.Context(), "SELECT stripe FROM "+p.database("p0", 1)+".mdb_fence WHERE stripe = 700 LOCK IN SHARE MODE").Scan(&stripe))

	err = p.provision(t.Context(), cfg)
	require.ErrorContains(t, err, "lock the stripes")
	require.Equal(t, []string{"NULL"}, p.rows("u2", "SELECT DISTINCT end_era FROM "+p.database("p0", 1)+".mdb_fence"))
	require.Equal(t, []string{"1"}, p.rows("u2", "SELECT DISTINCT state FROM "+p.database("p1", 0)+".mdb_fence"), "the new shard stays sealed")
	_, err = writer.ExecContext(t.Context(), "INSERT INTO "+p.database("p0", 1)+".tbl_user (g_user) VALUES (?)", gdid.MustParse("0:2:999"))
	require.NoError(t, err, "the writer is left alone")

	cfg.SealWait = time.Minute
	waits := 0
	cfg.Progress = func(e provision.Event) {
		if e.State == provision.Waits {
			if waits++; waits == 1 {
				require.NoError(t, writer.Commit())
			}
		}
	}
	require.NoError(t, p.provision(t.Context(), cfg))
	require.Positive(t, waits)
	require.Equal(t, []string{"1000"}, p.rows("u2", "SELECT DISTINCT end_counter FROM "+p.database("p0", 1)+".mdb_fence"))
}

// An id at or past the start, of any authority and in any declared table, stops an
// append before anything is created: an end that is set could not be taken back.
func TestApply_finds_ids_past_the_start(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"0:0:1000", "0:15:1000", "0:7:1152921504606846975", "1:0:0", "4294967295:15:1152921504606846975"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			cfg := p.config(p0on("u1"))
			cfg.Schema = smallSchema
			require.NoError(t, p.provision(t.Context(), cfg))
			p.exec("u1", "INSERT INTO "+p.database("p0", 0)+".tbl_user VALUES (?), (?)", gdid.MustParse("0:15:999"), gdid.MustParse("0:0:1"))
			p.exec("u1", "INSERT INTO "+p.database("p0", 0)+".tbl_order VALUES (?, 1)", gdid.MustParse(id))
			before := p.dump()

			cfg.Registry = p.registry(layout{partitions: append(p0on("u1").partitions, part{name: "p1", start: "0:1000", servers: []string{"u2"}})})
			cfg.Heads = provision.FixedHeads{"user": {Counter: 1000}} // a lie
			var overrun *provision.OverrunError
			require.ErrorAs(t, p.provision(t.Context(), cfg), &overrun)
			require.Equal(t, gdid.MustParse(id), overrun.ID)
			require.Equal(t, "tbl_order", overrun.Table)
			require.Equal(t, before, p.dump())

			p.exec("u1", "DELETE FROM "+p.database("p0", 0)+".tbl_order")
			require.NoError(t, p.provision(t.Context(), cfg))
		})
	}
}

// What is written after that look is found by another one before the first end, or
// by the end itself, under its locks.
func TestApply_finds_an_id_past_the_start_that_came_late(t *testing.T) {
	t.Parallel()
	for during, ends := range map[provision.Kind]int{provision.Create: 0, provision.SetEnd: 1} {
		t.Run(string(during), func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			cfg := p.config(p0on("u1"))
			cfg.Schema = smallSchema
			require.NoError(t, p.provision(t.Context(), cfg))

			cfg.Registry = p.registry(layout{partitions: append(p0on("u1").partitions, part{name: "p1", start: "0:1000", servers: []string{"u2"}})})
			cfg.Heads = provision.FixedHeads{"user": {Counter: 1000}}
			begun := 0
			cfg.Progress = func(e provision.Event) {
				if e.State != provision.Began || e.Note != "" {
					return
				}
				if e.Step.Kind == provision.SetEnd {
					begun++
				}
				if e.Step.Kind == during {
					p.exec("u1", "INSERT INTO "+p.database("p0", 0)+".tbl_user (g_user) VALUES (?)", gdid.MustParse("0:3:1000"))
				}
			}
			var overrun *provision.OverrunError
			require.ErrorAs(t, p.provision(t.Context(), cfg), &overrun)
			require.Equal(t, "tbl_user", overrun.Table)
			require.Equal(t, ends, begun)
			require.Equal(t, []string{"NULL"}, p.rows("u1", "SELECT DISTINCT end_era FROM "+p.database("p0", 0)+".mdb_fence"))
			require.Equal(t, []string{"1"}, p.rows("u2", "SELECT DISTINCT state FROM "+p.database("p1", 0)+".mdb_fence"))
		})
	}
}
