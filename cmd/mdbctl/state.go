package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mdbrouter/mdb/area"
)

// state remembers in a file which shards a command is done for. Without a file it
// remembers nothing.
type state struct {
	path string

	mu      sync.Mutex // guards content and the file
	content stateContent
}

// stateContent is the file. It holds no command, which may show a secret.
type stateContent struct {
	Namespace string            `json:"namespace"`
	Area      string            `json:"area"`
	Command   string            `json:"command_sha256"`
	Done      map[string]string `json:"done"` // database and server by shard
}

// openState reads the file, or begins a new one. It refuses one of another area
// or command.
func openState(path, namespace, areaName string, command []string) (*state, error) {
	sum := sha256.Sum256([]byte(strings.Join(command, "\x00")))
	s := &state{path: path, content: stateContent{Namespace: namespace, Area: areaName, Command: hex.EncodeToString(sum[:])}}
	if path == "" {
		return s, nil
	}
	fresh := func() (*state, error) {
		s.content.Done = make(map[string]string)
		return s, s.write() // so that a path that cannot be written fails before anything runs
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh()
	}
	if err != nil {
		return nil, fmt.Errorf("read the file of --state: %w", err)
	}
	var found stateContent
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("%s is not a file that --state wrote: %w", path, err)
	}
	for _, fact := range []struct{ name, want, got string }{
		{"namespace", s.content.Namespace, found.Namespace}, {"area", s.content.Area, found.Area}, {"command", s.content.Command, found.Command},
	} {
		if fact.want != fact.got {
			return nil, fmt.Errorf("%s is of a run with another %s: give another file, or remove it", path, fact.name)
		}
	}
	if s.content.Done = found.Done; s.content.Done == nil {
		return fresh()
	}
	return s, nil
}

func placeOf(s *area.Shard) string { return s.Database + " on " + s.Server }

// done reports whether the command is done for a shard.
func (s *state) done(shard *area.Shard) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content.Done[shard.Label()] == placeOf(shard)
}

// add notes that the command is done for a shard. When it returns, the file
// outlives a crash.
func (s *state) add(shard *area.Shard) error {
	if s.path == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.content.Done[shard.Label()] = placeOf(shard)
	if err := s.write(); err != nil {
		return fmt.Errorf("the command is done, but this could not be noted: %w", err)
	}
	return nil
}

// write replaces the file as a whole.
func (s *state) write() (err error) {
	text, err := json.MarshalIndent(s.content, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(s.path), "."+filepath.Base(s.path)+"-*")
	if err != nil {
		return fmt.Errorf("write the file of --state: %w", err)
	}
	_, err = file.Write(append(text, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), s.path)
	}
	if err != nil {
		return fmt.Errorf("write the file of --state: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}
