package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// A job is one shard to run a command for.
type job struct {
	shard    *area.Shard
	handle   *mdb.Shard
	endpoint hcl.Endpoint
	status   string
	err      error
	took     time.Duration
}

type jobResult struct {
	Shard    string  `json:"shard"`
	Server   string  `json:"server"`
	Database string  `json:"database"`
	Status   string  `json:"status"`
	Error    string  `json:"error"`
	Seconds  float64 `json:"seconds"`
}

func (j *job) result() jobResult {
	r := jobResult{Shard: j.shard.Label(), Server: j.shard.Server, Database: j.shard.Database, Status: j.status, Seconds: j.took.Round(time.Millisecond).Seconds()}
	if j.err != nil {
		r.Error = j.err.Error()
	}
	return r
}

// eachRun is one run of each.
type eachRun struct {
	settings *settings
	flags    eachFlags
	command  []string
	state    *state
	jobs     []*job
	progress *progress
	out      io.Writer
	paint    command.Paint

	mu    sync.Mutex // guards done, and the order of lines in out
	ended int
}

// run works on all servers at once, and on as many shards of each as was asked
// for. It returns when every command has ended.
func (e *eachRun) run(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	byServer := make(map[string]chan *job)
	for _, j := range e.jobs {
		if byServer[j.shard.Server] == nil {
			byServer[j.shard.Server] = make(chan *job, len(e.jobs))
		}
		byServer[j.shard.Server] <- j
	}
	var running sync.WaitGroup
	for _, queue := range byServer {
		close(queue)
		for range e.flags.parallel {
			running.Go(func() {
				for j := range queue {
					e.one(ctx, j)
					if j.status == statusFailed && e.flags.failFast {
						stop()
					}
				}
			})
		}
	}
	running.Wait()
	e.progress.end()
}

func (e *eachRun) one(ctx context.Context, j *job) {
	if ctx.Err() != nil {
		return // not run
	}
	if e.state.done(j.shard) {
		j.status = statusSkipped
		e.tell(j)
		return
	}
	began := time.Now()
	j.err = e.command1(ctx, j)
	j.took = time.Since(began)
	if j.err == nil {
		j.err = e.state.add(j.shard)
	}
	j.status = statusDone
	if j.err != nil {
		j.status = statusFailed
	}
	e.tell(j)
}

func (e *eachRun) tell(j *job) {
	e.mu.Lock()
	e.ended++
	text := fmt.Sprintf("[%d/%d] %s %s on %s", e.ended, len(e.jobs), j.status, j.shard.Label(), j.shard.Server)
	e.mu.Unlock()
	if e.progress.lives {
		e.progress.now(text)
	} else {
		e.progress.line(text)
	}
}

// graceful is how long a command may take to end after it was interrupted.
const graceful = 10 * time.Second

// command1 runs the command for one shard.
func (e *eachRun) command1(ctx context.Context, j *job) error {
	if err := known(j.shard.Server, j.endpoint); err != nil {
		return err
	}
	checked, cancel := context.WithTimeout(ctx, 10*time.Second)
	err := pingAdmin(checked, j.handle)
	cancel()
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, e.command[0], e.command[1:]...)
	child.Env = append(append([]string{}, e.settings.env.environ...), j.environment()...)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = graceful
	out := &prefixed{run: e, prefix: e.paint.Faint(j.shard.Label()+" |") + " "}
	child.Stdout, child.Stderr = out, out // one writer: os/exec writes to it from one goroutine
	err = errors.Join(child.Run(), out.flush())
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	return err
}

// environment gives the variables that tell a command which shard it is for.
func (j *job) environment() []string {
	dsn := j.endpoint.DSN.WithDatabase(j.shard.Database)
	client := dsn.ClientOptions()
	address := url.URL{Scheme: "mysql", User: url.UserPassword(client["user"], client["password"]), Path: "/" + j.shard.Database}
	if client["socket"] != "" {
		address.RawQuery = url.Values{"socket": {client["socket"]}}.Encode()
	} else {
		address.Host = net.JoinHostPort(client["host"], client["port"])
	}
	return []string{
		"MDB_DSN=" + dsn.Secret(), "MDB_URL=" + address.String(),
		"MDB_HOST=" + client["host"], "MDB_PORT=" + client["port"], "MDB_SOCKET=" + client["socket"],
		"MDB_USER=" + client["user"], "MDB_PASSWORD=" + client["password"], "MDB_DATABASE=" + j.shard.Database,
		"MDB_AREA=" + j.shard.Area, "MDB_PARTITION=" + j.shard.Partition, fmt.Sprintf("MDB_SHARD=%d", j.shard.Index),
		"MDB_SERVER=" + j.shard.Server,
	}
}
