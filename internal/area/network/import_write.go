package network

import (
	"bytes"
	"slices"

	"serai/internal/fact"
	"serai/internal/store"
)

// write appends what differs. Numbers are given in the order of codes, so that the order of rows decides nothing. Facts
// are written in the order of ids, in which the tables are kept: fifty thousand rows would else land all over them.
func (m *importing) write() ([]fact.FactID, error) {
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
	var ids []fact.FactID
	err := write(m, &ids, m.orgs, organisationFields, func(k *known[fact.OrgID, Organisation], c []Change) ([]fact.FactID, error) {
		return m.append(OrganisationSet, k.id.Bytes(), c)
	})
	if err == nil {
		err = write(m, &ids, m.points, pointFields, func(k *known[fact.PointID, Point], c []Change) ([]fact.FactID, error) {
			return m.service.setPoint(m.tx, fact.FactID{}, m.who.Handle, k.id, k.want, c, true)
		})
	}
	if err == nil {
		err = write(m, &ids, m.routes, routeFields, func(k *known[fact.RouteID, Route], c []Change) ([]fact.FactID, error) {
			return m.append(RouteSet, k.id.Bytes(), c)
		})
	}
	return ids, err
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

// write appends what differs of one file, and adds the ids of the facts to ids.
func write[ID identity, T any](m *importing, ids *[]fact.FactID, all map[string]*known[ID, T], fields record[T], add func(*known[ID, T], []Change) ([]fact.FactID, error)) error {
	news := byCode(all)
	slices.SortStableFunc(news, func(a, b *known[ID, T]) int { return bytes.Compare(a.id.Bytes(), b.id.Bytes()) })
	for _, k := range news {
		changes, err := changed(m.tx, fields, k)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			continue
		}
		more, err := add(k, changes)
		if err != nil {
			return err
		}
		*ids = append(*ids, more...)
	}
	return nil
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

func (m *importing) append(t fact.Type[SetOpen, struct{}], subject []byte, changes []Change) ([]fact.FactID, error) {
	id, err := importedFact(t.Kind, SetOpen{Subject: subject, Changes: changes})
	if err != nil {
		return nil, err
	}
	return m.service.set(m.tx, t, id, fact.ScopeOpen, m.who.Handle, subject, changes)
}
