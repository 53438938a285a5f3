package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mdbrouter/mdb/cmd/internal/command"
	"github.com/mdbrouter/mdb/hcl"
)

// human writes findings for a reader: a line that says what, the place, the
// source with a caret under it, other places, and how to mend it.
type human struct {
	paint command.Paint
}

const (
	// maxUnresolved is how many things that were not checked are named.
	maxUnresolved = 10

	// maxBeside is how many columns of text stand beside a caret; what is longer
	// becomes a note.
	maxBeside = 100

	// maxRemark is how many columns a line of a remark has.
	maxRemark = 100
)

func (h human) write(w io.Writer, r *report) error {
	out := bufio.NewWriter(w)
	var unresolved hcl.Diagnostics
	for _, d := range r.findings {
		if d.Rule == ruleUnresolved {
			unresolved = append(unresolved, d)
			continue
		}
		h.finding(out, r.masked, d)
		fmt.Fprintln(out)
	}
	if r.asked != nil {
		h.asked(out, r)
	} else if s := r.summary; s != nil {
		fmt.Fprintf(out, "checked %s, %s, %s, %s in %d ms: %s, %s, %s%s\n",
			count(s.Files, "file"), count(s.Areas, "area"), count(s.Partitions, "partition"), count(s.Shards, "shard"), r.elapsed.Milliseconds(),
			h.tally(r, hcl.Error), h.tally(r, hcl.Warning), h.tally(r, hcl.Notice), ignoredTally(s.Ignored))
	}
	for i, d := range unresolved {
		if i == maxUnresolved {
			fmt.Fprintf(out, "not checked: and %d more; -o json lists all\n", len(unresolved)-i)
			break
		}
		fmt.Fprintf(out, "not checked: %s %s%s%s\n", d.Rule, oneLine(d.Summary), at(d.Range), after(": ", oneLine(d.Detail)))
	}
	return out.Flush()
}

// asked ends the findings of live.
func (h human) asked(w io.Writer, r *report) {
	all := r.asked
	fmt.Fprintf(w, "asked %s%s, %s%s, %s in %d ms: %s, %s, %s%s\n",
		count(all.Servers, "server"), unasked(all.ServersLeft), count(all.Replicas, "replica"), unasked(all.ReplicasLeft),
		count(all.Shards, "shard"), r.elapsed.Milliseconds(),
		h.tally(r, hcl.Error), h.tally(r, hcl.Warning), h.tally(r, hcl.Notice), ignoredTally(r.summary.Ignored))
	for _, u := range all.Unasked {
		fmt.Fprintf(w, "not asked: %s: %s\n", u.Server, oneLine(u.Reason))
	}
}

// unasked says how many others were not asked everything, if any.
func unasked(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d not, or not wholly)", n)
}

func (h human) finding(w io.Writer, masked func(string) []byte, d hcl.Diagnostic) {
	fmt.Fprintf(w, "%s %s\n", h.paint.Severity(d.Severity, d.Severity.String()+"["+d.Rule+"]"), h.paint.Bold(d.Slug+": "+oneLine(d.Summary)))

	beside, below := "", sanitise(strings.TrimSpace(d.Detail))
	if !strings.Contains(below, "\n") && columns(cells([]byte(below))) <= maxBeside {
		beside, below = below, ""
	}
	var f *frame
	if !d.Range.IsZero() {
		f = newFrame(masked(d.Range.Filename), d)
	}
	bar := strings.Repeat(" ", max(1, f.gutter())) + " "
	arrow := strings.Repeat(" ", max(2, f.gutter()))
	if !d.Range.IsZero() {
		fmt.Fprintf(w, "%s %s\n", arrow+h.paint.Gutter("-->"), oneLine(d.Range.String()))
	}
	if f != nil {
		f.write(w, h.paint, d.Severity, beside)
	} else if beside != "" {
		below = beside
	}
	if f != nil && (len(d.Related) > 0 || below != "" || d.Help != "") {
		fmt.Fprintln(w, bar+h.paint.Gutter("|"))
	}
	for _, related := range d.Related {
		place := ""
		if !related.Range.IsZero() {
			place = oneLine(related.Range.String()) + "  "
		}
		fmt.Fprintf(w, "%s %s%s\n", arrow+h.paint.Gutter(":::"), place, oneLine(related.Message))
	}
	h.remark(w, bar, "note", below)
	h.remark(w, bar, "help", sanitise(strings.TrimSpace(d.Help)))
}

// remark writes "= kind: text", later lines of the text under its first.
func (h human) remark(w io.Writer, bar, kind, text string) {
	if text == "" {
		return
	}
	text = wrap(text)
	under := "\n" + bar + strings.Repeat(" ", len("= : ")+len(kind))
	fmt.Fprintf(w, "%s%s %s %s\n", bar, h.paint.Gutter("="), h.paint.Bold(kind+":"), strings.ReplaceAll(text, "\n", under))
}

func (h human) tally(r *report, s hcl.Severity) string {
	n := r.findings.Count(s)
	text := count(n, s.String())
	if n == 0 {
		return text
	}
	return h.paint.Severity(s, text)
}

// ignoredTally says how many findings comments cover, if any.
func ignoredTally(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d ignored)", n)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// wrap breaks lines between words so that they keep to the columns of a remark.
func wrap(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		used := 0
		for j, word := range strings.Split(line, " ") {
			size := columns(cells([]byte(word)))
			switch {
			case j == 0:
			case used+1+size > maxRemark:
				b.WriteByte('\n')
				used = 0
			default:
				b.WriteByte(' ')
				used++
			}
			b.WriteString(word)
			used += size
		}
	}
	return b.String()
}

// after gives text with what goes before it, or nothing for no text.
func after(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func at(r hcl.Range) string {
	if r.IsZero() {
		return ""
	}
	return " at " + oneLine(r.String())
}
