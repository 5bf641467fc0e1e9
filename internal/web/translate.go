package web

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"serai/internal/fault"
)

// wording turns a sentence of huma's validation into a code of ours. The sentences are read from huma itself, up to
// their first placeholder, so that a new wording over there cannot break the table silently.
type wording struct {
	prefix string
	code   string
	keep   bool   // the sentence holds only what the schema says, never what was sent
	detail string // instead of the sentence
}

func word(sentence, code string, keep bool, detail string) wording {
	prefix, _, _ := strings.Cut(sentence, "%")
	return wording{prefix, code, keep, detail}
}

const seeDocs = "this does not have the form that /api/docs describes"

var wordings = []wording{
	word(validation.MsgUnexpectedProperty, "web.unknown_field", false, "nobody knows this field; see /api/docs"),
	word(validation.MsgExpectedBoolean, "web.bad_kind", false, "true or false is expected"),
	word(validation.MsgExpectedNumberBeMultipleOf, "web.bad_number", true, ""),
	word(validation.MsgExpectedMinimumNumber, "web.too_low", true, ""),
	word(validation.MsgExpectedExclusiveMinimumNumber, "web.too_low", true, ""),
	word(validation.MsgExpectedMaximumNumber, "web.too_high", true, ""),
	word(validation.MsgExpectedExclusiveMaximumNumber, "web.too_high", true, ""),
	word(validation.MsgExpectedMinLength, "web.too_short", true, ""),
	word(validation.MsgExpectedMaxLength, "web.too_long", true, ""),
	word(validation.MsgExpectedMinItems, "web.too_few", true, ""),
	word(validation.MsgExpectedMaxItems, "web.too_much", true, ""),
	word(validation.MsgExpectedMinProperties, "web.too_few", true, ""),
	word(validation.MsgExpectedMaxProperties, "web.too_much", true, ""),
	word(validation.MsgExpectedArrayItemsUnique, "web.doubled_item", true, ""),
	word(validation.MsgExpectedOneOf, "web.not_listed", true, ""),
	word(validation.MsgExpectedRFC3339DateTime, "web.bad_form", false, "a time has the form 2026-03-31T09:30:00Z"),
	word(validation.MsgExpectedRFC3339Date, "fact.bad_day", false, "a day has the form 2026-03-31"),
	word(validation.MsgExpectedRFC3339Time, "web.bad_form", false, "a time of day has the form 09:30:00"),
	word(validation.MsgExpectedRFC4122UUID, "fact.bad_id", false, "an id has the form 01234567-89ab-7def-8123-456789abcdef"),
	word(validation.MsgExpectedMatchPattern, "web.bad_form", true, ""),
	word(validation.MsgExpectedDependentRequiredProperty, "web.missing", true, ""),
	{validation.MsgExpectedNumber, "web.bad_kind", false, "a number is expected"},
	{validation.MsgExpectedInteger, "web.bad_kind", false, "a whole number is expected"},
	{validation.MsgExpectedArray, "web.bad_kind", false, "a list is expected"},
	{validation.MsgExpectedObject, "web.bad_kind", false, "an object is expected"},
}

var (
	requiredBefore, requiredAfter, _ = strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	patternBefore, _, _              = strings.Cut(validation.MsgExpectedBePattern, "%s") // "expected string to be "
)

// translate makes a fault of ours out of an error of huma's validation, without the value that it echoes.
func translate(d *huma.ErrorDetail) error {
	field := dotted(d.Location)
	if name, ok := strings.CutPrefix(d.Message, requiredBefore); ok {
		if name, ok = strings.CutSuffix(name, requiredAfter); ok {
			if field != "" {
				field += "."
			}
			return fault.Field(field+name, "web.missing", "this is required")
		}
	}
	for _, w := range wordings {
		if !strings.HasPrefix(d.Message, w.prefix) {
			continue
		}
		if w.keep {
			return fault.Field(field, w.code, d.Message)
		}
		return fault.Field(field, w.code, w.detail)
	}
	switch {
	case d.Message == validation.MsgExpectedString:
		return fault.Field(field, "web.bad_kind", "a text is expected")
	case strings.HasPrefix(d.Message, patternBefore) && !strings.Contains(d.Message, "RFC"):
		return fault.Field(field, "web.bad_form", d.Message) // a pattern's own description
	}
	return fault.Field(field, "web.bad_form", seeDocs)
}

// dotted turns huma's services[2].quantity into services.2.quantity.
func dotted(path string) string {
	return strings.Trim(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
}
