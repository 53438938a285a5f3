package main

import (
	"io"
	"slices"
	"time"

	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/hcl"
)

const (
	// ruleUnknownName is the rule about names that the grammar does not have.
	ruleUnknownName = "MDB102"

	// ruleUnresolved is the rule whose findings say what could not be checked.
	ruleUnresolved = "MDB120"

	// ruleBadSettings is the rule about .mdbcheck.hcl and --rule.
	ruleBadSettings = "MDB115"

	// The rules about servers that could not be asked.
	ruleUnreachable = "MDB801"
	ruleAuthFailed  = "MDB802"
)

// A report is what a check has found.
type report struct {
	findings  hcl.Diagnostics
	masked    func(filename string) []byte       // the source, secrets overwritten
	mend      func(d *hcl.Diagnostic) []hcl.Edit // nil: nothing is mended
	path      string                             // of the configuration
	command   string                             // that made the report
	failOn    string                             // --fail-on; "": any finding fails
	catalogue []hcl.RulePage                     // the rules of the command
	summary   *summary                           // nil: findings only
	asked     *live.Report                       // the servers, nil: none
	elapsed   time.Duration
}

// edits gives what would mend a finding, or nil.
func (r *report) edits(d *hcl.Diagnostic) []hcl.Edit {
	if r.mend == nil {
		return nil
	}
	return r.mend(d)
}

// fix says what the edits of a finding do.
func (r *report) fix(d *hcl.Diagnostic) string {
	i := slices.IndexFunc(r.catalogue, func(p hcl.RulePage) bool { return p.ID == d.Rule && p.Slug == d.Slug })
	if i < 0 {
		return d.Help
	}
	return r.catalogue[i].Fix
}

// failing reports whether a finding of a severity counts for --fail-on. Without a
// value, as a command has that knows no such flag, all count.
func failing(s hcl.Severity, failOn string) bool {
	switch failOn {
	case "error":
		return s == hcl.Error
	case "warning":
		return s == hcl.Error || s == hcl.Warning
	case "never":
		return false
	}
	return true
}

// maskedOnce gives the source of the files of a configuration. A file is asked for
// once for each finding, and to mask it takes a while: it is done once.
func maskedOnce(cfg *hcl.Config) func(filename string) []byte {
	texts := map[string][]byte{}
	return func(name string) []byte {
		text, ok := texts[name]
		if !ok {
			text = cfg.Masked(name)
			texts[name] = text
		}
		return text
	}
}

// A summary counts what was checked.
type summary struct {
	Files      int      `json:"files"`
	Areas      int      `json:"areas"`
	Partitions int      `json:"partitions"`
	Shards     int      `json:"shards"` // of all areas; CENTRAL's are not among them
	Incomplete []string `json:"incomplete"`
	Ignored    int      `json:"ignored"` // findings that comments cover
}

// A reporter writes a report in one form. Another form is another reporter, and
// a line in settings.reporter.
type reporter interface {
	write(w io.Writer, r *report) error
}

func (s *settings) reporter() reporter {
	switch s.output {
	case "json":
		return jsonReporter{}
	case "compact":
		return compact{}
	case "sarif":
		return sarif{}
	case "github":
		return github{summary: s.stepSummary()}
	case "junit":
		return junit{}
	}
	return human{paint: s.paint(s.env.stdoutIsTerminal)}
}

func summarise(cfg *hcl.Config, found hcl.Diagnostics) *summary {
	sum := &summary{Files: len(cfg.Files), Areas: len(cfg.Topology.Areas), Incomplete: []string{}, Ignored: len(cfg.Ignored)}
	for i := range cfg.Topology.Areas {
		a := &cfg.Topology.Areas[i]
		partitions := slices.Clone(a.Partitions)
		for _, b := range a.Breakpoints {
			partitions = append(partitions, b.Partitions...)
		}
		sum.Partitions += len(partitions)
		for _, p := range partitions {
			sum.Shards += len(p.Shards)
		}
	}
	if slices.ContainsFunc(found, func(d hcl.Diagnostic) bool { return d.Rule == ruleUnresolved }) {
		sum.Incomplete = append(sum.Incomplete, ruleUnresolved)
	}
	return sum
}
