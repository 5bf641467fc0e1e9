package web

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
)

// lists returns out with an empty list in place of every nil one, so that an answer says [] as its schema promises and
// no client meets null. Whatever has to change is copied: a handler may answer with something that it keeps.
func lists(out any) any {
	v := reflect.ValueOf(out)
	if !v.IsValid() || !holdsLists(v.Type()) {
		return out
	}
	if mended, changed := mend(v); changed {
		return mended.Interface()
	}
	return out
}

// mend returns v, or a changed copy of it.
func mend(v reflect.Value) (reflect.Value, bool) {
	t := v.Type()
	if !holdsLists(t) {
		return v, false
	}
	switch t.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			return reflect.MakeSlice(t, 0, 0), true
		}
		return mendItems(v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		inner, changed := mend(v.Elem())
		if !changed {
			return v, false
		}
		if t.Kind() == reflect.Interface {
			box := reflect.New(t).Elem()
			box.Set(inner)
			return box, true
		}
		p := reflect.New(t.Elem())
		p.Elem().Set(inner)
		return p, true
	case reflect.Map:
		return mendMap(v)
	case reflect.Struct:
		return mendStruct(v)
	}
	return v, false
}

func mendItems(v reflect.Value) (reflect.Value, bool) {
	if !holdsLists(v.Type().Elem()) {
		return v, false
	}
	out, changed := v, false
	for i := range v.Len() {
		item, mended := mend(v.Index(i))
		if !mended {
			continue
		}
		if !changed {
			out, changed = reflect.MakeSlice(v.Type(), v.Len(), v.Len()), true
			reflect.Copy(out, v)
		}
		out.Index(i).Set(item)
	}
	return out, changed
}

func mendMap(v reflect.Value) (reflect.Value, bool) {
	out, changed := v, false
	for it := v.MapRange(); it.Next(); {
		item, mended := mend(it.Value())
		if !mended {
			continue
		}
		if !changed {
			out, changed = reflect.MakeMapWithSize(v.Type(), v.Len()), true
			for all := v.MapRange(); all.Next(); {
				out.SetMapIndex(all.Key(), all.Value())
			}
		}
		out.SetMapIndex(it.Key(), item)
	}
	return out, changed
}

func mendStruct(v reflect.Value) (reflect.Value, bool) {
	t := v.Type()
	out, changed := v, false
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || !holdsLists(f.Type) {
			continue
		}
		field := v.Field(i)
		if f.Type.Kind() == reflect.Slice && field.IsNil() && strings.Contains(f.Tag.Get("json"), ",omit") {
			continue
		}
		item, mended := mend(field)
		if !mended {
			continue
		}
		if !changed {
			out, changed = reflect.New(t).Elem(), true
			out.Set(v)
		}
		out.Field(i).Set(item)
	}
	return out, changed
}

var (
	listHolders sync.Map // reflect.Type -> bool
	jsonType    = reflect.TypeFor[json.Marshaler]()
	textOutType = reflect.TypeFor[encoding.TextMarshaler]()
)

// holdsLists tells whether a nil list may be found within a type. Types that write themselves are left alone.
func holdsLists(t reflect.Type) bool {
	if known, ok := listHolders.Load(t); ok {
		return known.(bool)
	}
	holds := searchLists(t, map[reflect.Type]bool{})
	listHolders.Store(t, holds)
	return holds
}

func searchLists(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Implements(jsonType) || t.Implements(textOutType) {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Uint8
	case reflect.Pointer, reflect.Map:
		return searchLists(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && searchLists(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
