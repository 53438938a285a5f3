package hcl

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ruleInFile is one rule in one file.
type ruleInFile struct {
	file string
	rule rule
}

// cover gives, for each finding, the innermost comment that covers it, or nil.
// Every comment that covers one is of use.
func (l *linter) cover(found []*Diagnostic) []*ignore {
	out := make([]*ignore, len(found))
	comments := map[ruleInFile][]*ignoredRule{}
	for _, i := range l.comments {
		for j := range i.rules {
			i.rules[j].in = i
			for _, r := range i.rules[j].rules {
				key := ruleInFile{i.at.Filename, r}
				if i.ended == "" {
					comments[key] = append(comments[key], &i.rules[j])
				}
			}
		}
	}
	findings := map[ruleInFile][]int{}
	for i, d := range found {
		if key := (ruleInFile{d.Range.Filename, l.slugs[d.Slug]}); len(comments[key]) > 0 {
			findings[key] = append(findings[key], i)
		}
	}
	for key, list := range findings {
		slices.SortStableFunc(list, func(a, b int) int { return found[a].Range.Start.Byte - found[b].Range.Start.Byte })
		slices.SortStableFunc(comments[key], func(a, b *ignoredRule) int {
			return cmp.Or(a.in.covers.start-b.in.covers.start, b.in.covers.end-a.in.covers.end)
		})
		sweepComments(found, list, comments[key], out)
	}
	return out
}

// sweepComments goes through findings and the comments about them in the order of where
// they begin.
func sweepComments(found []*Diagnostic, list []int, comments []*ignoredRule, out []*ignore) {
	var open []*ignoredRule // those that have begun, the last one innermost
	idle := 0               // of open: those before have been of use, or have ended
	next := 0
	for _, i := range list {
		at := found[i].Range.Start.Byte
		for next < len(comments) && comments[next].in.covers.start <= at {
			open = append(open, comments[next])
			next++
		}
		for len(open) > 0 && open[len(open)-1].in.covers.end <= at {
			open = open[:len(open)-1]
		}
		idle = min(idle, len(open))
		for ; idle < len(open); idle++ {
			open[idle].used = open[idle].used || at < open[idle].in.covers.end
		}
		if len(open) > 0 {
			out[i] = open[len(open)-1].in
		}
	}
}

// left reports whether a finding is where a comment covers, about a rule that it
// names.
func (l *linter) left(i *ignore) bool {
	if l.starts == nil {
		l.starts = map[ruleInFile][]int{}
		for _, d := range l.found.list {
			key := ruleInFile{d.Range.Filename, l.slugs[d.Slug]}
			l.starts[key] = append(l.starts[key], d.Range.Start.Byte)
		}
		for _, list := range l.starts {
			slices.Sort(list)
		}
	}
	for _, named := range i.rules {
		for _, r := range named.rules {
			list := l.starts[ruleInFile{i.at.Filename, r}]
			if at, _ := slices.BinarySearch(list, i.covers.start); at < len(list) && list[at] < i.covers.end {
				return true
			}
		}
	}
	return false
}

// codeLines knows what stands on the lines of a file.
type codeLines struct {
	spans map[int]span // of the tokens that begin on a line, and of what begins there
	next  []int        // by token: the line of the next that is code, or 0
	last  []int        // by token: the line on which the code before it ends, or 0
}

func isCode(t *hclsyntax.Token) bool {
	return t.Type != hclsyntax.TokenComment && t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenEOF
}

func codeLinesOf(tokens hclsyntax.Tokens, body *hclsyntax.Body) *codeLines {
	c := &codeLines{spans: map[int]span{}, next: make([]int, len(tokens)), last: make([]int, len(tokens))}
	line := 0
	for k := range tokens {
		c.last[k] = line
		if t := &tokens[k]; isCode(t) {
			line = t.Range.End.Line
			s, ok := c.spans[t.Range.Start.Line]
			if !ok {
				s.start = t.Range.Start.Byte
			}
			c.spans[t.Range.Start.Line] = span{s.start, t.Range.End.Byte}
		}
	}
	line = 0
	for k := range slices.Backward(tokens) {
		c.next[k] = line
		if isCode(&tokens[k]) {
			line = tokens[k].Range.Start.Line
		}
	}
	if body != nil {
		c.extend(body)
	}
	return c
}

// extend makes the span of a line reach to the end of what begins there.
func (c *codeLines) extend(body *hclsyntax.Body) {
	reach := func(line, end int) {
		s := c.spans[line]
		c.spans[line] = span{s.start, max(s.end, end)}
	}
	for _, a := range body.Attributes {
		reach(a.SrcRange.Start.Line, a.SrcRange.End.Byte)
	}
	for _, b := range body.Blocks {
		reach(b.TypeRange.Start.Line, max(b.Range().End.Byte, b.CloseBraceRange.End.Byte))
		c.extend(b.Body)
	}
}

// coverage gives what a comment covers: its line, or the next one with code if it
// stands alone, and the whole of each argument and block that begins there.
func (c *codeLines) coverage(tokens hclsyntax.Tokens, k int) span {
	line := tokens[k].Range.Start.Line
	if c.last[k] != line {
		line = c.next[k]
	}
	if s, ok := c.spans[line]; ok {
		return s
	}
	return span{-1, -1}
}
