package live

import (
	"regexp"
	"strings"
)

// A veil hides the names that come from the environment or sensitive variables in
// what is said. The zero value hides nothing.
type veil struct{ names *regexp.Regexp }

// hidden stands for a name that must not be shown.
const hidden = "(sensitive)"

// newVeil makes a veil for names, longer ones first.
func newVeil(names []string) veil {
	if len(names) == 0 {
		return veil{}
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = regexp.QuoteMeta(name)
	}
	return veil{regexp.MustCompile(`(?i)(^|[^\pL\pN_])(` + strings.Join(quoted, "|") + `)($|[^\pL\pN_])`)}
}

// over gives a text without the names. What stands between two of them belongs to
// the first, so the second is hidden by another pass.
func (v veil) over(text string) string {
	if v.names == nil {
		return text
	}
	for range 2 {
		text = v.names.ReplaceAllString(text, "${1}"+hidden+"${3}")
	}
	return text
}
