package main

import (
	"io"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/cmd/mdbcheck/internal/live"
	"github.com/mdbrouter/mdb/hcl"
)

// formatVersion is that of the object with findings. 1.1 added fixes.
const formatVersion = "1.1"

// jsonReporter writes the object that the help of check describes. Its keys are
// a promise to other programs: they are spelled out here and nowhere derived.
type jsonReporter struct{}

type jsonReport struct {
	FormatVersion string        `json:"format_version"`
	Tool          jsonTool      `json:"tool"`
	Valid         bool          `json:"valid"`
	ErrorCount    int           `json:"error_count"`
	WarningCount  int           `json:"warning_count"`
	NoticeCount   int           `json:"notice_count"`
	Diagnostics   []jsonFinding `json:"diagnostics"`
	Summary       *summary      `json:"summary"`
	Servers       *jsonServers  `json:"servers,omitempty"` // of live
}

// jsonServers says which servers live has asked.
type jsonServers struct {
	Asked    int           `json:"asked"`
	Replicas int           `json:"replicas"`
	Shards   int           `json:"shards"`
	Unasked  []jsonUnasked `json:"unasked"`
}

type jsonUnasked struct {
	Server string `json:"server"`
	Reason string `json:"reason"`
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type jsonFinding struct {
	Rule     string        `json:"rule"`
	Slug     string        `json:"slug"`
	Severity string        `json:"severity"`
	Summary  string        `json:"summary"`
	Detail   string        `json:"detail"`
	Help     string        `json:"help"`
	Address  string        `json:"address"`
	Range    *jsonRange    `json:"range"`
	Related  []jsonRelated `json:"related"`
	Fixes    []jsonFix     `json:"fixes"`
}

type jsonFix struct {
	Description string     `json:"description"`
	Edits       []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	Range *jsonRange `json:"range"`
	Text  string     `json:"text"`
}

type jsonRelated struct {
	Message string     `json:"message"`
	Range   *jsonRange `json:"range"`
}

type jsonRange struct {
	Filename string  `json:"filename"`
	Start    jsonPos `json:"start"`
	End      jsonPos `json:"end"`
}

type jsonPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

func (jsonReporter) write(w io.Writer, r *report) error { return command.WriteJSON(w, reportJSON(r)) }

func reportJSON(r *report) jsonReport {
	out := jsonReport{
		FormatVersion: formatVersion, Tool: jsonTool{Name: "mdbcheck", Version: hcl.Version}, Valid: !r.findings.HasErrors(),
		ErrorCount: r.findings.Count(hcl.Error), WarningCount: r.findings.Count(hcl.Warning), NoticeCount: r.findings.Count(hcl.Notice),
		Diagnostics: make([]jsonFinding, 0, len(r.findings)), Summary: r.summary,
	}
	for i := range r.findings {
		d := &r.findings[i]
		f := jsonFinding{
			Rule: d.Rule, Slug: d.Slug, Severity: d.Severity.String(), Summary: d.Summary, Detail: d.Detail, Help: d.Help,
			Address: d.Address, Range: jsonRangeOf(d.Range), Related: make([]jsonRelated, 0, len(d.Related)), Fixes: []jsonFix{},
		}
		if edits := r.edits(d); len(edits) > 0 {
			f.Fixes = append(f.Fixes, jsonFixOf(r.fix(d), edits))
		}
		for _, related := range d.Related {
			f.Related = append(f.Related, jsonRelated{Message: related.Message, Range: jsonRangeOf(related.Range)})
		}
		out.Diagnostics = append(out.Diagnostics, f)
	}
	if r.asked != nil {
		out.Valid = out.Valid && len(r.asked.Unasked) == 0
		out.Servers = serversJSON(r.asked)
	}
	return out
}

func jsonFixOf(description string, edits []hcl.Edit) jsonFix {
	out := jsonFix{Description: description}
	for _, e := range edits {
		out.Edits = append(out.Edits, jsonEdit{jsonRangeOf(e.Range), e.Text})
	}
	return out
}

func serversJSON(asked *live.Report) *jsonServers {
	out := &jsonServers{Asked: asked.Servers, Replicas: asked.Replicas, Shards: asked.Shards, Unasked: make([]jsonUnasked, 0, len(asked.Unasked))}
	for _, u := range asked.Unasked {
		out.Unasked = append(out.Unasked, jsonUnasked(u))
	}
	return out
}

func jsonRangeOf(r hcl.Range) *jsonRange {
	if r.IsZero() {
		return nil
	}
	return &jsonRange{Filename: r.Filename, Start: jsonPos(r.Start), End: jsonPos(r.End)}
}
