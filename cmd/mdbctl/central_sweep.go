package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb"
	"github.com/mdbrouter/mdb/central"
	"github.com/mdbrouter/mdb/cmd/internal/command"
)

func newCentralSweep(s *settings) *cobra.Command {
	w := sweepRun{settings: s}
	cmd := &cobra.Command{
		Use:   "sweep [INDEX...]",
		Short: "Finish what processes that died have left",
		Long: `Sweep reads every row of the indexes, or of those named, and settles reservations
that have expired: where a committed transaction has used one, the key becomes live,
otherwise it is free. It may run at any time, beside services and other sweeps; run
it once a day, for example.

A reservation whose briefcase's server does not answer stays for the next sweep: it
is counted as pending.

With --orphans it also counts live keys whose briefcase has no root row, and prints
their ids: what a deletion that was cut short leaves. Take them away with release.

With --state it notes how far it has come, and goes on there. The file holds a key:
keep it where keys may be.

-o json prints one object a line for each index: index, rows, reserved, confirmed,
removed, pending, orphans; and one for each orphan: index, orphan (its id), key
(with --keys).

Exit status: 0 done, 1 something is pending, an orphan was found or a server failed,
2 it could not run.`,
		Example: `  mdbctl central sweep --config deploy/mdb
  mdbctl central sweep email --rate 5000 --state sweep.json
  mdbctl central sweep --orphans -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withCentral(cmd, args, 0, w.run)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&w.rate, "rate", 20_000, "the most rows read per second; 0 means no limit")
	flags.IntVar(&w.page, "page", 1000, "how many rows are read at once")
	flags.BoolVar(&w.orphans, "orphans", false, "look for keys without a briefcase")
	flags.BoolVar(&w.keys, "keys", false, "print the keys of orphans, as normalised")
	flags.StringVar(&w.path, "state", "", "file that notes how far the sweep has come")
	addOutput(cmd, &w.output, "human", "json")
	return cmd
}

// sweepRun is one sweep of several indexes.
type sweepRun struct {
	settings *settings
	rate     int
	page     int
	orphans  bool
	keys     bool
	path     string
	output   string
	place    map[string]central.Cursor // by index; of those that are not finished
}

// sweepLine is what a sweep of one index has done.
type sweepLine struct {
	Index     string `json:"index"`
	Rows      int    `json:"rows"`
	Reserved  int    `json:"reserved"`
	Confirmed int    `json:"confirmed"`
	Removed   int    `json:"removed"`
	Pending   int    `json:"pending"`
	Orphans   int    `json:"orphans"`
}

// orphanLine is a key without a briefcase.
type orphanLine struct {
	Index  string   `json:"index"`
	Orphan mdb.GDID `json:"orphan"`
	Key    string   `json:"key,omitempty"`
}

func (w *sweepRun) run(ctx context.Context, r *mdb.Router, indexes []*mdb.Index) error {
	if err := w.load(); err != nil {
		return err
	}
	var rows table
	rows.add("INDEX", "ROWS", "RESERVED", "CONFIRMED", "REMOVED", "PENDING", "ORPHANS")
	var faults []error
	for _, x := range indexes {
		so, err := w.sweep(ctx, r, x)
		line := sweepLine{x.Name(), so.Rows, so.Reserved, so.Confirmed, so.Removed, so.Pending, so.Orphans}
		if w.output == "json" {
			if err := command.WriteJSON(w.settings.env.stdout, line); err != nil {
				return err
			}
		}
		cells := []string{line.Index}
		for _, n := range []int{line.Rows, line.Reserved, line.Confirmed, line.Removed, line.Pending, line.Orphans} {
			cells = append(cells, strconv.Itoa(n))
		}
		rows.add(cells...)
		if err == nil && so.Pending+so.Orphans > 0 {
			err = &statusError{status: exitFailed}
		}
		faults = append(faults, err)
	}
	if w.output != "json" {
		if err := w.settings.writeTable(&rows, true, 0); err != nil {
			return err
		}
	}
	return worst(faults)
}

// worst gives the errors that have something to say, or else one that only fails.
func worst(faults []error) error {
	var said []error
	var silent error
	for _, err := range faults {
		if own, ok := errors.AsType[*statusError](err); ok && own.err == nil {
			silent = err
			continue
		}
		said = append(said, err)
	}
	if err := errors.Join(said...); err != nil {
		return failed(err)
	}
	return silent
}

func (w *sweepRun) sweep(ctx context.Context, r *mdb.Router, x *mdb.Index) (mdb.SweepReport, error) {
	var lost error
	opts := mdb.SweepOptions{From: w.place[x.Name()], Page: w.page, Rate: w.rate, Progress: func(at central.Cursor, _ mdb.SweepReport) {
		w.place[x.Name()] = at
		if err := w.save(); err != nil && lost == nil {
			lost = err
		}
	}}
	if w.orphans {
		opts.Absent = func(ctx context.Context, ids []mdb.GDID) ([]mdb.GDID, error) { return r.Absent(ctx, x.Name(), ids) }
		opts.Orphan = func(k central.Encoded, id mdb.GDID) {
			if err := w.tell(x, k, id); err != nil && lost == nil {
				lost = err
			}
		}
	}
	so, err := x.Sweep(ctx, opts)
	if so.Complete {
		delete(w.place, x.Name())
		lost = errors.Join(lost, w.save())
	}
	return so, errors.Join(err, lost)
}

// tell prints an orphan.
func (w *sweepRun) tell(x *mdb.Index, k central.Encoded, id mdb.GDID) error {
	line := orphanLine{Index: x.Name(), Orphan: id}
	if w.keys {
		line.Key = x.Text(k)
	}
	if w.output == "json" {
		return command.WriteJSON(w.settings.env.stdout, line)
	}
	text := fmt.Sprintf("orphan in %s: %v", line.Index, id)
	if w.keys {
		text += " " + oneLine(line.Key)
	}
	_, err := fmt.Fprintln(w.settings.env.stdout, text)
	return err
}

// load reads where an earlier sweep stopped.
func (w *sweepRun) load() error {
	w.place = make(map[string]central.Cursor)
	if w.path == "" {
		return nil
	}
	text, err := os.ReadFile(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return w.save() // so that a path that cannot be written fails before anything runs
	}
	if err != nil {
		return fmt.Errorf("read the file of --state: %w", err)
	}
	if err := json.Unmarshal(text, &w.place); err != nil {
		return fmt.Errorf("%s is not a file that central sweep --state wrote", w.path)
	}
	return nil
}

// save writes how far the sweep has come, to a file that only its owner reads.
func (w *sweepRun) save() error {
	if w.path == "" {
		return nil
	}
	text, err := json.Marshal(w.place)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(w.path), filepath.Base(w.path)+".*") // with mode 0600
	if err != nil {
		return fmt.Errorf("write the file of --state: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), w.path)
	}
	if err != nil {
		return fmt.Errorf("write the file of --state: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
