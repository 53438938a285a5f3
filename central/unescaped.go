package central

import (
	"reflect"

	"github.com/mdbrouter/mdb/gdid"
)

// unescaped gives a copy of a key that may outlive the call, so that the caller's
// own need not be on the heap. What is no key of any type is given as the zero
// value of its type, which is refused as well.
func unescaped(k any) any {
	switch v := k.(type) {
	case nil:
		return nil
	case Encoded:
		return v
	case []byte:
		return v
	case int:
		return v
	case int64:
		return v
	case uint64:
		return v
	case gdid.GDID:
		return v
	case [16]byte:
		return v
	}
	return unescapedKind(reflect.ValueOf(k))
}

func unescapedKind(r reflect.Value) any {
	switch {
	case r.Kind() == reflect.String:
		return r.String()
	case r.CanInt():
		return r.Int()
	case r.CanUint():
		return r.Uint()
	case r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Uint8:
		slice := reflect.MakeSlice(r.Type(), r.Len(), r.Len())
		reflect.Copy(slice, r)
		return slice.Interface()
	case r.Kind() == reflect.Array && r.Type().Elem().Kind() == reflect.Uint8:
		array := reflect.New(r.Type()).Elem()
		reflect.Copy(array, r)
		return array.Interface()
	}
	return reflect.Zero(r.Type()).Interface()
}
