package live

import (
	"slices"
	"strings"
)

// grants are what a user may do, as SHOW GRANTS tells it.
type grants struct {
	given   []grant
	revoked []grant // MySQL takes rights on databases from those that hold them everywhere
	folds   bool    // names are compared in lower case
}

// A grant allows some rights on what a pattern names.
type grant struct {
	rights          []string
	database, table string // "*": all
}

// add adds one line. Lines about roles, proxies and routines are left out, as are
// rights on single columns.
func (g *grants) add(line string) {
	word, rest, _ := strings.Cut(line, " ")
	before, target, ok := cutOutside(rest, " ON ")
	if !ok {
		return
	}
	one := grant{rights: splitOutside(before, ',')}
	for _, end := range []string{" TO ", " FROM "} {
		if name, _, ok := cutOutside(target, end); ok {
			target = name
			break
		}
	}
	target = strings.TrimPrefix(target, "TABLE ")
	parts := splitOutside(target, '.')
	if len(parts) != 2 {
		return
	}
	one.database, one.table = plainName(parts[0]), plainName(parts[1])
	switch word {
	case "GRANT":
		g.given = append(g.given, one)
	case "REVOKE":
		g.revoked = append(g.revoked, one)
	}
}

// allow reports whether a right is held on a table, or on all of a database if
// the table is empty.
func (g *grants) allow(right, database, table string) bool {
	for i := range g.given {
		one := &g.given[i]
		if !one.has(right) || one.table != "*" && (table == "" || !g.equal(one.table, table)) {
			continue
		}
		switch {
		case one.database == "*":
			if !g.isRevoked(right, database) {
				return true
			}
		case one.table != "*":
			if g.equal(one.database, database) {
				return true
			}
		case g.matches(one.database, database):
			return true
		}
	}
	return false
}

func (g *grants) isRevoked(right, database string) bool {
	return slices.ContainsFunc(g.revoked, func(one grant) bool { return one.has(right) && g.equal(one.database, database) })
}

func (g *grants) equal(a, b string) bool {
	if g.folds {
		return strings.EqualFold(a, b)
	}
	return a == b
}

func (g *grants) matches(pattern, name string) bool {
	if g.folds {
		pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	}
	return like(pattern, name)
}

func (g *grant) has(right string) bool {
	return slices.ContainsFunc(g.rights, func(held string) bool {
		return strings.EqualFold(held, right) || strings.EqualFold(held, "ALL PRIVILEGES") || strings.EqualFold(held, "ALL")
	})
}

// like reports whether a name is what a pattern of a grant means: % is any text, _
// any character, and a backslash takes their meaning.
func like(pattern, name string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '%':
			for i := 0; i <= len(name); i++ {
				if like(pattern[1:], name[i:]) {
					return true
				}
			}
			return false
		case name == "":
			return false
		case pattern[0] == '\\' && len(pattern) > 1:
			if pattern[1] != name[0] {
				return false
			}
			pattern, name = pattern[2:], name[1:]
		case pattern[0] != '_' && pattern[0] != name[0]:
			return false
		default:
			pattern, name = pattern[1:], name[1:]
		}
	}
	return name == ""
}

// outside calls fn for each byte that is in neither quotes nor parentheses, until
// it gives false.
func outside(text string, fn func(i int) bool) {
	var quote byte
	depth := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '`' || c == '\'' || c == '"':
			quote = c
			continue
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth == 0 && !fn(i) {
			return
		}
	}
}

func cutOutside(text, separator string) (before, after string, ok bool) {
	at := -1
	outside(text, func(i int) bool {
		if strings.HasPrefix(text[i:], separator) {
			at = i
		}
		return at < 0
	})
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

func splitOutside(text string, separator byte) []string {
	var parts []string
	from := 0
	outside(text, func(i int) bool {
		if text[i] == separator {
			parts = append(parts, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
		return true
	})
	return append(parts, strings.TrimSpace(text[from:]))
}

// plainName gives a name without its quotes.
func plainName(name string) string {
	if len(name) > 1 && (name[0] == '`' || name[0] == '"' || name[0] == '\'') && name[len(name)-1] == name[0] {
		return strings.ReplaceAll(name[1:len(name)-1], name[:1]+name[:1], name[:1])
	}
	return name
}
