package network

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"serai/internal/access"
	"serai/internal/catalogue"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// Export writes organisations.csv, points.csv or routes.csv (RFC 4180, UTF-8 with byte order mark, which spreadsheets
// need for Arabic) so that an import of it changes nothing. A cell that a spreadsheet would run begins with an
// apostrophe. Ships' positions are only in what their own organisation exports.
func (s *Service) Export(ctx context.Context, who access.Actor, file string) ([]byte, error) {
	var rows [][]string
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		switch file {
		case "organisations.csv":
			rows, err = s.exportOrganisations(tx)
		case "points.csv":
			rows, err = s.exportPoints(tx, who)
		case "routes.csv":
			rows, err = s.exportRoutes(tx, who)
		default:
			err = fault.NotFound("network.no_file", "the files are organisations.csv, points.csv and routes.csv")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// cell writes a text so that a spreadsheet shows it and does not run it.
func cell(s string) string {
	if formula(s) {
		return "'" + s
	}
	return s
}

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (s *Service) exportOrganisations(tx *store.Tx) ([][]string, error) {
	rows := [][]string{{"code", "name", "kind", "country", "basis"}}
	all, err := s.Organisations(tx)
	for _, o := range all {
		rows = append(rows, []string{o.Code, cell(o.Name), o.Kind, o.Country, cell(o.Source)})
	}
	return rows, err
}

func (s *Service) exportPoints(tx *store.Tx, who access.Actor) ([][]string, error) {
	rows := [][]string{{"code", "name", "kind", "mobility", "organisation", "country", "lat", "lon", "services", "languages", "hours", "beds", "basis",
		"women_hours", "busy", "time_zone", "visibility", "state"}}
	cat, err := s.catalogue(tx)
	if err != nil {
		return nil, err
	}
	codes, err := s.orgCodes(tx)
	if err != nil {
		return nil, err
	}
	err = tx.Each(selectPoint+` WHERE code <> '' ORDER BY code, point`, nil, func(row *store.Row) error {
		p, err := scanPoint(row)
		if err != nil {
			return err
		}
		var lat, lon, beds string
		if p.Position != nil && (p.Mobility != AtSea || sees(who, p.Org, s.now())) {
			lat, lon = degrees(p.Position.Lat), degrees(p.Position.Lon)
		}
		if p.Beds > 0 {
			beds = strconv.Itoa(p.Beds)
		}
		rows = append(rows, []string{p.Code, cell(p.Name), p.Kind, p.Mobility, codes[p.Org], p.Country, lat, lon,
			strings.Join(families(cat, p.Services), ";"), strings.Join(p.Languages, ";"), cell(p.Hours), beds, cell(p.Source),
			cell(p.WomenHours), cell(p.Busy), p.Zone, p.Visibility, p.State.State})
		return nil
	})
	return rows, err
}

func (s *Service) orgCodes(tx *store.Tx) (map[fact.OrgID]string, error) {
	all, err := s.Organisations(tx)
	codes := make(map[fact.OrgID]string, len(all))
	for _, o := range all {
		codes[o.ID] = o.Code
	}
	return codes, err
}

// families names services the short way: a family where all of it is there, else each code.
func families(cat *catalogue.Catalogue, services []PointService) []string {
	has := map[string]bool{}
	for _, s := range services {
		has[s.Code] = true
	}
	var out []string
	for _, s := range services {
		name := s.Code
		if row, known := cat.Service(s.Code); known {
			missing := func(code string) bool { return !has[code] }
			family := cat.Family(row.Family)
			switch {
			case !slices.ContainsFunc(family, missing):
				name = row.Family
			case slices.Contains(family, row.Family) && s.Code == row.Family:
				name = exact + s.Code
			}
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (s *Service) exportRoutes(tx *store.Tx, who access.Actor) ([][]string, error) {
	rows := [][]string{{"route", "name", "order", "point_or_place", "lat", "lon", "leg_mode", "leg_hours"}}
	all, err := routes(tx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		for i, stop := range r.Stops {
			name, at := stop.Place, stop.Position
			if !stop.Point.IsZero() {
				p, found, err := s.row(tx, stop.Point)
				if err != nil {
					return nil, err
				}
				if !found {
					name = stop.Point.String() // the point is not here yet; an import would say so
				} else if name, at = p.Code, p.Position; p.Mobility == AtSea && !sees(who, p.Org, s.now()) {
					at = nil
				}
			}
			var lat, lon, hours string
			if at != nil {
				lat, lon = degrees(at.Lat), degrees(at.Lon)
			}
			if stop.Hours > 0 {
				hours = degrees(stop.Hours)
			}
			rows = append(rows, []string{r.Code, cell(r.Name), strconv.Itoa(i + 1), cell(name), lat, lon, stop.Mode, hours})
		}
	}
	return rows, nil
}
