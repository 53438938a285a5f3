package main_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/width"

	mdbcheck "github.com/mdbrouter/mdb/cmd/mdbcheck"
	"github.com/mdbrouter/mdb/hcl"
)

// marked gives a source without its two § marks, and the range between them.
func marked(t *testing.T, text string) (string, hcl.Range) {
	t.Helper()
	require.Equal(t, 2, strings.Count(text, "§"))
	pos := func(at int) hcl.Pos {
		before := strings.ReplaceAll(text[:at], "§", "")
		line := before[strings.LastIndexByte(before, '\n')+1:]
		return hcl.Pos{Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(line) + 1, Byte: len(before)}
	}
	at := hcl.Range{Filename: "x.mdb.hcl", Start: pos(strings.Index(text, "§")), End: pos(strings.LastIndex(text, "§"))}
	return strings.ReplaceAll(text, "§", ""), at
}

func finding(at hcl.Range) hcl.Diagnostic {
	return hcl.Diagnostic{Rule: "MDB301", Slug: "bad-range-key", Severity: hcl.Error, Summary: "it is bad", Detail: "here", Range: at}
}

func TestHuman_frames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 30)
	tests := []struct {
		name, source string
		want         []string // the lines of the frame, from the arrow
	}{
		{
			"a line that opens what the mark is in", "area \"user\" {\n  start = §\"0:5\"§\n}\n",
			[]string{"  --> x.mdb.hcl:2:11", "  |", "1 | area \"user\" {", "2 |   start = \"0:5\"", "  |           ^^^^^ here"},
		},
		{
			"a line that opens nothing", "a = 1\n  b = §2§\n",
			[]string{"  --> x.mdb.hcl:2:7", "  |", "2 |   b = 2", "  |       ^ here"},
		},
		{
			"tabs", "{\n\ta\t= §\tb§\n",
			[]string{"  --> x.mdb.hcl:2:6", "  |", "1 | {", "2 |     a    =     b", "  |            ^^^^^ here"},
		},
		{
			"wide characters before and in the mark", "日本 = §\"例え\"§ # 語\n",
			[]string{"  --> x.mdb.hcl:1:6", "  |", "1 | 日本 = \"例え\" # 語", "  |        ^^^^^^ here"},
		},
		{
			"combining marks", "e\u0301a\u0323\u0301 = §u\u0308§\n",
			[]string{"  --> x.mdb.hcl:1:9", "  |", "1 | e\u0301a\u0323\u0301 = u\u0308", "  |      ^ here"},
		},
		{
			"an emoji of several characters", "👩‍👩‍👧👋🏽 = §1§\n",
			[]string{"  --> x.mdb.hcl:1:11", "  |", "1 | 👩‍👩‍👧👋🏽 = 1", "  |        ^ here"},
		},
		{
			"escape sequences", "a\x1b[31m = §\"\x07\x7f\u009b\"§\n",
			[]string{"  --> x.mdb.hcl:1:10", "  |", "1 | a␛[31m = \"␇␡<U+009B>\"", "  |          ^^^^^^^^^^^^ here"},
		},
		{
			"text that runs backwards", "a = §\"\u202e\"§ \u2028\n",
			[]string{"  --> x.mdb.hcl:1:5", "  |", "1 | a = \"<U+202E>\" <U+2028>", "  |     ^^^^^^^^^^ here"},
		},
		{
			"bytes that are no text", "a\xff = §\xfe§\n",
			[]string{"  --> x.mdb.hcl:1:6", "  |", "1 | a\ufffd = \ufffd", "  |      ^ here"},
		},
		{
			"an empty mark at the end of a line", "server \"u1\" {§§\r\n}\r\n",
			[]string{"  --> x.mdb.hcl:1:14", "  |", "1 | server \"u1\" {", "  |              ^ here"},
		},
		{
			"an empty mark on an empty line", "\n§§\n",
			[]string{"  --> x.mdb.hcl:2:1", "  |", "2 |", "  | ^ here"},
		},
		{
			"the end of a file without a newline", "a§§",
			[]string{"  --> x.mdb.hcl:1:2", "  |", "1 | a", "  |  ^ here"},
		},
		{
			"a mark over several lines", "a = §[\n  1,\n]§\n",
			[]string{"  --> x.mdb.hcl:1:5", "  |", "1 | a = [", "  |     ^ here"},
		},
		{
			"two digits", strings.Repeat("\n", 9) + "{\n  §a§\n",
			[]string{"  --> x.mdb.hcl:11:3", "   |", "10 | {", "11 |   a", "   |   ^ here"},
		},
		{
			"four digits", strings.Repeat("\n", 998) + "{\n  §a§\n",
			[]string{"    --> x.mdb.hcl:1000:3", "     |", " 999 | {", "1000 |   a", "     |   ^ here"},
		},
		{
			"the start of a long line", "§ab§" + long,
			[]string{"  --> x.mdb.hcl:1:1", "  |", "1 | ab" + long[:118] + "...", "  | ^^ here"},
		},
		{
			"the middle of a long line", long + "§ab§" + long,
			[]string{
				"  --> x.mdb.hcl:1:301", "  |", "1 | ..." + long[:30] + "ab" + long[:88] + "...",
				"  | " + strings.Repeat(" ", 33) + "^^ here",
			},
		},
		{
			"a long mark", long + "§" + long + "§",
			[]string{
				"  --> x.mdb.hcl:1:301", "  |", "1 | ..." + long[:120] + "...",
				"  | " + strings.Repeat(" ", 33) + strings.Repeat("^", 90) + " here",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			source, at := marked(t, tt.source)
			got := strings.Split(strings.TrimRight(mdbcheck.Human(hcl.Diagnostics{finding(at)}, source, false), "\n"), "\n")
			require.Equal(t, "error[MDB301] bad-range-key: it is bad", got[0])
			require.Equal(t, tt.want, got[1:])
		})
	}
}

func TestHuman_findings(t *testing.T) {
	t.Parallel()
	source, at := marked(t, "shards = [§server.u33§]\n")
	elsewhere := hcl.Range{Filename: "a.mdb.hcl", Start: hcl.Pos{Line: 19, Column: 1, Byte: 400}}
	tests := []struct {
		name   string
		change func(d *hcl.Diagnostic)
		want   string
	}{
		{"help", func(d *hcl.Diagnostic) { d.Help = "set it\nor not\n" }, `
error[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl:1:11
  |
1 | shards = [server.u33]
  |           ^^^^^^^^^^ here
  |
  = help: set it
          or not
`},
		{"another place, and no detail", func(d *hcl.Diagnostic) {
			d.Detail, d.Severity = "", hcl.Warning
			d.Related = []hcl.Related{{Message: "declared here", Range: elsewhere}, {Message: "and nowhere"}}
		}, `
warning[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl:1:11
  |
1 | shards = [server.u33]
  |           ^^^^^^^^^^
  |
  ::: a.mdb.hcl:19:1  declared here
  ::: and nowhere
`},
		{"a long detail", func(d *hcl.Diagnostic) { d.Detail, d.Severity = "one\ntwo", hcl.Notice }, `
notice[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl:1:11
  |
1 | shards = [server.u33]
  |           ^^^^^^^^^^
  |
  = note: one
          two
`},
		{"a detail too long to stand beside the caret", func(d *hcl.Diagnostic) { d.Detail = strings.Repeat("twelve chars ", 12) }, `
error[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl:1:11
  |
1 | shards = [server.u33]
  |           ^^^^^^^^^^
  |
  = note: twelve chars twelve chars twelve chars twelve chars twelve chars twelve chars twelve chars twelve
          chars twelve chars twelve chars twelve chars twelve chars
`},
		{"a whole file", func(d *hcl.Diagnostic) { d.Range, d.Help = hcl.Range{Filename: "x.mdb.hcl"}, "mend it" }, `
error[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl
  = note: here
  = help: mend it
`},
		{"a file that was not read", func(d *hcl.Diagnostic) { d.Range.Filename = "unread" }, `
error[MDB301] bad-range-key: it is bad
  --> unread:1:11
  = note: here
`},
		{"a place past the end", func(d *hcl.Diagnostic) { d.Range.Start.Byte = 4000 }, `
error[MDB301] bad-range-key: it is bad
  --> x.mdb.hcl:1:11
  = note: here
`},
		{"no file at all", func(d *hcl.Diagnostic) { d.Range, d.Detail = hcl.Range{}, "" }, `
error[MDB301] bad-range-key: it is bad
`},
		{"hostile text", func(d *hcl.Diagnostic) {
			d.Range, d.Summary, d.Detail, d.Help = hcl.Range{Filename: "a\x1b[2J\nb"}, "x\x1b]0;\ny", "\u202ez", "\x9b"
		}, "\nerror[MDB301] bad-range-key: x␛]0; y\n  --> a␛[2J b\n  = note: <U+202E>z\n  = help: \ufffd\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := finding(at)
			tt.change(&d)
			require.Equal(t, tt.want[1:]+"\n", mdbcheck.Human(hcl.Diagnostics{d}, source, false))
		})
	}
}

func TestHuman_colour(t *testing.T) {
	t.Parallel()
	source, at := marked(t, "a = §1§\n")
	got := mdbcheck.Human(hcl.Diagnostics{finding(at)}, source, true)
	require.Equal(t, "\x1b[1;31merror[MDB301]\x1b[0m \x1b[1mbad-range-key: it is bad\x1b[0m\n"+
		"  \x1b[1;34m-->\x1b[0m x.mdb.hcl:1:5\n"+
		"  \x1b[1;34m|\x1b[0m\n"+
		"\x1b[1;34m1 |\x1b[0m a = 1\n"+
		"  \x1b[1;34m|\x1b[0m     \x1b[1;31m^ here\x1b[0m\n\n", got)
}

// Whatever a file or a message holds, only printable characters and line ends
// reach the terminal.
func FuzzHuman(f *testing.F) {
	f.Add("area \"user\" {\n\tstart = \"\x1b[31m\"\n}", "a\x1b[2J", 15, 20)
	f.Add("日本\u0301\r\n👩‍👩‍👧 \u202e\xff", "\u2028\x00", 0, 9)
	f.Fuzz(func(t *testing.T, source, text string, start, end int) {
		at := hcl.Range{Filename: text, Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 1, Column: 1}}
		at.Start.Byte, at.End.Byte = max(0, start), max(0, end)
		d := hcl.Diagnostic{Rule: "MDB301", Slug: "x", Severity: hcl.Error, Summary: text, Detail: text, Help: text, Range: at}
		d.Related = []hcl.Related{{Message: text, Range: at}}
		out := mdbcheck.Human(hcl.Diagnostics{d}, source, false)
		require.True(t, utf8.ValidString(out))
		for _, r := range out {
			require.False(t, r != '\n' && unicode.IsControl(r), "%U in %q", r, out)
			require.False(t, r != '\u200d' && r != '\u200c' && unicode.Is(unicode.Cf, r), "%U in %q", r, out)
		}
		text = mdbcheck.JSON(hcl.Diagnostics{d})
		require.True(t, json.Valid([]byte(text)))
		for _, r := range strings.TrimSuffix(text, "\n") {
			require.False(t, unicode.IsControl(r), "%U in %q", r, text)
		}
	})
}

func TestJSON_escapesWhatTerminalsObey(t *testing.T) {
	t.Parallel()
	d := finding(hcl.Range{})
	d.Summary = "<\x1b\u009b\u202e\U000e0001\u2028&>日本"
	text := mdbcheck.JSON(hcl.Diagnostics{d})
	require.Contains(t, text, `<\u001b\u009b\u202e\udb40\udc01\u2028&>日本`)
	var back struct {
		Diagnostics []struct {
			Summary string
			Range   *hcl.Range
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &back))
	require.Equal(t, d.Summary, back.Diagnostics[0].Summary)
	require.Nil(t, back.Diagnostics[0].Range)
}

func TestIsWide(t *testing.T) {
	t.Parallel()
	for r := range rune(unicode.MaxRune) {
		if unicode.Is(unicode.Cn, r) {
			continue
		}
		kind := width.LookupRune(r).Kind()
		require.Equal(t, kind == width.EastAsianWide || kind == width.EastAsianFullwidth, mdbcheck.IsWide(r), "%U", r)
	}
}
