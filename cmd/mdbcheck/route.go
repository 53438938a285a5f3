package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mdbrouter/mdb/area"
	"github.com/mdbrouter/mdb/central/key"
	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/gdid"
)

// maxLine is the longest line read from standard input; no id or key is longer.
const maxLine = 64 << 10

func newRoute(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "route area.NAME ID... | central.INDEX KEY...",
		Short: "Say where ids or keys live",
		Long: `Route prints the shard of each id of an area, or of each key of an index of CENTRAL,
one line each, in the order given. It does what the library does, without a server.

An id is era:authority:counter or 24 hex digits. A key is written as its index's
type wants it: text as it stands (it is normalised), numbers in decimal, bytes in
hex, a UUID, or an id. "-" reads ids or keys from standard input, one a line;
empty lines are skipped. Write -- before a negative number.

One that cannot be routed is an error that names its number or line; the others
are routed all the same, and the status is 1.

-o json prints one object a line, for an id: id, area, partition, shard, server,
database, range_key; for a key: index, key (as normalised), shard, server,
database.

Exit status: 0 all routed, 1 some were not or the configuration has errors,
2 could not run.`,
		Example: `  mdbcheck route --config deploy/mdb area.user 0:1:250122
  mdbcheck route --config deploy/mdb central.email 'Ann@Example.com' -o json
  mdbcheck route --config deploy/mdb area.user - < ids.txt`,
		Args: routeArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := s.routing(cmd, nil)
			if err != nil {
				return err
			}
			find, err := finderOf(cfg.Registry, args[0])
			if err != nil {
				return err
			}
			return (&routing{find: find, json: s.output == "json", env: s.env}).run(args[1:])
		},
	}
}

func routeArgs(_ *cobra.Command, args []string) error {
	stdin := 0
	for _, arg := range args[min(1, len(args)):] {
		if arg == "-" {
			stdin++
		}
	}
	switch {
	case len(args) == 0:
		return errors.New("no target: give area.NAME or central.INDEX, and ids or keys")
	case len(args) == 1:
		return fmt.Errorf("nothing to route in %s: give ids or keys, or - to read them from standard input", args[0])
	case stdin > 1:
		return errors.New("standard input can be read only once: give - once")
	}
	return nil
}

// A finder routes one id or key, written as text.
type finder func(text string) (place, error)

// A place is where an id or a key lives: an idPlace or a keyPlace, which are also
// the objects of -o json.
type place interface{ String() string }

type idPlace struct {
	ID        string `json:"id"`
	Area      string `json:"area"`
	Partition string `json:"partition"`
	Shard     int    `json:"shard"`
	Server    string `json:"server"`
	Database  string `json:"database"`
	RangeKey  string `json:"range_key"`
}

// String gives the place for a reader.
func (p idPlace) String() string {
	return fmt.Sprintf("%s -> %s/%s (partition %s, shard %d)", p.ID, p.Server, p.Database, p.Partition, p.Shard)
}

type keyPlace struct {
	Index    string `json:"index"`
	Key      string `json:"key"`
	Shard    int    `json:"shard"`
	Server   string `json:"server"`
	Database string `json:"database"`
}

// String gives the place for a reader.
func (p keyPlace) String() string {
	return fmt.Sprintf("%s -> %s/%s (shard %d)", p.Key, p.Server, p.Database, p.Shard)
}

// finderOf gives the finder of a target, area.NAME or central.INDEX.
func finderOf(r *area.Registry, target string) (finder, error) {
	kind, name, _ := strings.Cut(target, ".")
	switch kind {
	case "area":
		if a, ok := r.Area(name); ok {
			return areaFinder(a), nil
		}
	case "central":
		if index, ok := r.Index(name); ok {
			return indexFinder(r.Central(), index)
		}
	default:
		return nil, fmt.Errorf("%q is neither area.NAME nor central.INDEX: %s", target, targets(r))
	}
	return nil, fmt.Errorf("the configuration has no %q: %s", target, targets(r))
}

// targets says what there is to route in.
func targets(r *area.Registry) string {
	var names []string
	for _, a := range r.Areas() {
		names = append(names, "area."+a.Name())
	}
	if central := r.Central(); central != nil {
		for _, index := range central.Indexes {
			names = append(names, "central."+index.Name)
		}
	}
	if len(names) == 0 {
		return "it has no areas and no indexes"
	}
	return "it has " + strings.Join(names, ", ")
}

func areaFinder(a *area.Area) finder {
	return func(text string) (place, error) {
		id, err := gdid.Parse(text)
		if err != nil {
			return nil, err
		}
		route, err := a.Route(id)
		if err != nil {
			return nil, err
		}
		return idPlace{
			ID: id.String(), Area: route.Area, Partition: route.Partition, Shard: route.Shard,
			Server: route.Server, Database: route.Database, RangeKey: route.RangeKey.String(),
		}, nil
	}
}

func indexFinder(central *area.Central, index area.Index) (finder, error) {
	codec, err := key.New(key.Spec{Type: index.Type, Normalize: index.Normalize, MaxBytes: index.MaxBytes})
	if err != nil {
		return nil, fmt.Errorf("index %q: %w", index.Name, err)
	}
	return func(text string) (place, error) {
		encoded, err := codec.Parse(text)
		if err != nil {
			return nil, err
		}
		shard := key.Shard(encoded, len(central.Shards))
		db := central.Shards[shard]
		return keyPlace{Index: index.Name, Key: codec.Text(encoded), Shard: shard, Server: db.Server, Database: db.Name}, nil
	}, nil
}

// A routing is one run of route.
type routing struct {
	find   finder
	json   bool
	env    environment
	failed bool
}

func (r *routing) run(texts []string) error {
	for i, text := range texts {
		var err error
		if text == "-" {
			err = r.stdin()
		} else {
			err = r.one(r.env.stdout, fmt.Sprintf("argument %d", i+1), text)
		}
		if err != nil {
			return err
		}
	}
	if r.failed {
		return errFindings
	}
	return nil
}

// stdin routes line by line. Answers are held back only while whole lines are
// waiting, so that a program may ask and wait for each answer.
func (r *routing) stdin() error {
	in, out := bufio.NewReaderSize(r.env.stdin, maxLine), bufio.NewWriter(r.env.stdout)
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		where, tooLong := fmt.Sprintf("line %d", number), errors.Is(err, bufio.ErrBufferFull)
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if tooLong {
			err = discardLine(in)
		}
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return errors.Join(out.Flush(), fmt.Errorf("read standard input: %w", err))
		}
		switch {
		case tooLong:
			r.complain(where, fmt.Errorf("longer than %d bytes", maxLine))
		case text != "":
			if err := r.one(out, where, text); err != nil {
				return err
			}
		}
		if waiting, _ := in.Peek(in.Buffered()); last || bytes.IndexByte(waiting, '\n') < 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// discardLine reads to the end of a line.
func discardLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// one routes one id or key. The error is a failure to write.
func (r *routing) one(out io.Writer, where, text string) error {
	found, err := r.find(text)
	if err != nil {
		r.complain(where, err)
		return nil
	}
	if r.json {
		return command.WriteJSON(out, found)
	}
	_, err = fmt.Fprintln(out, sanitise(found.String()))
	return err
}

func (r *routing) complain(where string, err error) {
	r.failed = true
	fmt.Fprintf(r.env.stderr, "mdbcheck: %s: %s\n", where, oneLine(err.Error()))
}
