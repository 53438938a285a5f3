package hcl

import (
	"fmt"
	"reflect"

	"github.com/zclconf/go-cty/cty"
)

// reference is the value of server.u1 and its like: a name and nothing more.
// Nothing can be read through it, so only locals can form a cycle.
type reference struct {
	kind     string // a block type of the grammar: "server", "area", ...
	name     string
	database string // of database(server.u1, "name"); then kind is "database"
}

// String gives the reference as it is written.
func (r *reference) String() string {
	if r.kind == "database" {
		return fmt.Sprintf("database(server.%s, ...)", r.name)
	}
	return r.kind + "." + r.name
}

// referenceType is the type of all references, so that lists may mix servers and
// databases.
var referenceType = cty.CapsuleWithOps("reference", reflect.TypeFor[reference](), &cty.CapsuleOps{
	GoString:     func(v any) string { return v.(*reference).String() },
	TypeGoString: func(reflect.Type) string { return "reference" },
	Equals: func(a, b any) cty.Value {
		return cty.BoolVal(*a.(*reference) == *b.(*reference))
	},
	RawEquals: func(a, b any) bool { return *a.(*reference) == *b.(*reference) },
	HashKey:   func(v any) string { r := v.(*reference); return r.kind + "." + r.name + "." + r.database },
})

func referenceValue(r *reference) cty.Value { return cty.CapsuleVal(referenceType, r) }

// referenceOf gives the reference that a known value is.
func referenceOf(v cty.Value) (*reference, bool) {
	if v.IsNull() || !v.Type().Equals(referenceType) {
		return nil, false
	}
	r, ok := v.EncapsulatedValue().(*reference)
	return r, ok
}

// typeName gives the type of a value in the words of the messages.
func typeName(v cty.Value) string {
	v, _ = v.Unmark()
	if v.IsNull() {
		return "null"
	}
	t := v.Type()
	switch {
	case t.Equals(referenceType) && v.IsKnown():
		if r, ok := referenceOf(v); ok {
			return "a reference to " + article(r.kind)
		}
		return "a reference"
	case t == cty.String:
		return "string"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "list"
	case t.IsObjectType() || t.IsMapType():
		return "object"
	default:
		return t.FriendlyName()
	}
}
