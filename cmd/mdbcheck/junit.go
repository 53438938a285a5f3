package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/mdbrouter/mdb/hcl"
)

// junit writes what CI servers show as tests: a suite for each file that something
// was found in, in it a test for each rule that found it, and a suite with the
// rules that found nothing. A finding is a failure if it counts for --fail-on;
// otherwise it is output of its test. What could not be checked is skipped.
type junit struct{}

type junitSuites struct {
	XMLName  xml.Name      `xml:"testsuites"`
	Name     string        `xml:"name,attr"`
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Skipped  int           `xml:"skipped,attr"`
	Time     string        `xml:"time,attr"`
	Suites   []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Cases    []*junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitSkipped `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

func (junit) write(w io.Writer, r *report) error {
	where := newPlaces(r)
	all := &junitSuites{Name: "mdbcheck " + r.command, Time: fmt.Sprintf("%.3f", r.elapsed.Seconds())}
	suites, cases, found := map[string]*junitSuite{}, map[[2]string]*junitCase{}, map[string]bool{}
	for i := range r.findings {
		d := &r.findings[i]
		file := sanitise(where.path(d.Range.Filename))
		found[d.Rule] = true
		suite := suites[file]
		if suite == nil {
			suite = &junitSuite{Name: file}
			suites[file] = suite
			all.Suites = append(all.Suites, suite)
		}
		test := cases[[2]string{file, d.Rule}]
		if test == nil {
			test = &junitCase{Name: d.Rule + " " + d.Slug, Class: file, File: file, Line: where.region(d.Range).line}
			cases[[2]string{file, d.Rule}] = test
			suite.Cases = append(suite.Cases, test)
		}
		test.add(d, where, failing(d.Severity, r.failOn))
	}
	green := &junitSuite{Name: "rules that found nothing"}
	for _, known := range r.rules() {
		if !found[known.id] {
			green.Cases = append(green.Cases, &junitCase{Name: known.id + " " + known.slug, Class: sanitise(where.path("")), Skipped: r.unjudged()})
		}
	}
	if len(green.Cases) > 0 {
		all.Suites = append(all.Suites, green)
	}
	for _, suite := range all.Suites {
		all.count(suite)
	}
	var text bytes.Buffer
	text.WriteString(xml.Header)
	encoder := xml.NewEncoder(&text)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	text.WriteByte('\n')
	_, err := w.Write(text.Bytes())
	return err
}

// unjudged says why a rule that found nothing has not passed: a server was not
// asked.
func (r *report) unjudged() *junitSkipped {
	if r.asked == nil || len(r.asked.Unasked) == 0 {
		return nil
	}
	var names []string
	for _, u := range r.asked.Unasked {
		names = append(names, u.Server)
	}
	return &junitSkipped{Message: oneLine("not asked: " + strings.Join(names, ", "))}
}

// add notes a finding of the test's rule in its file.
func (c *junitCase) add(d *hcl.Diagnostic, where *places, fails bool) {
	summary, at := oneLine(d.Summary), where.region(d.Range)
	text := fmt.Sprintf("%s:%d:%d: %v: %s\n", c.File, at.line, at.column, d.Severity, summary)
	if more := remark(d); len(more) > 0 {
		text += "  " + strings.ReplaceAll(strings.Join(more, "\n"), "\n", "\n  ") + "\n"
	}
	switch {
	case fails && c.Failure == nil:
		c.Failure = &junitFailure{Message: summary, Type: d.Rule, Text: text}
	case fails:
		c.Failure.Text += text
	default:
		c.Out += text
		if d.Rule == ruleUnresolved && c.Skipped == nil {
			c.Skipped = &junitSkipped{Message: summary}
		}
	}
}

func (s *junitSuites) count(suite *junitSuite) {
	for _, test := range suite.Cases {
		suite.Tests++
		switch {
		case test.Failure != nil:
			suite.Failures++
			test.Skipped = nil
		case test.Skipped != nil:
			suite.Skipped++
		}
	}
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Skipped += suite.Skipped
}
