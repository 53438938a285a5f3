package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An optionFile hands credentials to a mysql client. Where the system has /dev/fd
// it is a pipe, so that nothing is left anywhere however the programs end.
type optionFile struct {
	path      string
	inherited []*os.File // of the child, from descriptor 3 on
	directory string     // to be removed, if it is a file
}

func newOptionFile(options map[string]string) (*optionFile, error) {
	text := optionText(options)
	if _, err := os.Stat("/dev/fd"); err == nil && len(text) <= pipeRoom {
		return newOptionPipe(text)
	}
	return newPrivateFile(text)
}

// pipeRoom is what every pipe takes without a reader.
const pipeRoom = 4096

func newOptionPipe(text string) (*optionFile, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for the credentials: %w", err)
	}
	_, err = w.WriteString(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("write the credentials: %w", err), r.Close())
	}
	return &optionFile{path: "/dev/fd/3", inherited: []*os.File{r}}, nil
}

func newPrivateFile(text string) (*optionFile, error) {
	directory, err := os.MkdirTemp("", "mdbctl-") // only its owner may enter
	if err != nil {
		return nil, fmt.Errorf("make a directory for the credentials: %w", err)
	}
	f := &optionFile{path: filepath.Join(directory, "client.cnf"), directory: directory}
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write the credentials: %w", err), f.remove())
	}
	return f, nil
}

// remove takes the credentials away.
func (f *optionFile) remove() error {
	var faults []error
	for _, file := range f.inherited {
		faults = append(faults, file.Close())
	}
	if f.directory != "" {
		faults = append(faults, os.RemoveAll(f.directory))
	}
	return errors.Join(faults...)
}

// optionText gives the text of an option file.
func optionText(options map[string]string) string {
	var b strings.Builder
	b.WriteString("[client]\n")
	for _, name := range slices.Sorted(maps.Keys(options)) {
		fmt.Fprintf(&b, "%s=\"%s\"\n", name, optionEscape.Replace(options[name]))
	}
	return b.String()
}

// optionEscape writes a value so that the client reads it back: between quotes a
// "#" begins no comment and spaces at the ends stay.
var optionEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)
