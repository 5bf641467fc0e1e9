package fact

import "serai/internal/fault"

// PointRef names a point as people write it: by its id, or by the code of an imported point ("NE-AGZ", "SEA-OV"),
// which stands for the id that PointByCode gives. It says nothing about whether such a point exists.
type PointRef struct{ ID PointID }

// IsZero tells whether no point is named.
func (p PointRef) IsZero() bool { return p.ID.IsZero() }

// String returns the id's text form.
func (p PointRef) String() string { return p.ID.String() }

// MarshalText writes the id.
func (p PointRef) MarshalText() ([]byte, error) { return p.ID.MarshalText() }

// UnmarshalText reads an id or a code of 3 to 16 capitals, digits and hyphens; an empty text names no point.
func (p *PointRef) UnmarshalText(b []byte) error {
	if len(b) == 0 || len(b) == 36 {
		return p.ID.UnmarshalText(b)
	}
	bad := fault.Invalid("fact.bad_point", "name a point by its id or by a code such as NE-AGZ")
	if len(b) < 3 || len(b) > 16 {
		return bad
	}
	for _, c := range b {
		if c != '-' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return bad
		}
	}
	p.ID = PointByCode(string(b))
	return nil
}
