package network

import (
	"cmp"
	"slices"

	"serai/internal/catalogue"
	"serai/internal/fact"
)

// Project is what a donor pays for.
type Project struct {
	Code  string
	Name  string
	Org   fact.OrgID // who runs it
	Donor string
}

// check returns every fault of the project.
func (p Project) check() error {
	var c checker
	c.code("code", p.Code, projectCode, "MDRNE031: 2 to 40 letters, digits and . _ / -")
	c.text("name", p.Name, 120, true)
	c.text("donor", p.Donor, 120, false)
	if p.Org.IsZero() {
		c.refuse("organisation", "network.missing", "name the organisation that runs the project")
	}
	return c.err()
}

// whole is a share of 100 %, in hundredths of a percent.
const whole = 100_00

// Interval says that a project pays a share of a service at a point from one day to another.
type Interval struct {
	Point   fact.PointID
	Service string // a code of the catalogue; empty for every service of the point
	Project fact.ProjectID
	Donor   string
	Share   int        // hundredths of a percent, 1..10000
	From    fact.Day   // the first day
	Until   fact.Day   // the last day
	Org     fact.OrgID // the point's, in whose feed the interval stands
}

// check returns every fault of the interval beside others that pay at the same point. cat knows the services.
func (v Interval) check(cat *catalogue.Catalogue, others []Interval) error {
	var c checker
	if v.Service != "" {
		if _, known := cat.Service(v.Service); !known {
			c.refuse("service", "network.unknown_service", "this is no service of the catalogue; leave it empty for every service of the point")
		}
	}
	if v.Project.IsZero() {
		c.refuse("project", "network.missing", "name the project that pays")
	}
	c.text("donor", v.Donor, 120, false)
	if v.Share < 1 || v.Share > whole {
		c.refuse("share", "network.out_of_range", "a share is more than 0 and at most 100 percent, with two decimals")
	}
	switch {
	case v.From < firstDay || v.From > v.Until:
		c.refuse("until", "network.ends_before", "the last day is not before the first, and the first not before %s", firstDay)
	case v.Until-v.From > 20*366:
		c.refuse("until", "network.out_of_range", "funding runs for twenty years at most")
	}
	if len(c.bad) > 0 {
		return c.err()
	}
	if day, share := v.over(others); share > whole {
		c.refuse("share", "network.over_funded", "with what is promised already, %s would be paid at %d.%02d percent on %s; lower the share or change the days",
			cmp.Or(v.Service, "a service"), share/100, share%100, day)
	}
	return c.err()
}

// over returns the day on which v and others pay the largest share of one service, and that share. An interval for
// every service counts for each.
func (v Interval) over(others []Interval) (worst fact.Day, most int) {
	services := []string{v.Service}
	for _, o := range others {
		// Where v pays for everything, every service that somebody pays for on its own must be looked at.
		if v.Service == "" && o.Service != "" && !slices.Contains(services, o.Service) {
			services = append(services, o.Service)
		}
	}
	// A sum can only grow where an interval begins.
	days := []fact.Day{v.From}
	for _, o := range others {
		if o.From > v.From && o.From <= v.Until {
			days = append(days, o.From)
		}
	}
	for _, service := range services {
		for _, day := range days {
			sum := v.Share
			for _, o := range others {
				if o.From <= day && day <= o.Until && (o.Service == "" || o.Service == service) {
					sum += o.Share
				}
			}
			if sum > most {
				worst, most = day, sum
			}
		}
	}
	return worst, most
}
