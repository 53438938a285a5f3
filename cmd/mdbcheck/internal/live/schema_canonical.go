package live

import (
	"regexp"
	"slices"
	"strings"
)

// MySQL and MariaDB, and versions of each, print one schema in different ways.
// What is here brings all of them to one form, so that only what differs is said
// to differ. A reader is the flavour of one server.

// rawColumn is a row of information_schema.columns.
type rawColumn struct {
	name, kind, collation, extra, generated string
	nullable                                bool
	standard                                *string
}

// displayWidth is the width of an integer, which changes nothing about it.
var displayWidth = regexp.MustCompile(`^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)`)

// canonicalType gives a column's type without the widths that some versions print.
// TINYINT(1) keeps its width, since drivers take it for a boolean, and so does
// ZEROFILL, where it can be seen.
func canonicalType(kind string) string {
	if kind == "tinyint(1)" || strings.Contains(kind, "zerofill") {
		return kind
	}
	return displayWidth.ReplaceAllString(kind, "$1")
}

// canonicalCollation gives a collation under its present name.
func canonicalCollation(name string) string {
	if rest, ok := strings.CutPrefix(name, "utf8_"); ok {
		return "utf8mb3_" + rest
	}
	return name
}

// canonical gives the column in the common form.
func (r rawColumn) canonical(mariadb bool) column {
	c := column{
		name: r.name, kind: canonicalType(r.kind), nullable: r.nullable,
		collation: canonicalCollation(r.collation), generated: canonicalExpression(r.generated),
	}
	extra := strings.ToLower(r.extra)
	computed := strings.Contains(extra, "default_generated")
	extra = strings.TrimSpace(strings.ReplaceAll(extra, "default_generated", ""))
	if _, when, ok := strings.Cut(extra, "on update "); ok {
		c.onUpdate = canonicalExpression(strings.Fields(when)[0])
	}
	c.autoIncrement = strings.Contains(extra, "auto_increment")
	c.invisible = strings.Contains(extra, "invisible")
	c.stored = c.generated != "" && (strings.Contains(extra, "stored") || strings.Contains(extra, "persistent"))
	if r.standard != nil && c.generated == "" {
		c.standard = canonicalDefault(*r.standard, c.kind, mariadb, computed)
	}
	return c
}

// numeric are the types whose literals stand without quotes.
var numeric = regexp.MustCompile(`^(tinyint|smallint|mediumint|int|bigint|decimal|float|double|year|bit)\b`)

// canonicalDefault gives a default as CREATE TABLE would have it; nothing for
// NULL, which a column that may be NULL has without saying so. MariaDB prints
// literals in quotes and expressions as they are; MySQL prints literals as they
// are, and says which are expressions.
func canonicalDefault(text, kind string, mariadb, computed bool) string {
	quoted := len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\''
	switch {
	case mariadb && strings.EqualFold(text, "NULL"):
		return ""
	case mariadb && quoted:
		text = unquoted(text)
	case mariadb && !isNumber(text), computed, !mariadb && isNow(text, kind):
		return canonicalExpression(text)
	}
	if numeric.MatchString(kind) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789+-.eE") == "" && strings.ContainsAny(text, "0123456789")
}

// isNow tells the one expression that old versions do not mark.
func isNow(text, kind string) bool {
	return strings.HasPrefix(strings.ToUpper(text), "CURRENT_TIMESTAMP") && (strings.HasPrefix(kind, "datetime") || strings.HasPrefix(kind, "timestamp"))
}

// escapes are how MariaDB prints what cannot stand in a literal.
var escapes = strings.NewReplacer(`''`, `'`, `\\`, `\`, `\'`, `'`, `\n`, "\n", `\r`, "\r", `\0`, "\x00", `\Z`, "\x1a")

func unquoted(text string) string { return escapes.Replace(text[1 : len(text)-1]) }

var (
	spaces     = regexp.MustCompile(`\s+`)
	introducer = regexp.MustCompile(`_(utf8mb4|utf8mb3|utf8|latin1|ascii|binary)$`)
	escaped    = regexp.MustCompile(`_(utf8mb4|utf8mb3|utf8|latin1|ascii|binary)\\'`) // as MySQL prints literals within expressions
	moment     = regexp.MustCompile(`\b(current_timestamp|now|localtime|localtimestamp)(\((\d?)\))?`)
)

// canonicalExpression gives an expression in lower case outside of quotes, without
// spaces that say nothing, the character sets of its literals, and parentheses
// around the whole.
func canonicalExpression(text string) string {
	if escaped.MatchString(text) {
		text = strings.ReplaceAll(text, `\'`, `'`)
	}
	var b strings.Builder
	list := tokens(text)
	for i, t := range list {
		switch {
		case t.quoted:
			b.WriteString(t.text)
		case i+1 < len(list):
			b.WriteString(introducer.ReplaceAllString(plain(t.text), ""))
		default:
			b.WriteString(plain(t.text))
		}
	}
	return unwrapped(strings.TrimSpace(b.String()))
}

// plain brings text outside of quotes to its common form.
func plain(text string) string {
	text = strings.ToLower(spaces.ReplaceAllString(text, " "))
	for _, sign := range []string{",", "(", ")", "+", "-", "*", "/", "<", ">", "="} {
		text = strings.ReplaceAll(strings.ReplaceAll(text, " "+sign, sign), sign+" ", sign)
	}
	return moment.ReplaceAllStringFunc(text, func(m string) string {
		if digits := strings.Trim(m[strings.IndexByte(m+"(", '('):], "()"); digits != "" && digits != "0" {
			return "current_timestamp(" + digits + ")"
		}
		return "current_timestamp"
	})
}

// A token is a stretch of an expression, inside or outside of quotes.
type token struct {
	text   string
	quoted bool
}

// tokens cuts an expression at its quotes, which stay with what they hold.
func tokens(text string) []token {
	var list []token
	start := 0
	for i := 0; i < len(text); i++ {
		q := text[i]
		if q != '\'' && q != '"' && q != '`' {
			continue
		}
		if i > start {
			list = append(list, token{text[start:i], false})
		}
		start = i
		i = endOfQuote(text, i)
		list = append(list, token{text[start:min(i+1, len(text))], true})
		start = i + 1
	}
	if start < len(text) {
		list = append(list, token{text[start:], false})
	}
	return list
}

// endOfQuote gives the place of the quote that ends what begins at i, or the end.
func endOfQuote(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && text[i] != '`':
			j++
		case text[j] == text[i] && j+1 < len(text) && text[j+1] == text[i]:
			j++
		case text[j] == text[i]:
			return j
		}
	}
	return len(text)
}

// unwrapped gives an expression without parentheses around all of it.
func unwrapped(text string) string {
	closing := parentheses(text)
	start, end := 0, len(text)
	for start < end {
		switch {
		case text[start] == ' ':
			start++
		case text[end-1] == ' ':
			end--
		case text[start] == '(' && closing[start] == end-1:
			start++
			end--
		default:
			return text[start:end]
		}
	}
	return ""
}

// parentheses gives the place of the one that closes, by the place of the one that
// opens.
func parentheses(text string) map[int]int {
	closing := make(map[int]int)
	var open []int
	at := 0
	for _, t := range tokens(text) {
		for i := 0; i < len(t.text) && !t.quoted; i++ {
			switch t.text[i] {
			case '(':
				open = append(open, at+i)
			case ')':
				if len(open) > 0 {
					closing[open[len(open)-1]] = at + i
					open = open[:len(open)-1]
				}
			}
		}
		at += len(t.text)
	}
	return closing
}

// upper writes SQL outside of quotes in upper case, as messages have it.
func upper(text string) string {
	var b strings.Builder
	for _, t := range tokens(text) {
		if t.quoted {
			b.WriteString(t.text)
		} else {
			b.WriteString(strings.ToUpper(t.text))
		}
	}
	return b.String()
}

// canonicalRule gives what a foreign key does. InnoDB does the same for both.
func canonicalRule(rule string) string {
	if rule == "NO ACTION" {
		return "RESTRICT"
	}
	return rule
}

// foldJSON makes a JSON column of what MariaDB keeps for one: a text with a check
// that it is JSON.
func (t *table) foldJSON() {
	t.checks = slices.DeleteFunc(t.checks, func(k check) bool {
		inner, ok := strings.CutPrefix(k.clause, "json_valid(`")
		if !ok {
			return false
		}
		c, ok := t.column(strings.TrimSuffix(inner, "`)"))
		if !ok || c.kind != "longtext" || c.collation != "utf8mb4_bin" {
			return false
		}
		c.kind, c.collation = "json", ""
		return true
	})
}

// loosened gives the table without what engines of different makers print
// differently for one schema: the names that they give to what has none, the
// parentheses of expressions, and the text of views.
func (t *table) loosened() table {
	out := *t
	out.columns, out.checks, out.foreign, out.keys = slices.Clone(t.columns), slices.Clone(t.checks), slices.Clone(t.foreign), slices.Clone(t.keys)
	for i := range out.columns {
		c := &out.columns[i]
		c.generated, c.standard = bare(c.generated), bare(c.standard)
	}
	for i := range out.checks {
		out.checks[i] = check{clause: bare(out.checks[i].clause)}
	}
	for i := range out.foreign {
		out.foreign[i].name = ""
	}
	for i := range out.keys {
		parts := slices.Clone(out.keys[i].parts)
		for j := range parts {
			parts[j].expression = bare(parts[j].expression)
		}
		out.keys[i].parts = parts
	}
	out.partitioning, out.definition = bare(out.partitioning), ""
	return out
}

// bare gives an expression without spaces and parentheses outside of quotes.
func bare(text string) string {
	var b strings.Builder
	for _, t := range tokens(text) {
		if !t.quoted {
			t.text = strings.NewReplacer(" ", "", "(", "", ")", "").Replace(t.text)
		}
		b.WriteString(t.text)
	}
	return b.String()
}
