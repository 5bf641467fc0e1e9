package network

import (
	"context"
	"math"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/store"
)

// projectView is a project in an answer.
type projectView struct {
	ID           fact.ProjectID `json:"id"`
	Code         string         `json:"code"`
	Name         string         `json:"name"`
	Organisation fact.OrgID     `json:"organisation"`
	Donor        string         `json:"donor,omitempty"`
}

type projectsOut struct {
	Projects []projectView `json:"projects"`
}

func (s *Service) getProjects(ctx context.Context, who access.Actor, _ *nothing) (projectsOut, error) {
	out := projectsOut{Projects: []projectView{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		all, err := s.Projects(tx)
		for _, p := range all {
			if sees(who, p.Org, s.now()) {
				out.Projects = append(out.Projects, projectView{p.ID, p.Code, p.Name, p.Org, p.Donor})
			}
		}
		return err
	})
	return out, err
}

type postProjectIn struct {
	Body struct {
		ID           fact.ProjectID `json:"id,omitzero"`
		Code         string         `json:"code"`
		Name         string         `json:"name"`
		Organisation string         `json:"organisation" doc:"id or code"`
		Donor        string         `json:"donor,omitempty"`
	}
}

func (s *Service) postProject(ctx context.Context, who access.Actor, in *postProjectIn) (projectView, error) {
	b := &in.Body
	org, err := s.lookup(ctx, b.Organisation)
	if err != nil {
		return projectView{}, err
	}
	p := Project{Code: b.Code, Name: b.Name, Org: org, Donor: b.Donor}
	id, err := s.AddProject(ctx, who, b.ID, p)
	return projectView{id, p.Code, p.Name, p.Org, p.Donor}, err
}

// intervalView is a funded interval in an answer.
type intervalView struct {
	ID      fact.IntervalID `json:"id"`
	Point   fact.PointID    `json:"point"`
	Service string          `json:"service" doc:"A code of the catalogue; empty for every service of the point"`
	Project fact.ProjectID  `json:"project"`
	Donor   string          `json:"donor,omitempty"`
	Share   float64         `json:"share" doc:"Percent, with two decimals"`
	From    fact.Day        `json:"from"`
	Until   fact.Day        `json:"until" doc:"The last day"`
	// Over says that two nodes promised more than everything without knowing of each other.
	Over bool `json:"over,omitempty"`
}

type getFundingIn struct {
	Point fact.PointRef `query:"point"`
}

type fundingOut struct {
	Funding []intervalView `json:"funding"`
}

// getFunding lists what the caller's roles reach: what they do not reach is not there.
func (s *Service) getFunding(ctx context.Context, who access.Actor, in *getFundingIn) (fundingOut, error) {
	out := fundingOut{Funding: []intervalView{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		where, args := who.Filter("network.fund", access.Columns{Org: "organisation", Point: "point"}, s.now(), 1)
		all, err := intervals(tx, where, args...)
		if err != nil {
			return err
		}
		point := in.Point.ID
		if !point.IsZero() {
			row, err := s.load(tx, point)
			if err != nil {
				return err
			}
			point = row.ID
		}
		beside := map[fact.PointID][]IntervalRow{}
		for _, v := range all {
			beside[v.Point] = append(beside[v.Point], v)
		}
		for _, v := range all {
			if !point.IsZero() && v.Point != point {
				continue
			}
			var others []Interval
			for _, o := range beside[v.Point] {
				if o.ID != v.ID {
					others = append(others, o.Interval)
				}
			}
			_, share := v.over(others)
			out.Funding = append(out.Funding, viewInterval(v, share > whole))
		}
		return nil
	})
	return out, err
}

func viewInterval(v IntervalRow, over bool) intervalView {
	return intervalView{v.ID, v.Point, v.Service, v.Project, v.Donor, float64(v.Share) / 100, v.From, v.Until, over}
}

type postFundingIn struct {
	Body struct {
		ID      fact.IntervalID `json:"id,omitzero"`
		Point   fact.PointRef   `json:"point"`
		Service string          `json:"service,omitempty"`
		Project string          `json:"project" doc:"id or code"`
		Donor   string          `json:"donor,omitempty"`
		Share   float64         `json:"share" doc:"Percent" minimum:"0" maximum:"100"`
		From    fact.Day        `json:"from"`
		Until   fact.Day        `json:"until"`
	}
}

func (s *Service) postFunding(ctx context.Context, who access.Actor, in *postFundingIn) (intervalView, error) {
	b := &in.Body
	var project fact.ProjectID
	if len(b.Project) != 36 || project.UnmarshalText([]byte(b.Project)) != nil {
		project = fact.ProjectByCode(b.Project)
	}
	id, err := s.Fund(ctx, who, b.ID, Interval{Point: b.Point.ID, Service: b.Service, Project: project, Donor: b.Donor,
		Share: int(math.Round(b.Share * 100)), From: b.From, Until: b.Until})
	if err != nil {
		return intervalView{}, err
	}
	return s.interval(ctx, id)
}

func (s *Service) interval(ctx context.Context, id fact.IntervalID) (out intervalView, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := intervals(tx, `interval_id = $1`, id)
		for _, v := range rows {
			out = viewInterval(v, false)
		}
		return err
	})
	return out, err
}

type patchFundingIn struct {
	Interval fact.IntervalID `path:"interval"`
	Body     struct {
		ID    fact.FactID `json:"id,omitzero"`
		Until fact.Day    `json:"until"`
	}
}

func (s *Service) patchFunding(ctx context.Context, who access.Actor, in *patchFundingIn) (intervalView, error) {
	if err := s.EndFunding(ctx, who, in.Body.ID, in.Interval, in.Body.Until); err != nil {
		return intervalView{}, err
	}
	return s.interval(ctx, in.Interval)
}
