package hcl

import (
	"slices"

	hclv2 "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// state says what came of an argument.
type state uint8

const (
	absent state = iota // not written, or null
	known
	unknown // hangs on something that is not set
	broken  // reported
)

// value is an argument as decoded: what it is and where it stands.
type value struct {
	state   state
	v       any         // by the kind of the argument, when known
	at      hclv2.Range // the value
	name    hclv2.Range // the argument's name
	missing string      // what is not set, when unknown
	secret  bool        // must not be shown
	outside bool        // does not stand in the files
	expr    hclsyntax.Expression
}

// arg gives an argument of a block.
func (n *node) arg(name string) *value {
	i, ok := n.spec.argument(name)
	if !ok {
		panic("hcl: the grammar has no argument " + n.spec.name + "." + name)
	}
	return &n.values[i]
}

// valueOf gives the value of a known argument, or the zero value of its type.
func valueOf[T any](n *node, name string) T {
	v, _ := n.arg(name).v.(T)
	return v
}

// text, whole and flag give known arguments, or zero values.
func (n *node) text(name string) string { return valueOf[string](n, name) }
func (n *node) whole(name string) int   { return valueOf[int](n, name) }

// written reports whether an argument is there, right or wrong, or misspelt.
func (n *node) written(name string) bool {
	return n.arg(name).state != absent || slices.Contains(n.meant, name)
}

// set records a known value.
func (v *value) set(x any) { v.state, v.v = known, x }

// take records what the marks of an evaluated value say, and gives the value
// without them. It reports whether there is a value to go on with.
func (v *value) take(raw cty.Value) (cty.Value, bool) {
	plain, c := unmark(raw)
	v.secret, v.outside = c.secret, c.outside
	switch {
	case c.broken:
		v.state = broken
	case !plain.IsWhollyKnown():
		v.state, v.missing = unknown, c.missing()
	case plain.IsNull():
		v.state = absent
	default:
		return plain, true
	}
	return plain, false
}

// shown gives a value for a message, in quotes, unless it must not be shown.
func (v *value) shown(text string) string {
	if v.secret {
		return "(sensitive)"
	}
	return quote(text)
}
