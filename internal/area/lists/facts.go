package lists

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/journal"
)

// Edited says that a row of a list was changed, or a local service made.
var Edited = fact.Define[EditedOpen, struct{}]("lists.edited", 1, 201)

// EditedOpen names the row by its list and code.
type EditedOpen struct {
	List    string   `cbor:"1,keyasint"` // "services", "needs", ...
	Code    string   `cbor:"2,keyasint"`
	Changes []Change `cbor:"3,keyasint"`
}

// Change sets one field: "label.fr" (text), "hidden" (bool), "asks" (asks, or null for none), and "row" (row), which
// makes a local service. Replaces names the edits of that field that the author had before her eyes.
type Change struct {
	_        struct{} `cbor:",toarray"`
	Field    string
	Value    cbor.RawMessage
	Replaces []fact.FactID
}

// asks is an interval as it travels.
type asks struct {
	_     struct{} `cbor:",toarray"`
	Count int
	Hours int
	Per   string
}

// row is what never changes of a local service.
type row struct {
	_      struct{} `cbor:",toarray"`
	Sector string
	Unit   string
	Seen   string
}

const (
	labelField  = "label."
	hiddenField = "hidden"
	asksField   = "asks"
	rowField    = "row"
)

// changes turns an edit into the fields that it sets; heads are those of the row.
func changes(e catalogue.Edit, heads []journal.Head) ([]Change, error) {
	values := map[string]any{}
	for lang, text := range e.Labels {
		values[labelField+lang] = text
	}
	if e.Hidden != nil {
		values[hiddenField] = *e.Hidden
	}
	switch {
	case e.Asks != nil:
		values[asksField] = &asks{Count: e.Asks.Count, Hours: e.Asks.Hours, Per: e.Asks.Per}
	case e.NoAsks:
		values[asksField] = (*asks)(nil)
	}
	if e.Add {
		values[rowField] = row{Sector: *e.Sector, Unit: *e.Unit, Seen: string(*e.Seen)}
	}
	var out []Change
	for _, field := range slices.Sorted(maps.Keys(values)) {
		c := Change{Field: field}
		var err error
		if c.Value, err = fact.Encode(values[field]); err != nil {
			return nil, err
		}
		for _, h := range heads {
			if h.Field == field {
				c.Replaces = append(c.Replaces, h.Fact)
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// edit turns the heads of one row back into the edit that makes it. A value that cannot be read is left out: it comes
// from a newer program or a broken peer.
func edit(subject string, heads []journal.Head) catalogue.Edit {
	list, code, _ := strings.Cut(subject, "/")
	e := catalogue.Edit{List: list, Code: code}
	for i, h := range heads {
		if i > 0 && heads[i-1].Field == h.Field {
			continue // another head of the field shows
		}
		tried := e
		tried.Labels = maps.Clone(e.Labels)
		if put(&tried, h.Field, h.Value) == nil {
			e = tried
		}
	}
	return e
}

func put(e *catalogue.Edit, field string, value []byte) error {
	lang, isLabel := strings.CutPrefix(field, labelField)
	switch {
	case isLabel:
		var text string
		if err := fact.Decode(value, &text); err != nil {
			return err
		}
		if e.Labels == nil {
			e.Labels = catalogue.Labels{}
		}
		e.Labels[lang] = text
	case field == hiddenField:
		e.Hidden = new(bool)
		return fact.Decode(value, e.Hidden)
	case field == asksField:
		var a *asks
		if err := fact.Decode(value, &a); err != nil {
			return err
		}
		if e.NoAsks = a == nil; a != nil {
			e.Asks = &catalogue.Interval{Count: a.Count, Hours: a.Hours, Per: a.Per}
		}
	case field == rowField:
		var r row
		if err := fact.Decode(value, &r); err != nil {
			return err
		}
		seen := catalogue.Class(r.Seen)
		e.Add, e.Sector, e.Unit, e.Seen = true, &r.Sector, &r.Unit, &seen
	}
	return nil
}

// plain is an edit as a row of the projection keeps it, for people who look into the table.
func plain(e catalogue.Edit) (string, error) {
	b, err := json.Marshal(e)
	return string(b), err
}
