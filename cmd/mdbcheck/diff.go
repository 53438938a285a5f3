package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/mdbrouter/mdb/cmd/internal/command"
)

// contextLines is how many unchanged lines are shown around a change.
const contextLines = 3

// pair is a line that two texts share: its index in each.
type pair struct{ a, b int }

// writeDiff prints how one text becomes another, as unified diffs do. Both must be
// masked already; what else on a line has the looks of a secret is hidden too.
func writeDiff(w io.Writer, p command.Paint, name string, before, after []byte) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n%s\n", p.Bold("--- "+oneLine(name)), p.Bold("+++ "+oneLine(name)+" (formatted)"))
	a, b := splitLines(before), splitLines(after)
	for _, h := range hunks(a, b, common(a, b)) {
		h.write(out, p, a, b)
	}
	return out.Flush()
}

func splitLines(text []byte) []string {
	var lines []string
	for line := range bytes.Lines(text) {
		lines = append(lines, string(line))
	}
	return lines
}

// common gives lines that both texts share, ascending in both: those at the start
// and the end, and between them the longest ascending run of those that are there
// once in each, with their equal neighbours. It takes time in proportion to
// n log n, and finds short differences where lines are mostly unique.
func common(a, b []string) []pair {
	var start, end []pair
	i := 0
	for ; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		start = append(start, pair{i, i})
	}
	la, lb := len(a), len(b)
	for ; la > i && lb > i && a[la-1] == b[lb-1]; la, lb = la-1, lb-1 {
		end = append(end, pair{la - 1, lb - 1})
	}
	all := start
	at := pair{i, i} // everything before it is dealt with
	for _, anchor := range ascending(once(a, b, i, la, lb)) {
		if anchor.a < at.a || anchor.b < at.b {
			continue
		}
		first := anchor
		for first.a > at.a && first.b > at.b && a[first.a-1] == b[first.b-1] {
			first = pair{first.a - 1, first.b - 1}
		}
		for at = first; at.a < la && at.b < lb && a[at.a] == b[at.b]; at = (pair{at.a + 1, at.b + 1}) {
			all = append(all, at)
		}
	}
	for i := range end {
		all = append(all, end[len(end)-1-i])
	}
	return all
}

// once gives the lines that are there once in each text, from a line on and up to
// an end in each, in the order of a.
func once(a, b []string, from, endA, endB int) []pair {
	type seen struct{ inA, inB, at int }
	lines := map[string]*seen{}
	for i := from; i < endA; i++ {
		if s := lines[a[i]]; s != nil {
			s.inA++
			continue
		}
		lines[a[i]] = &seen{inA: 1}
	}
	for j := from; j < endB; j++ {
		if s := lines[b[j]]; s != nil {
			s.inB++
			s.at = j
		}
	}
	var out []pair
	for i := from; i < endA; i++ {
		if s := lines[a[i]]; s.inA == 1 && s.inB == 1 {
			out = append(out, pair{i, s.at})
		}
	}
	return out
}

// ascending gives the longest run of pairs that ascends in b; they ascend in a.
func ascending(pairs []pair) []pair {
	var tails []int // of the runs of each length, the pair with the least end
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n := sort.Search(len(tails), func(n int) bool { return pairs[tails[n]].b >= p.b })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	out := make([]pair, len(tails))
	for i, n := len(tails)-1, lastOf(tails); i >= 0; i, n = i-1, before[n] {
		out[i] = pairs[n]
	}
	return out
}

func lastOf(tails []int) int {
	if len(tails) == 0 {
		return -1
	}
	return tails[len(tails)-1]
}

// A hunk is a change with the lines around it: those of each text from a first up
// to but not including a last, of which some are shared.
type hunk struct {
	first, last pair
	shared      []pair
}

func hunks(a, b []string, shared []pair) []hunk {
	var out []hunk
	end := pair{len(a), len(b)}
	for i, at := 0, (pair{}); at != end; {
		run := i
		for i < len(shared) && shared[i] == (pair{at.a + i - run, at.b + i - run}) {
			i++
		}
		at = pair{at.a + i - run, at.b + i - run}
		if at == end {
			break
		}
		next := end
		if i < len(shared) {
			next = shared[i]
		}
		// The change is from at to next; run to i are the shared lines before it.
		before := min(contextLines, i-run)
		if n := len(out); n > 0 && i-run <= 2*contextLines {
			out[n-1].shared = append(out[n-1].shared, shared[run:i]...)
			out[n-1].last = next
		} else {
			if n > 0 {
				out[n-1].extend(shared[run:min(i, run+contextLines)])
			}
			out = append(out, hunk{first: pair{at.a - before, at.b - before}, last: next, shared: append([]pair(nil), shared[i-before:i]...)})
		}
		at = next
	}
	if n := len(out); n > 0 {
		last := out[n-1].last
		i := sort.Search(len(shared), func(i int) bool { return shared[i].a >= last.a })
		out[n-1].extend(shared[i:min(len(shared), i+contextLines)])
	}
	return out
}

// extend adds shared lines that follow.
func (h *hunk) extend(lines []pair) {
	h.shared = append(h.shared, lines...)
	h.last = pair{h.last.a + len(lines), h.last.b + len(lines)}
}

func (h *hunk) write(w io.Writer, p command.Paint, a, b []string) {
	fmt.Fprintln(w, p.Gutter(fmt.Sprintf("@@ -%s +%s @@", extent(h.first.a, h.last.a), extent(h.first.b, h.last.b))))
	at := h.first
	for _, same := range append(h.shared, h.last) {
		for ; at.a < same.a; at.a++ {
			fmt.Fprintln(w, p.Red("-"+shownLine(a[at.a]))+noEnd(a[at.a]))
		}
		for ; at.b < same.b; at.b++ {
			fmt.Fprintln(w, p.Green("+"+shownLine(b[at.b]))+noEnd(b[at.b]))
		}
		if same != h.last {
			fmt.Fprintln(w, " "+shownLine(a[at.a])+noEnd(a[at.a]))
			at = pair{at.a + 1, at.b + 1}
		}
	}
}

// extent gives the lines of a hunk as unified diffs count them.
func extent(first, last int) string {
	if first == last {
		return fmt.Sprintf("%d,0", first)
	}
	if last == first+1 {
		return fmt.Sprint(last)
	}
	return fmt.Sprintf("%d,%d", first+1, last-first)
}

// noEnd says that a line has no line end.
func noEnd(line string) string {
	if strings.HasSuffix(line, "\n") {
		return ""
	}
	return "\n\\ No newline at end of file"
}

// shownLine makes a line safe to show. Tabs and spaces stay.
func shownLine(line string) string {
	line = strings.TrimSuffix(line, "\n")
	text, cr := strings.CutSuffix(line, "\r")
	parts := strings.Split(string(veil([]byte(text), -1)), "\t")
	for i := range parts {
		parts[i] = sanitise(parts[i])
	}
	text = strings.Join(parts, "\t")
	if cr {
		text += "␍"
	}
	return text
}
