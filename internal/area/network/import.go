package network

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

//go:embed demo/organisations.csv demo/points.csv demo/routes.csv
var demo embed.FS

// DemoNetwork is the network of the demonstration as three CSV files. Places marked "source" are named in public
// documents of the Movement, those marked "illustration" are not.
var DemoNetwork = must(fs.Sub(demo, "demo"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Files are the three files of an import; a nil one is left out.
type Files struct{ Organisations, Points, Routes []byte }

// ReadFiles takes organisations.csv, points.csv and routes.csv out of a folder, those that are there.
func ReadFiles(folder fs.FS) (Files, error) {
	var f Files
	found := false
	for name, into := range map[string]*[]byte{"organisations.csv": &f.Organisations, "points.csv": &f.Points, "routes.csv": &f.Routes} {
		content, err := fs.ReadFile(folder, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return Files{}, fmt.Errorf("read %s: %w", name, err)
		default:
			*into, found = content, true
		}
	}
	if !found {
		return Files{}, fault.Invalid("network.no_files", "there is none of organisations.csv, points.csv and routes.csv in this folder")
	}
	return f, nil
}

// Tally counts what an import found.
type Tally struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
}

// Imported is the result of an import. With errors, nothing was imported.
type Imported struct {
	DryRun        bool     `json:"dry_run"`
	Done          bool     `json:"done"` // false for a dry run and when there are errors
	Organisations Tally    `json:"organisations"`
	Points        Tally    `json:"points"`
	Routes        Tally    `json:"routes"`
	Errors        []Remark `json:"errors"`
	Warnings      []Remark `json:"warnings"`
}

// Import brings organisations, points and routes from CSV files. It can be repeated: what is the same is left alone,
// and of what differs only those fields change that the files speak of. What the files leave out stays. Every row is
// checked before the first is written: with errors, nothing is imported. A dry run says what would happen.
//
// The desks go on working meanwhile: records are written in stretches of less than half a second. An import that is cut
// off between two of them leaves whole records, says how many, and is brought to its end by the same files once more.
//
// The error is for what is no matter of the files.
func (s *Service) Import(ctx context.Context, who access.Actor, files Files, dryRun bool) (Imported, error) {
	return s.ImportTold(ctx, who, files, dryRun, func(int, int) {})
}

// ImportTold is Import that tells of its progress: records written, and all that will be.
func (s *Service) ImportTold(ctx context.Context, who access.Actor, files Files, dryRun bool, progress func(done, all int)) (Imported, error) {
	out, err := s.imported(ctx, who, files, dryRun, progress)
	if err != nil {
		return Imported{}, fmt.Errorf("import the network: %w", err)
	}
	return out, nil
}

// looksMost is how often an import looks at the tables anew because somebody made the same point meanwhile.
const looksMost = 5

func (s *Service) imported(ctx context.Context, who access.Actor, files Files, dryRun bool, progress func(done, all int)) (out Imported, err error) {
	if !dryRun { // two at once would only wait for each other
		s.importing.Lock()
		defer s.importing.Unlock()
	}
	done := 0
	for try := 0; ; try++ {
		var run *importing
		var now Imported
		err := s.db.Read(ctx, func(tx *store.Tx) error {
			if !dryRun {
				// The same request with other files is refused before anything is written.
				if _, err := s.journal.Replayed(ctx, tx, who.Handle); err != nil {
					return err
				}
			}
			run = &importing{service: s, tx: tx, who: who, told: &remarks{}}
			now = Imported{DryRun: dryRun}
			if err := run.read(files, &now); err != nil {
				return err
			}
			now.Errors, now.Warnings = run.told.inOrder()
			return nil
		})
		if err != nil {
			return out, err
		}
		if try == 0 || len(now.Errors) > 0 {
			out = now
		}
		if dryRun || len(now.Errors) > 0 {
			if done > 0 {
				return out, cut(done, done, fault.Invalidf("network.import_errors", "the network was changed meanwhile; row %d of %s no longer fits: %s", now.Errors[0].Row, now.Errors[0].File, now.Errors[0].Detail))
			}
			return out, nil
		}
		todo := run.todo()
		all := done + len(todo)
		for len(todo) > 0 && err == nil {
			var n int
			n, err = s.stretch(ctx, who, todo)
			if done, todo = done+n, todo[n:]; n > 0 {
				progress(done, all)
			}
		}
		switch {
		case errors.Is(err, errMeanwhile) && try < looksMost:
			continue
		case err != nil && done > 0:
			return out, cut(done, all, err)
		case err != nil:
			return out, err
		}
		_, _, err = s.journal.Do(ctx, who.Handle, fact.FactID{}, func(*store.Tx) ([]fact.FactID, error) { return nil, nil })
		out.Done = err == nil
		return out, err
	}
}

// cut says what an import leaves that came to no end.
func cut(done, all int, why error) error {
	reason := "it was stopped"
	if !errors.Is(why, context.Canceled) && !errors.Is(why, context.DeadlineExceeded) {
		if fault.Of(why) == fault.Internal {
			return fmt.Errorf("%d of %d records are written, and the same files can be imported again: %w", done, all, why)
		}
		reason = fault.All(why)[0].Detail
	}
	return fault.Conflict("network.import_cut", fmt.Sprintf("%d of %d records are written: %s; import the same files again: what stands is left alone and the rest follows", done, all, reason))
}

// importing is one import under way: what is known, and what the files want.
type importing struct {
	service *Service
	tx      *store.Tx
	who     access.Actor
	told    *remarks
	cat     *catalogue.Catalogue

	issuers map[uint32]bool // card numbers that are given
	numbers map[uint32]bool

	orgs   map[string]*known[fact.OrgID, Organisation]
	points map[string]*known[fact.PointID, Point]
	routes map[string]*known[fact.RouteID, Route]
}

// identity is what every id can do.
type identity interface{ Bytes() []byte }

// known is a record under its code: as it is in the tables, and as the file wants it.
type known[ID identity, T any] struct {
	code string
	id   ID
	was  *T // nil: new
	want *T // nil: the file does not speak of it
	row  row
	news bool // the file says something that the tables do not
}

func (m *importing) read(files Files, out *Imported) error {
	var err error
	if m.cat, err = m.service.catalogue(m.tx); err != nil {
		return err
	}
	if err := m.load(); err != nil {
		return err
	}
	if files.Organisations != nil {
		m.readOrganisations(files.Organisations)
	}
	if files.Points != nil {
		m.readPoints(files.Points)
	}
	if files.Routes != nil {
		m.readRoutes(files.Routes)
	}
	out.Organisations = count(m.orgs)
	out.Points = count(m.points)
	out.Routes = count(m.routes)
	return nil
}

func count[ID identity, T any](all map[string]*known[ID, T]) Tally {
	var t Tally
	for _, k := range all {
		switch {
		case k.want == nil:
		case k.was == nil:
			t.New++
		case k.news:
			t.Changed++
		default:
			t.Same++
		}
	}
	return t
}

func (m *importing) load() error {
	m.issuers, m.numbers = map[uint32]bool{}, map[uint32]bool{}
	m.orgs = map[string]*known[fact.OrgID, Organisation]{}
	m.points = map[string]*known[fact.PointID, Point]{}
	m.routes = map[string]*known[fact.RouteID, Route]{}
	if err := eachOrganisation(m.tx, `WHERE code <> '' ORDER BY organisation DESC`, nil, func(o OrganisationRow) error {
		m.issuers[uint32(o.Number)] = true
		m.orgs[o.Code] = &known[fact.OrgID, Organisation]{code: o.Code, id: o.ID, was: &o.Organisation}
		return nil
	}); err != nil {
		return err
	}
	// The lower id comes last and answers to a code that two points have.
	if err := m.tx.Each(selectPoint+` WHERE code <> '' ORDER BY point DESC`, nil, func(r *store.Row) error {
		p, err := scanPoint(r)
		if err != nil {
			return err
		}
		m.numbers[p.Number] = true
		m.points[p.Code] = &known[fact.PointID, Point]{code: p.Code, id: p.ID, was: &p.Point}
		return nil
	}); err != nil {
		return err
	}
	all, err := routes(m.tx)
	for _, r := range slices.Backward(all) {
		m.routes[r.Code] = &known[fact.RouteID, Route]{code: r.Code, id: r.ID, was: &r.Route}
	}
	return err
}

// claim finds the record that a row is about and refuses a code that stands in the file twice.
func claim[ID identity, T any](all map[string]*known[ID, T], r row, column, code string, fresh ID) *known[ID, T] {
	k := all[code]
	if k == nil {
		k = &known[ID, T]{code: code, id: fresh}
		all[code] = k
	}
	if k.want != nil {
		r.refuse(column, "network.doubled_code", "this code stands in row %d already; one of them must go", k.row.at)
		return nil
	}
	k.want, k.row = new(T), r
	if k.was != nil {
		*k.want = *k.was
	}
	return k
}

func (m *importing) readOrganisations(content []byte) {
	s := readSheet("organisations", content, []string{"code", "name", "kind"}, []string{"country", "basis"}, m.told)
	for _, r := range s.rows {
		code := r.text("code")
		k := claim(m.orgs, r, "code", code, fact.OrgByCode(code))
		if k == nil {
			continue
		}
		o := k.want
		o.Code, o.Name, o.Kind = code, r.text("name"), r.text("kind")
		if s.has("country") {
			o.Country = r.text("country")
		}
		if s.has("basis") {
			o.Source = r.text("basis")
		}
		var err error
		if k.was != nil {
			err = k.was.Become(*o)
		} else {
			err = o.check()
		}
		m.told.faults(r.place(""), err)
		m.basis(r, o.Source)
		if k.news = k.was == nil || differs(organisationFields, k.was, o); k.news {
			m.allow(r, "code", k.id)
		}
	}
}

func differs[T any](fields record[T], was, want *T) bool {
	changes, err := fields.edit(was, want, nil, nil)
	return err != nil || len(changes) > 0
}

// allow refuses a row that would change what the roles of whoever imports do not reach.
func (m *importing) allow(r row, column string, org fact.OrgID) {
	if m.service.may(m.who, "network.import", org, fact.PointID{}) != nil {
		r.refuse(column, "network.not_yours", "your roles do not reach this organisation; leave the row out, or ask an administrator to import it")
	}
}

func (m *importing) basis(r row, source string) {
	var c checker
	c.text("basis", source, 60, false)
	m.told.faults(r.place(""), c.err())
}
