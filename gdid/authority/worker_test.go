package authority_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/mdbrouter/mdb/gdid"
	"github.com/mdbrouter/mdb/gdid/authority"
)

// workerOrder is the environment variable that turns the test program into a
// worker, a process that draws ids until it is killed. It holds a work order.
const workerOrder = "MDB_AUTHORITY_TEST_WORKER"

type orderForWork struct {
	Addrs    []string // of the authorities' servers
	Database string
	Out      string // ledger to append the ids to
	Drawers  int    // goroutines
}

// work draws ids and writes every one of them down before it draws on. What is
// written is safe from the death of the process.
func work(text string) int {
	var order orderForWork
	if err := json.Unmarshal([]byte(text), &order); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if err := order.run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (o orderForWork) run() error {
	out, err := os.OpenFile(o.Out, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	authorities := make([]authority.Authority, len(o.Addrs))
	for i, addr := range o.Addrs {
		db, _, err := dial(addr, "timeout=300ms&readTimeout=1s&writeTimeout=1s")
		if err != nil {
			return err
		}
		authorities[i] = authority.NewMySQL(db, authority.MySQLConfig{Name: fmt.Sprint("a", i), Number: uint8(i), Namespace: namespace, Database: o.Database})
	}
	g, err := authority.New("user", authorities, authority.Options{Block: 64, MaxBackOff: 200 * time.Millisecond})
	if err != nil {
		return err
	}
	// The parent holds the other end: when it dies, so does this process.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	failed := make(chan error)
	var drawing sync.WaitGroup
	for i := range o.Drawers {
		drawing.Go(func() {
			if err := draw(g, out, i%2 == 0); err != nil {
				failed <- err
			}
		})
	}
	return <-failed
}

func draw(g *authority.Generator, out io.Writer, batches bool) error {
	ctx := context.Background()
	for pause := time.NewTicker(2 * time.Millisecond); ; <-pause.C {
		var line []byte
		if batches {
			batch, err := g.NextN(ctx, 7)
			if err := tolerable(err); err != nil {
				return err
			}
			for id := range batch.All() {
				line = appendEntry(line, id)
			}
		} else {
			id, err := g.Next(ctx)
			if err := tolerable(err); err != nil {
				return err
			}
			if !id.IsZero() {
				line = appendEntry(line, id)
			}
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
}

// tolerable lets through only what servers that were killed explain.
func tolerable(err error) error {
	if err == nil || !errors.Is(err, authority.ErrNoAuthority) {
		return err
	}
	for _, refusal := range []error{authority.ErrAuthorityUnfenced, authority.ErrWentBack, authority.ErrTooFarBehind, authority.ErrCeiling, authority.ErrExhausted, authority.ErrNotProvisioned} {
		if errors.Is(err, refusal) {
			return err
		}
	}
	return nil
}

// startWorker starts a worker. Closing its input ends it too.
func startWorker(ctx context.Context, order orderForWork) (*exec.Cmd, io.Closer, error) {
	text, err := json.Marshal(order)
	if err != nil {
		return nil, nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	worker := exec.CommandContext(ctx, program)
	worker.Env = append(os.Environ(), workerOrder+"="+string(text))
	worker.Stderr = os.Stderr
	input, err := worker.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	return worker, input, worker.Start()
}

// entrySize is that of a ledger's entry: an id and zeros. A kill can cut a write
// short between two pages of the file, so no entry stands in two.
const entrySize = 16

func appendEntry(line []byte, id gdid.GDID) []byte {
	text := id.Bytes()
	return append(append(line, text[:]...), make([]byte, entrySize-gdid.Size)...)
}

// readLedger gives the ids that workers wrote down. A write that was cut short by
// the end of its process lacks ids that nobody saw.
func readLedger(path string) ([]gdid.GDID, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ids := make([]gdid.GDID, 0, len(text)/entrySize)
	for ; len(text) >= entrySize; text = text[entrySize:] {
		ids = append(ids, gdid.FromBytes([gdid.Size]byte(text[:gdid.Size])))
	}
	if len(text) != 0 {
		return nil, fmt.Errorf("%d bytes are left over in %s", len(text), path)
	}
	return ids, nil
}
