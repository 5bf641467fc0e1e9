package web

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"serai/internal/fact"
)

func init() {
	// "Name" is not "name": encoding/json would let the later of the two win.
	huma.ValidateStrictCasing = true
	// A list is never null: in requests null would pass by minItems, and answers are mended by lists.
	huma.DefaultArrayNullable = false
}

const schemaPrefix = "#/components/schemas/"

// newSchemas makes a registry that names a type by its package and itself ("NetworkPoint"), since areas do not agree
// on names, and a type without a name by where it stands first. Where two types would still share a name, the later
// one gets a number.
func newSchemas() huma.Registry {
	names := map[reflect.Type]string{}
	taken := map[string]bool{}
	return huma.NewMapRegistry(schemaPrefix, func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name, known := names[t]
		if known || t.Kind() != reflect.Struct {
			return name
		}
		base := schemaName(t, hint)
		name = base
		for n := 2; taken[name]; n++ {
			name = base + strconv.Itoa(n)
		}
		names[t], taken[name] = name, true
		return name
	})
}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if t.Name() == "" || t.PkgPath() == "" {
		return name
	}
	return capital(t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]) + name
}

func capital(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// bodyName names a body whose type has no name, by its route: "PostApiPointsPointLogBody".
func bodyName(op *operation) string {
	var b strings.Builder
	b.WriteString(capital(strings.ToLower(op.method)))
	for _, part := range strings.FieldsFunc(op.path, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		b.WriteString(capital(part))
	}
	return b.String() + "Body"
}

// The text forms of facts as JSON Schema sees them. fact itself knows nothing of huma.
type (
	idText    struct{}
	dayText   struct{}
	pointText struct{}
)

// Schema implements huma.SchemaProvider.
func (idText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "uuid"}
}

// Schema implements huma.SchemaProvider.
func (dayText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-03-31"}}
}

// Schema implements huma.SchemaProvider.
func (pointText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "the id or the code of a point", Examples: []any{"NE-AGZ"}}
}

var (
	factPackage = reflect.TypeFor[fact.Day]().PkgPath()
	aliases     = map[string]reflect.Type{
		"Day":      reflect.TypeFor[dayText](),
		"PointRef": reflect.TypeFor[pointText](),
	}
)

// registerTexts tells the registry about every type of package fact within t. Ids are generic, and an area may have
// kinds of its own, hence they are found where they are used and not listed.
func registerTexts(schemas huma.Registry, t reflect.Type) {
	walkTexts(schemas, t, map[reflect.Type]bool{})
}

func walkTexts(schemas huma.Registry, t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	if t.PkgPath() == factPackage {
		if alias, ok := aliases[t.Name()]; ok {
			schemas.RegisterTypeAlias(t, alias)
			return
		}
		if strings.HasPrefix(t.Name(), "ID[") {
			schemas.RegisterTypeAlias(t, reflect.TypeFor[idText]())
			return
		}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		walkTexts(schemas, t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() || f.Anonymous {
				walkTexts(schemas, f.Type, seen)
			}
		}
	}
}
