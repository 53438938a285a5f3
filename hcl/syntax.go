package hcl

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// syntaxHelp says what to do about what the parsers say, by their summary.
var syntaxHelp = map[string]string{
	"Argument or block definition required":           `write NAME = VALUE for an argument, or NAME "LABEL" { for a block`,
	"Invalid block definition":                        `write NAME = VALUE for an argument, or NAME "LABEL" { for a block`,
	"Invalid argument name":                           "names have letters, digits and underscores, and no quotes",
	"Invalid single-argument block definition":        "give each argument a line of its own, and the closing brace too",
	"Missing newline after argument":                  "give each argument a line of its own, and the closing brace too",
	"Missing newline after block definition":          "begin what follows the closing brace on a line of its own",
	"Unclosed configuration block":                    "write the } that is missing, of this block or of one in it",
	"Missing item separator":                          "write a comma between the elements of a list",
	"Missing argument separator":                      "write a comma between the arguments of a function",
	"Missing attribute separator":                     "write a comma between the entries, or give each a line of its own",
	"Unterminated tuple constructor expression":       "write the ] that is missing",
	"Unterminated object constructor expression":      "write the } that is missing",
	"Unterminated function call":                      "write the ) that is missing",
	"Unbalanced parentheses":                          "write the ) that is missing",
	"Unclosed template interpolation sequence":        "write the } that ends ${",
	"Extra characters after interpolation expression": "write the } that ends ${ behind the expression",
	"Unexpected comma after argument":                 "remove the comma: each argument has a line of its own",
	"Invalid 'for' expression":                        "write [for NAME in LIST : VALUE]",
	"Invalid expression":                              "write a value here, on the line of its name",
	"Trailing comma in object":                        "remove the comma",
	"Trailing comma in array":                         "remove the comma",
	"Invalid start of value":                          "begin a file of JSON with { and without comments; a text for a reader is a property \"//\"",
	"Missing property value colon":                    `write "name": value`,
	"Unclosed object":                                 "write the } that is missing",
}

// syntaxError reports what a parser says of a text.
func syntaxError(found *findings, text []byte, d *hclv2.Diagnostic) {
	at := subject(d)
	out := found.add(ruleSyntax, at, "%s", lowerFirst(d.Summary))
	out.Detail, out.Help = oneLine(d.Detail), syntaxHelp[d.Summary]
	if out.Help == "" && strings.HasPrefix(d.Summary, "Missing attribute sep") { // of JSON, which spells it otherwise
		out.Summary, out.Help = "a comma is missing before this", "write a comma between the properties"
	}
	switch d.Summary {
	case "Invalid multi-line string":
		out.Summary, out.Detail = "a text in quotes does not end on its line", ""
		out.Help = `write the closing " where the text ends`
	case "Invalid escape sequence", "Invalid string literal": // the text may quote the string
		out.Detail = "The string has an escape sequence or character that is not allowed; a backslash is written \\\\."
	case "Argument or block definition required":
		out.Detail = ""
		switch after := restOfLine(text, at.Start.Byte); {
		case strings.HasPrefix(after, "}"):
			out.Summary = "this brace closes nothing"
			out.Help = "remove it, or the one too many above it"
		case strings.HasPrefix(after, "--"), strings.HasPrefix(after, ";"):
			out.Summary, out.Help = "this begins neither an argument nor a comment", "begin comments with #"
		case colonArgument(after):
			out.Summary = "an argument is written with =, not with a colon"
		}
	case "Invalid character", "Invalid start of value":
		switch rest := restOfLine(text, at.Start.Byte); {
		case quoteLike(rest):
			out.Summary, out.Detail = "this is no straight quote", ""
			out.Help = `write " on both sides of the text`
		case strings.HasPrefix(rest, ";"):
			out.Summary, out.Detail = "a line ends without a semicolon", ""
			out.Help = "remove it: each argument has a line of its own"
		}
	}
}

// restOfLine gives a text from a place to the end of its line.
func restOfLine(text []byte, at int) string {
	if at < 0 || at > len(text) {
		return ""
	}
	line, _, _ := bytes.Cut(text[at:], []byte("\n"))
	return string(line)
}

// colonArgument reports whether a line is an argument as YAML and JSON write it.
func colonArgument(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	return ok && name != "" && unicode.IsLetter(rune(name[0])) && !strings.ContainsAny(name, "=\"{ ")
}

// quoteLike reports whether a text begins with what people and their programs
// write for a quote.
func quoteLike(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb'`", r)
}

// encodingHelp says what to do about a file that has what no text should have.
func encodingHelp(text []byte) string {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return "save the file as UTF-8: it is UTF-16"
	}
	return "remove the character, and save the file as UTF-8"
}

// conflict finds what git leaves in a file that it could not merge.
func conflict(text []byte) (at int, ok bool) {
	if !bytes.Contains(text, []byte("<<<<<<< ")) {
		return 0, false // of nearly all files, at no cost
	}
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("<<<<<<< ")) {
			rest := text[at:]
			return at, bytes.Contains(rest, []byte("\n=======")) && bytes.Contains(rest, []byte("\n>>>>>>>"))
		}
		at += len(line)
	}
	return 0, false
}

func conflictError(found *findings, at hclv2.Range) {
	d := found.add(ruleSyntax, at, "a merge conflict is left in the file")
	d.Detail = "from here to >>>>>>> both versions stand below each other"
	d.Help = "keep what is right of both, and remove the lines <<<<<<<, ======= and >>>>>>>"
}
