package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// sarif writes a log of the Static Analysis Results Interchange Format, 2.1.0,
// which GitHub and others keep from one run to the next. Findings that a comment
// in the files covers are left out: GitHub would open alerts for them, however
// they are marked.
type sarif struct{}

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	sarifRoot   = "%SRCROOT%"
	homepage    = "https://github.com/mdbrouter/mdb"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool            `json:"tool"`
	Automation sarifID              `json:"automationDetails"`
	ColumnKind string               `json:"columnKind"`
	Bases      map[string]sarifBase `json:"originalUriBaseIds"`
	Results    []sarifResult        `json:"results"`
}

type sarifID struct {
	ID string `json:"id"`
}

type sarifBase struct {
	Description sarifText `json:"description"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Short   sarifText    `json:"shortDescription"`
	Full    *sarifText   `json:"fullDescription,omitempty"`
	Help    *sarifText   `json:"help,omitempty"`
	Default sarifDefault `json:"defaultConfiguration"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	Rule         string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted *sarifText  `json:"insertedContent,omitempty"`
}

type sarifLocation struct {
	ID       *int           `json:"id,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

func (sarif) write(w io.Writer, r *report) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "mdbcheck", Version: hcl.Version, URI: homepage, Rules: []sarifRule{}}},
		Automation: sarifID{"mdbcheck/" + r.command + "/"},
		ColumnKind: "utf16CodeUnits",
		Bases:      map[string]sarifBase{sarifRoot: {sarifText{"the root of the repository"}}},
		Results:    []sarifResult{},
	}
	index := map[string]int{}
	for i, known := range r.rules() {
		index[known.id] = i
		rule := sarifRule{ID: known.id, Name: known.slug, Short: sarifText{known.summary()}, Default: sarifDefault{sarifLevel(known.severity)}}
		if known.text != "" {
			rule.Full = &sarifText{plain(known.text)}
		}
		if known.mend != "" {
			rule.Help = &sarifText{plain(known.mend)}
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	where, prints := newPlaces(r), fingerprints{}
	for i := range r.findings {
		d := &r.findings[i]
		run.Results = append(run.Results, sarifResult{
			Rule: d.Rule, RuleIndex: index[d.Rule], Level: sarifLevel(d.Severity), Message: sarifMessage(where, d),
			Locations: []sarifLocation{sarifPlace(where, d)}, Related: sarifRelated(where, d),
			Fingerprints: map[string]string{"mdb/v1": prints.of(where, d)}, Fixes: sarifFixes(where, r, d),
		})
	}
	return command.WriteJSON(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifLevel(s hcl.Severity) string {
	if s == hcl.Notice {
		return "note"
	}
	return s.String()
}

func sarifMessage(where *places, d *hcl.Diagnostic) sarifText {
	text := oneLine(d.Summary)
	if !d.Range.IsZero() && !where.file(d.Range) {
		text += at(d.Range)
	}
	return sarifText{plain(strings.Join(append([]string{text}, remark(d)...), "\n"))}
}

// sarifPlace gives the place of a finding. GitHub refuses a log with a finding
// that has none, so what is in no file is at the configuration.
func sarifPlace(where *places, d *hcl.Diagnostic) sarifLocation {
	out := sarifLocation{Physical: &sarifPhysical{Artifact: sarifFile(where, ""), Region: sarifRegion{StartLine: 1}}}
	if where.file(d.Range) {
		out.Physical = sarifStretch(where, d.Range)
	}
	if d.Address != "" {
		out.Logical = []sarifLogical{{sanitise(d.Address)}}
	}
	return out
}

func sarifRelated(where *places, d *hcl.Diagnostic) []sarifLocation {
	var out []sarifLocation
	for i, related := range d.Related {
		place := sarifLocation{ID: &i}
		text := oneLine(related.Message)
		if where.file(related.Range) {
			place.Physical = sarifStretch(where, related.Range)
		} else {
			text += at(related.Range)
		}
		place.Message = &sarifText{plain(text)}
		out = append(out, place)
	}
	return out
}

// sarifFixes gives the edits that mend a finding, if it is in a file.
func sarifFixes(where *places, r *report, d *hcl.Diagnostic) []sarifFix {
	edits := r.edits(d)
	if len(edits) == 0 {
		return nil
	}
	change := sarifChange{Artifact: sarifFile(where, d.Range.Filename)}
	for _, e := range edits {
		replacement := sarifReplacement{Deleted: sarifStretch(where, e.Range).Region}
		if e.Text != "" {
			replacement.Inserted = &sarifText{e.Text}
		}
		change.Replacements = append(change.Replacements, replacement)
	}
	return []sarifFix{{sarifText{r.fix(d)}, []sarifChange{change}}}
}

func sarifStretch(where *places, r hcl.Range) *sarifPhysical {
	out := &sarifPhysical{Artifact: sarifFile(where, r.Filename), Region: sarifRegion{StartLine: 1}}
	if r.Start.Line > 0 {
		at := where.region(r)
		out.Region = sarifRegion{at.line, at.column, at.endLine, at.endColumn}
	}
	return out
}

func sarifFile(where *places, name string) sarifArtifact {
	file := where.path(name)
	if path.IsAbs(file) {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: file}).String(), Base: sarifRoot}
}

// placeholder is what SARIF fills in from arguments, which we have none of.
var placeholder = regexp.MustCompile(`\{(\d+)\}`)

// plain gives text that no viewer takes for a link or for a placeholder.
func plain(text string) string {
	return placeholder.ReplaceAllString(strings.ReplaceAll(text, "](", "] ("), "{ $1 }")
}

// fingerprints counts what has been told apart.
type fingerprints map[string]int

var position = regexp.MustCompile(`:\d+:\d+\b`)

// of gives what stays the same about a finding while lines move: its rule, file,
// declaration and text. Equal ones are numbered.
func (f fingerprints) of(where *places, d *hcl.Diagnostic) string {
	what := strings.Join([]string{d.Rule, where.path(d.Range.Filename), d.Address, position.ReplaceAllString(d.Summary, "")}, "\x00")
	f[what]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", what, f[what]))
	return hex.EncodeToString(sum[:16])
}
