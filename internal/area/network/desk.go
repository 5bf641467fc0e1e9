package network

import (
	"sync"
	"time"
	_ "time/tzdata" // a hub may run on a system without a zone database, and a wrong day is worse than half a megabyte

	"serai/internal/fact"
	"serai/internal/store"
)

// Desk is what recording a contact must know of its point.
type Desk struct {
	ID       fact.PointID
	Code     string
	Name     string
	Org      fact.OrgID
	Country  string // ISO 3166, two letters; empty at sea
	PCode    string // empty where none is certain
	Mobility string
	State    string
	Number   uint32         // on cards; 0 is none
	TimeZone string         // IANA
	Location *time.Location // the same, loaded
	Cutoff   time.Duration  // when the operating day ends, after midnight
	Services []string       // codes of the catalogue
}

// Day returns the operating day of an instant at the point.
func (d *Desk) Day(t time.Time) fact.Day { return fact.OperatingDay(t, d.Location, d.Cutoff) }

// desks keeps what recording a contact asks for thousands of times a second. Only the writer fills it, since only the
// writer sees the newest state; whoever merely reads and finds nothing here asks the tables. Nothing here may be changed.
type desks struct {
	mu    sync.RWMutex
	known map[fact.PointID]*Desk // also under the id that stands for the code
}

func (d *desks) get(id fact.PointID) *Desk {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.known[id]
}

// mostDesks bounds the memory; a node has hundreds of points that are worked at, not thousands.
const mostDesks = 4096

func (d *desks) put(desk *Desk) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= mostDesks {
		d.known = map[fact.PointID]*Desk{}
	}
	d.known[desk.ID] = desk
	d.known[fact.PointByCode(desk.Code)] = desk
}

// forget drops a point that changes: at once, for commands of the same commit, and again when the change is durable,
// for what they put in meanwhile. code is the point's new code.
func (d *desks) forget(tx *store.Tx, id fact.PointID, code string) {
	drop := func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if desk := d.known[id]; desk != nil {
			delete(d.known, fact.PointByCode(desk.Code))
		}
		delete(d.known, id)
		delete(d.known, fact.PointByCode(code))
	}
	drop()
	tx.OnCommit(drop)
}

// PointForDesk returns what recording at a point needs. id may also be the one that stands for the point's code. It
// costs a map lookup for a point that was asked for before.
func (s *Service) PointForDesk(tx *store.Tx, id fact.PointID) (Desk, bool, error) {
	if d := s.desk.get(id); d != nil {
		return *d, true, nil
	}
	row, found, err := s.row(tx, id)
	if err != nil || !found {
		return Desk{}, false, err
	}
	d := row.desk()
	if tx.Writing() {
		tx.OnCommit(func() { s.desk.put(&d) })
	}
	return d, true, nil
}

// PointByNumber returns the point that an assistance card means. Where two points have one number, the one with the
// lower id is it, on every node; Service.Twice lists such pairs.
func (s *Service) PointByNumber(tx *store.Tx, number uint32) (Desk, bool, error) {
	row, found, err := s.one(tx, ` WHERE number = $1 AND code <> '' ORDER BY point`, number)
	if err != nil || !found {
		return Desk{}, false, err
	}
	return row.desk(), true, nil
}

func (r *pointRow) desk() Desk {
	d := Desk{ID: r.ID, Code: r.Code, Name: r.Name, Org: r.Org, Country: r.Country, Mobility: r.Mobility, State: r.State.State,
		Number: r.Number, TimeZone: r.zone, Location: r.location(), Cutoff: time.Duration(r.Cutoff) * time.Minute}
	if r.place != nil {
		d.PCode = r.place.PCode
	}
	for _, s := range r.Services {
		d.Services = append(d.Services, s.Code)
	}
	return d
}
