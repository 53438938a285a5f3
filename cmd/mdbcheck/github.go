package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// github writes workflow commands, which GitHub shows beside the lines of a pull
// request, and a table into the summary of the step.
type github struct {
	summary string // path of the step's summary, "": there is none
}

const (
	// maxAnnotations is how many annotations of a severity GitHub shows of a step.
	maxAnnotations = 10

	// maxAnnotation is how many bytes of an annotation's message it keeps.
	maxAnnotation = 4096
)

// stepSummary gives the file that GitHub shows as the summary of a step.
func (s *settings) stepSummary() string {
	path, _ := s.env.lookupEnv("GITHUB_STEP_SUMMARY")
	return path
}

func (g github) write(w io.Writer, r *report) error {
	out := bufio.NewWriter(w)
	where := newPlaces(r)
	for _, severity := range []hcl.Severity{hcl.Error, hcl.Warning, hcl.Notice} {
		n := 0
		for i := range r.findings {
			if r.findings[i].Severity != severity {
				continue
			}
			if n++; n <= maxAnnotations {
				annotate(out, where, &r.findings[i])
			}
		}
		if n > maxAnnotations {
			fmt.Fprintf(out, "and %s: GitHub shows %d of a step; its summary has a table\n", count(n-maxAnnotations, "more "+severity.String()), maxAnnotations)
		}
	}
	if err := out.Flush(); err != nil || g.summary == "" {
		return err
	}
	return appendSummary(g.summary, r, where)
}

func annotate(w io.Writer, where *places, d *hcl.Diagnostic) {
	at := where.region(d.Range)
	fmt.Fprintf(w, "::%v file=%s,line=%d,endLine=%d", d.Severity, property(where.path(d.Range.Filename)), at.line, at.endLine)
	if at.line == at.endLine { // GitHub takes columns within one line only
		fmt.Fprintf(w, ",col=%d,endColumn=%d", at.column, at.endColumn)
	}
	text := strings.Join(append([]string{oneLine(d.Summary)}, remark(d)...), "\n")
	fmt.Fprintf(w, ",title=%s::%s\n", property(d.Rule+" "+d.Slug), message(cut(text, maxAnnotation)))
}

var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// message escapes the text of a workflow command.
func message(text string) string { return messageEscapes.Replace(sanitise(text)) }

// property escapes the value of a property of a workflow command.
func property(text string) string { return propertyEscapes.Replace(sanitise(text)) }

// cut shortens a text to a number of bytes, at a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	const mark = "..."
	return strings.ToValidUTF8(text[:most-len(mark)], "") + mark
}
