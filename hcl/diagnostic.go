package hcl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Severity says how bad a finding is.
type Severity uint8

// The severities.
const (
	// Error: the file does not open.
	Error Severity = iota + 1
	// Warning: the file opens, but will likely do something unwanted.
	Warning
	// Notice: worth knowing.
	Notice
	// Off: not reported. No finding has it; it is for [Lint] alone.
	Off
)

// String gives "error", "warning", "notice" or "off".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Notice:
		return "notice"
	case Off:
		return "off"
	}
	return "Severity(" + strconv.Itoa(int(s)) + ")"
}

// MarshalText gives what String gives. It never fails.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Pos is a place in a file.
type Pos struct {
	// Line counts from 1; 0 means the whole file.
	Line int `json:"line"`
	// Column counts grapheme clusters, what a reader sees as characters, from 1.
	Column int `json:"column"`
	// Byte counts from 0.
	Byte int `json:"byte"`
}

// A Range is a stretch of a file. The zero Range is no place: the finding is
// about something given outside of files, as an option or a flag.
type Range struct {
	// Filename is the path under which the file was read.
	Filename string `json:"filename"`
	Start    Pos    `json:"start"`
	// End is the place after the last character.
	End Pos `json:"end"`
}

// IsZero reports whether the range is no place.
func (r Range) IsZero() bool { return r == Range{} }

// String gives "file:line:column", as editors and terminals know it.
func (r Range) String() string {
	if r.Start.Line == 0 {
		return r.Filename
	}
	return fmt.Sprintf("%s:%d:%d", r.Filename, r.Start.Line, r.Start.Column)
}

// A Related is another place that a finding is about.
type Related struct {
	Message string `json:"message"`
	Range   Range  `json:"range"`
}

// A Diagnostic is one finding: a mistake, or something worth a look.
type Diagnostic struct {
	// Rule is the id of the rule, for example "MDB304". Ids never change meaning.
	Rule string `json:"rule"`
	// Slug is the rule in words: "partition-hole".
	Slug     string   `json:"slug"`
	Severity Severity `json:"severity"`
	// Summary is one line.
	Summary string `json:"summary"`
	// Detail is what belongs beside the marked place; may be empty.
	Detail string `json:"detail,omitempty"`
	// Help says what to do; may be empty where nothing is to be done.
	Help string `json:"help,omitempty"`
	// Address names the declaration: "area.user.partition.p0"; may be empty.
	Address string    `json:"address,omitempty"`
	Range   Range     `json:"range"`
	Related []Related `json:"related,omitempty"`

	cause error  // why a file could not be read
	mends []mend // what Fix does about it, in the file of Range
	usual string // how to mend what its rule is about
}

// String gives the finding in one line: place, severity, rule, summary.
func (d Diagnostic) String() string {
	text := d.Severity.String() + "[" + d.Rule + "] " + d.Slug + ": " + d.Summary
	if at := d.Range.String(); at != "" {
		return at + ": " + text
	}
	return text
}

// Diagnostics are findings in the order of file, place and rule.
type Diagnostics []Diagnostic

// HasErrors reports whether one of the findings is an error.
func (d Diagnostics) HasErrors() bool { return d.Count(Error) > 0 }

// Count gives the number of findings of a severity.
func (d Diagnostics) Count(s Severity) int {
	n := 0
	for i := range d {
		if d[i].Severity == s {
			n++
		}
	}
	return n
}

// sorted gives the findings in order, each once.
func (d Diagnostics) sorted() Diagnostics {
	slices.SortStableFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(
			strings.Compare(a.Range.Filename, b.Range.Filename),
			cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
			strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Summary, b.Summary),
		)
	})
	return slices.CompactFunc(d, func(a, b Diagnostic) bool {
		return a.Rule == b.Rule && a.Range == b.Range && a.Summary == b.Summary
	})
}

// A DiagnosticsError is returned for a configuration that does not open. It
// holds all errors of all files in the order of file, place and rule. When a
// file could not be read, it wraps the reason.
type DiagnosticsError struct {
	Path        string
	Diagnostics Diagnostics
}

// maxLines is how many findings the text of an error has.
const maxLines = 10

// Error gives one line for each of the first findings, and the number of others.
func (e *DiagnosticsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "configuration %s has %d mistakes", e.Path, len(e.Diagnostics))
	if len(e.Diagnostics) == 1 {
		b.Reset()
		fmt.Fprintf(&b, "configuration %s has a mistake", e.Path)
	}
	for i := range e.Diagnostics {
		if i == maxLines {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Diagnostics)-maxLines)
			break
		}
		b.WriteString("\n  " + e.Diagnostics[i].String())
	}
	return b.String()
}

// Unwrap gives why files could not be read, or nil.
func (e *DiagnosticsError) Unwrap() error {
	var causes []error
	for i := range e.Diagnostics {
		if cause := e.Diagnostics[i].cause; cause != nil {
			causes = append(causes, cause)
		}
	}
	return errors.Join(causes...)
}
