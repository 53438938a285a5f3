package hcl

import (
	"strconv"
	"strings"

	hclv2 "github.com/hashicorp/hcl/v2"
)

// Version is the version of the grammar and of this module: the one that programs
// give as [Options].Version, and required_version of a configuration sees.
const Version = "0.1.0"

// version is major, minor, patch.
type version [3]int

// parseVersion reads 1, 1.2 or 1.2.3, with a v before it and a suffix like -rc1
// behind it. It gives how many parts are written.
func parseVersion(s string) (v version, parts int, ok bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	s, _, _ = strings.Cut(s, "+")
	s, _, _ = strings.Cut(s, "-")
	fields := strings.Split(s, ".")
	if len(fields) > len(v) {
		return v, 0, false
	}
	for i, f := range fields {
		n, err := strconv.ParseUint(f, 10, 31)
		if err != nil {
			return v, 0, false
		}
		v[i] = int(n)
	}
	return v, len(fields), true
}

func (v version) compare(w version) int {
	for i := range v {
		if v[i] != w[i] {
			return v[i] - w[i]
		}
	}
	return 0
}

// admits reports whether a list of conditions like ">= 0.1, < 2" holds for v.
func admits(conditions string, v version) (holds, ok bool) {
	holds = true
	for condition := range strings.SplitSeq(conditions, ",") {
		condition = strings.TrimSpace(condition)
		operator := condition[:len(condition)-len(strings.TrimLeft(condition, "<>=~!"))]
		w, parts, ok := parseVersion(condition[len(operator):])
		if !ok {
			return false, false
		}
		switch order := v.compare(w); operator {
		case "", "=":
			holds = holds && order == 0
		case "!=":
			holds = holds && order != 0
		case ">":
			holds = holds && order > 0
		case ">=":
			holds = holds && order >= 0
		case "<":
			holds = holds && order < 0
		case "<=":
			holds = holds && order <= 0
		case "~>": // the last part written may grow
			holds = holds && order >= 0
			for i := range parts - 1 {
				holds = holds && v[i] == w[i]
			}
		default:
			return false, false
		}
	}
	return holds, true
}

// supported looks for required_version in files, before anything else is made of
// them: a grammar to come would drown its own message. It reports false when the
// files need another version.
func supported(files []*file, current string, found *findings) bool {
	now, _, ok := parseVersion(current)
	if !ok {
		return true
	}
	all := true
	for _, f := range files {
		if f.body == nil {
			continue
		}
		for _, x := range requiredVersions(f.body) {
			text, isText := literal(syntax(x, false, &findings{}))
			if !isText {
				continue // decoding reports it
			}
			if holds, ok := admits(text, now); ok && !holds {
				d := found.add(ruleVersion, x.Range(), "required_version %s does not admit %s", quote(text), current)
				d.Address = "mdb"
				d.Help = "use another version of mdb, or change required_version"
				all = false
			}
		}
	}
	return all
}

// requiredVersions gives the arguments required_version of a file.
func requiredVersions(body hclv2.Body) []hclv2.Expression {
	content, _, _ := body.PartialContent(&hclv2.BodySchema{Blocks: []hclv2.BlockHeaderSchema{{Type: "mdb"}}})
	var all []hclv2.Expression
	for _, b := range content.Blocks {
		inner, _, _ := b.Body.PartialContent(&hclv2.BodySchema{Attributes: []hclv2.AttributeSchema{{Name: "required_version"}}})
		if attr := inner.Attributes["required_version"]; attr != nil {
			all = append(all, attr.Expr)
		}
	}
	return all
}

// checkConditions reports a required_version that cannot be read.
func (c *compiler) checkConditions(n *node) {
	v := n.arg("required_version")
	if v.state != known {
		return
	}
	if _, ok := literal(v.expr); !ok {
		c.wrong(v.at, n, "required_version must be a plain string: it is read before anything is evaluated")
		return
	}
	if _, ok := admits(n.text("required_version"), version{}); !ok {
		c.wrong(v.at, n, "required_version %s is no list of conditions", quote(n.text("required_version"))).
			Help = `for example ">= 0.1, < 2" or "~> 1.2"`
	}
}
