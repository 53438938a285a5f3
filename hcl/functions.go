package hcl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/mdbrouter/mdb/gdid"
)

// functions gives the functions of expressions. All but env and file depend on
// their arguments alone, or two versions of a configuration could not be
// compared.
func functions(env func(string) (string, bool), files *sources, b *budget) map[string]function.Function {
	all := map[string]function.Function{
		// Numbers.
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc, "signum": stdlib.SignumFunc,
		// Strings.
		"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc,
		"join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc,
		"replace": replaceFunction(), "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		// Collections.
		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc,
		"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "keys": stdlib.KeysFunc, "length": lengthFunction(),
		"lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc, "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc,
		"setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		// Conversions.
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
	}
	for name, f := range all {
		all[name] = b.function(name, f)
	}
	all["database"] = databaseFunction()
	all["gdid"] = gdidFunction()
	all["env"] = envFunction(env)
	all["file"] = fileFunction(files)
	return all
}

// databaseFunction names a database on a server.
func databaseFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "server", Type: referenceType}, {Name: "name", Type: cty.String}},
		Type:   function.StaticReturnType(referenceType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			r, ok := referenceOf(args[0])
			if !ok || r.kind != "server" {
				return cty.UnknownVal(referenceType), function.NewArgErrorf(0, "a server is needed, as in database(server.u1, \"name\")")
			}
			return referenceValue(&reference{kind: "database", name: r.name, database: args[1].AsString()}), nil
		},
	})
}

// gdidFunction writes a range key of two numbers.
func gdidFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "era", Type: cty.Number}, {Name: "counter", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			era, exactEra := args[0].AsBigFloat().Uint64()
			counter, exactCounter := args[1].AsBigFloat().Uint64()
			switch {
			case exactEra != 0 || era > 1<<32-1:
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "the era is a whole number of at most 32 bits")
			case exactCounter != 0 || counter > gdid.MaxCounter:
				return cty.UnknownVal(cty.String), function.NewArgErrorf(1, "the counter is a whole number of at most 60 bits")
			}
			return cty.StringVal(gdid.RangeKey{Era: uint32(era), Counter: counter}.String()), nil
		},
	})
}

// envFunction reads the environment. What it gives is never shown.
func envFunction(env func(string) (string, bool)) function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowMarked: true, AllowUnknown: true, AllowNull: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			if len(args) > 2 {
				return cty.String, function.NewArgErrorf(2, "env takes a name and at most one default")
			}
			return cty.String, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			value, ok := env(name)
			switch {
			case ok && !utf8.ValidString(value):
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "the variable is no valid UTF-8")
			case ok:
				return cty.StringVal(value).Mark(markSecret).Mark(markOutside), nil
			case len(args) == 2:
				return args[1].Mark(markSecret), nil
			default:
				return cty.UnknownVal(cty.String).Mark(markSecret).Mark(unset(fmt.Sprintf("env(%s)", quote(name)))), nil
			}
		},
	})
}

// fileFunction reads a file beside the configuration. What it gives is never
// shown.
func fileFunction(files *sources) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			text, err := files.read(files.beside(name), maxValue)
			switch {
			case errors.Is(err, errTooLarge):
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "it is larger than %d MiB", maxValue>>20)
			case err != nil:
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "%s", systemCause(err))
			case !utf8.Valid(text):
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "it is no valid UTF-8")
			}
			return cty.StringVal(string(text)).Mark(markSecret).Mark(markOutside), nil
		},
	})
}

// lengthFunction counts the elements of a collection, or what a reader sees as
// the characters of a string.
func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true, AllowMarked: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			t := args[0].Type()
			if t == cty.String || t == cty.DynamicPseudoType || t.IsCollectionType() || t.IsTupleType() || t.IsObjectType() {
				return cty.Number, nil
			}
			return cty.Number, function.NewArgErrorf(0, "a string, a list or a map is needed")
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := args[0]
			switch t := v.Type(); {
			case t == cty.String:
				return stdlib.Strlen(v)
			case t.IsObjectType(): // one has no length; its attributes have
				_, marks := v.Unmark()
				return cty.NumberIntVal(int64(len(t.AttributeTypes()))).WithMarks(marks), nil
			}
			return v.Length(), nil
		},
	})
}

// replaceFunction replaces a substring, or a regular expression between slashes.
func replaceFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "substr", Type: cty.String}, {Name: "replace", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			pattern := args[1].AsString()
			if len(pattern) > 1 && strings.HasPrefix(pattern, "/") && strings.HasSuffix(pattern, "/") {
				return stdlib.RegexReplace(args[0], cty.StringVal(pattern[1:len(pattern)-1]), args[2])
			}
			return stdlib.Replace(args[0], args[1], args[2])
		},
	})
}
