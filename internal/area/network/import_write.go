package network

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"serai/internal/access"
	"serai/internal/fact"
	"serai/internal/fault"
	"serai/internal/store"
)

// item is one record to write.
type item struct {
	code   string
	isNew  string // "point", "organisation", "route"; empty for a record that is there
	number uint32 // the number that a new one gets, 0 for a route
	write  func(*store.Tx) error
}

const (
	stretchMost = 1000
	stretchTime = 200 * time.Millisecond // of the machine's clock; another command waits for two of them at the most
)

// errMeanwhile says that somebody made a record under a code or a number that this import was about to give.
var errMeanwhile = fault.Conflict("network.changed_meanwhile", "the network was changed meanwhile; import the same files again")

// stretch writes the first of the items, as many as fit into the time, and returns how many.
func (s *Service) stretch(ctx context.Context, who access.Actor, todo []item) (n int, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		n = 0
		begin := time.Now()
		some := todo[:min(len(todo), stretchMost)]
		if err := stillFree(tx, some); err != nil {
			return err
		}
		for _, it := range some {
			if n > 0 && time.Since(begin) > stretchTime {
				return nil
			}
			if err := it.write(tx); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// stillFree looks whether codes and numbers of new records are still free.
func stillFree(tx *store.Tx, items []item) error {
	var aliases, numbers, orgs, issuers store.Args
	for _, it := range items {
		switch it.isNew {
		case "point":
			aliases, numbers = append(aliases, fact.PointByCode(it.code)), append(numbers, it.number)
		case "organisation":
			orgs, issuers = append(orgs, it.code), append(issuers, it.number)
		}
	}
	taken := func(*store.Row) error { return errMeanwhile }
	return errors.Join(
		tx.EachOf(`SELECT 1 FROM network_point WHERE alias IN (LIST)`, aliases, taken),
		tx.EachOf(`SELECT 1 FROM network_point WHERE number IN (LIST)`, numbers, taken),
		tx.EachOf(`SELECT 1 FROM network_organisation WHERE code IN (LIST)`, orgs, taken),
		tx.EachOf(`SELECT 1 FROM network_organisation WHERE number IN (LIST)`, issuers, taken))
}

// todo returns what is to be written. Numbers are given in the order of codes, so that the order of rows decides
// nothing. Facts are written in the order of ids, in which the tables are kept: fifty thousand rows would else land all
// over them.
func (m *importing) todo() []item {
	for _, k := range byCode(m.orgs) {
		if k.was == nil {
			n := Number(k.id, lastIssuer, func(n uint32) bool { return m.issuers[n] })
			k.want.Number, m.issuers[n] = uint16(n), true
		}
	}
	for _, k := range byCode(m.points) {
		if k.was == nil {
			n := Number(k.id, lastNumber, func(n uint32) bool { return m.numbers[n] })
			k.want.Number, m.numbers[n] = n, true
		}
	}
	s, who := m.service, m.who.Handle
	out := items(nil, "organisation", m.orgs, organisationFields, func(tx *store.Tx, k *known[fact.OrgID, Organisation], c []Change) error {
		return s.import1(tx, who, OrganisationSet, k.id.Bytes(), c)
	})
	out = items(out, "point", m.points, pointFields, func(tx *store.Tx, k *known[fact.PointID, Point], c []Change) error {
		_, err := s.setPoint(tx, fact.FactID{}, who, k.id, k.want, c, true)
		return err
	})
	return items(out, "route", m.routes, routeFields, func(tx *store.Tx, k *known[fact.RouteID, Route], c []Change) error {
		return s.import1(tx, who, RouteSet, k.id.Bytes(), c)
	})
}

// byCode returns what has to be written, by code.
func byCode[ID identity, T any](all map[string]*known[ID, T]) []*known[ID, T] {
	codes := make([]string, 0, len(all))
	for code, k := range all {
		if k.news {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	out := make([]*known[ID, T], len(codes))
	for i, code := range codes {
		out[i] = all[code]
	}
	return out
}

// items adds what differs of one file.
func items[ID identity, T any](out []item, what string, all map[string]*known[ID, T], fields record[T], add func(*store.Tx, *known[ID, T], []Change) error) []item {
	news := byCode(all)
	slices.SortStableFunc(news, func(a, b *known[ID, T]) int { return bytes.Compare(a.id.Bytes(), b.id.Bytes()) })
	for _, k := range news {
		it := item{code: k.code, write: func(tx *store.Tx) error {
			changes, err := changed(tx, fields, k)
			if err != nil || len(changes) == 0 {
				return err
			}
			return add(tx, k, changes)
		}}
		if k.was == nil {
			it.isNew = what
			switch r := any(k.want).(type) {
			case *Organisation:
				it.number = uint32(r.Number)
			case *Point:
				it.number = r.Number
			}
		}
		out = append(out, it)
	}
	return out
}

func changed[ID identity, T any](tx *store.Tx, fields record[T], k *known[ID, T]) ([]Change, error) {
	if k.was == nil {
		return fields.edit(new(T), k.want, nil, nil)
	}
	all, err := heads.Of(tx, k.id.Bytes())
	if err != nil {
		return nil, err
	}
	return fields.edit(k.was, k.want, all, nil)
}

func (s *Service) import1(tx *store.Tx, who fact.Handle, t fact.Type[SetOpen, struct{}], subject []byte, changes []Change) error {
	id, err := importedFact(t.Kind, SetOpen{Subject: subject, Changes: changes})
	if err == nil {
		_, err = s.set(tx, t, id, fact.ScopeOpen, who, subject, changes)
	}
	return err
}
