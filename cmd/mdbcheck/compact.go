package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// compact writes one line for each finding, for editors and problem matchers:
//
//	deploy/mdb/user.mdb.hcl:5:14: error MDB304: ids 0:0 to 0:249999 have no partition
//
// What is about no file or a whole one stands at 1:1.
type compact struct{}

func (compact) write(w io.Writer, r *report) error {
	out := bufio.NewWriter(w)
	where := newPlaces(r)
	for i := range r.findings {
		d := &r.findings[i]
		at := where.region(d.Range)
		path := oneLine(where.path(d.Range.Filename))
		if strings.HasPrefix(path, "::") || strings.HasPrefix(path, "##[") {
			path = "./" + path // GitHub would obey the line
		}
		fmt.Fprintf(out, "%s:%d:%d: %v %s: %s%s\n", path, at.line, at.column, d.Severity, d.Rule, oneLine(d.Summary), inParentheses(oneLine(d.Detail)))
	}
	return out.Flush()
}

func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
